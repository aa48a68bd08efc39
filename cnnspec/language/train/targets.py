"""What a network is to tell of a sample: a new sort of target is a row here, and a file among the results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from cnnspec.ir.keras_rule import Call
from cnnspec.layers.activations import Outputs

CLASS: Final = "class"
LABELS: Final = "labels"
NUMBERS: Final = "numbers"
MASK: Final = "mask"
ACCURACY: Final = "accuracy"


class Target(NamedTuple):
    """A sort of target: what it is, what losses measure it, and whether it is one for every position of the output.

    `accuracy` is what is measured where nothing else is said: None leaves it to Keras, a call in `keras.metrics` has
    the same name, and other words stand in its place. `has_classes` tells that each value is one of several classes.
    `title` is what an output is called in a table.
    """

    what: str
    losses: frozenset[Outputs]
    positions: bool | None = False
    accuracy: Call | str | None = None
    has_classes: bool = False
    title: str = "Output"

    def suits(self, outputs: tuple[int, ...]) -> bool:
        """Tell whether an output of this shape can be of this sort."""
        return self.positions is None or self.positions == (len(outputs) > 1)

    def names(self, units: int) -> int:
        """Return how many classes, labels or numbers so many units tell: one unit tells two classes apart."""
        return max(units, 2) if self.has_classes else units


TARGETS: Final[Mapping[str, Target]] = {
    CLASS: Target("one class for a sample", frozenset(Outputs), has_classes=True, title="Class"),
    LABELS: Target(
        "a 0 or 1 for every output",
        frozenset((Outputs.PROBABILITIES,)),
        accuracy=Call("BinaryAccuracy", {}),
        title="Label",
    ),
    NUMBERS: Target(
        "a number for every output",
        frozenset((Outputs.NUMBERS, Outputs.PROBABILITIES)),
        positions=None,
        accuracy="mean_absolute_error",
    ),
    MASK: Target("a class at every position", frozenset(Outputs), positions=True, has_classes=True, title="Class"),
}
