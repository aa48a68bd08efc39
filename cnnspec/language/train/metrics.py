"""What is measured besides the loss, by Keras' names: a new metric is a line here, a new distance is a loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from cnnspec.ir.arguments import Choice
from cnnspec.ir.keras_rule import Call
from cnnspec.language.train.losses import LOSSES
from cnnspec.layers.activations import Outputs

TOP: Final = 5
"""The k of the top-k accuracy."""
LOSS: Final = "loss"
VALIDATION: Final = "val_"
"""Stands before what is measured on validation data."""


class Metric(NamedTuple):
    """A metric: other spellings of its name, and the calls in `keras.metrics` where its name alone is not enough.

    The first call is for a loss that takes the numbers of the classes, the second for every other one. A `distance`
    needs a number for every output.
    """

    aliases: tuple[str, ...] = ()
    calls: tuple[Call, Call] | None = None
    distance: bool = False


METRICS: Final[Mapping[str, Metric]] = {
    "accuracy": Metric(aliases=("acc",)),
    f"top_{TOP}_accuracy": Metric(
        calls=(Call("SparseTopKCategoricalAccuracy", {"k": TOP}), Call("TopKCategoricalAccuracy", {"k": TOP}))
    ),
    "root_mean_squared_error": Metric(
        ("rmse",), (Call("RootMeanSquaredError", {}), Call("RootMeanSquaredError", {})), distance=True
    ),
    **{name: Metric(loss.aliases, distance=True) for name, loss in LOSSES.items() if loss.outputs is Outputs.NUMBERS},
}


def monitors() -> Choice:
    """Return the choice of what can tell the best epoch: the loss or a metric, also on validation data."""
    names = {LOSS: LOSS} | {word: name for name, metric in METRICS.items() for word in (name, *metric.aliases)}
    spoken = {f"{part}{word}": f"{part}{name}" for part in ("", VALIDATION) for word, name in names.items()}
    return Choice(tuple(dict.fromkeys(spoken.values())), tuple(spoken.items()))


def is_distance(name: str) -> bool:
    """Tell whether a metric needs a number for every output."""
    return name in METRICS and METRICS[name].distance


def is_better(name: str, value: float, than: float) -> bool:
    """Tell whether a value of what is monitored is better than another: of shares the larger, of the rest the less."""
    metric = METRICS.get(name.removeprefix(VALIDATION))
    return value > than if metric and not metric.distance else value < than
