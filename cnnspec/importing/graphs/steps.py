"""The steps of a graph, and what its tensors are while it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from cnnspec.errors import shorten
from cnnspec.ir.shapes import Shape


class UnmodelledStepError(Exception):
    """A step does what no kind stands for; the text finishes the sentence 'layer x: ...'."""


class Step(NamedTuple):
    """One operation: what it is called, where the file has it, the tensors that it reads and makes, its arguments.

    A tensor that is left out is called "". `labels` are the names of the arguments that hold the tensors, if the
    format names them.
    """

    operation: str
    path: str
    name: str
    reads: tuple[str, ...]
    outputs: tuple[str, ...]
    arguments: Mapping[str, Any] = {}
    labels: tuple[str, ...] = ()


class Held(NamedTuple):
    """A tensor that a layer makes: its name in the draft, and for each of its axes behind the batch the axis there."""

    tensor: str
    axes: tuple[int, ...]


class Known(NamedTuple):
    """Numbers that are in the file: their shape, what they are if they are few, and the name of the weights."""

    shape: Shape
    values: tuple[int | float, ...] | None = None
    name: str = ""


class Grouped(NamedTuple):
    """A tensor whose channels are counted as groups of some, perhaps with both exchanged."""

    base: Held
    groups: int
    exchanged: bool = False


class Gauss(NamedTuple):
    """A part of x·(1 + erf(x/√2))/2, which is a gelu: `form` is what has been computed so far."""

    base: Held
    form: str


class Bordered(NamedTuple):
    """A tensor with rows of −∞ around, pairs per axis of an image, which a max-pooling takes for its own padding."""

    base: Held
    rows: tuple[tuple[int, int], ...]


Value = Held | Known | Grouped | Gauss | Bordered | None
"""None stands for a tensor that an unknown step makes: whatever reads it is passed over."""


def channels_first(count: int) -> tuple[int, ...]:
    """Return where the axes are in a draft whose tensors have the channels last."""
    return (count - 1, *range(count - 1))


def demand(value: Any, what: str, accepted: tuple[Any, ...]) -> None:
    """Raise UnmodelledStepError where an argument has a value that is not modelled."""
    if not any(is_near(value, each) for each in accepted):
        shown = ", ".join(f"`{shorten(each)}`" for each in accepted)
        raise UnmodelledStepError(f"`{what}` is `{shorten(value)}`: only {shown} is modelled")


def is_near(one: Any, other: Any) -> bool:
    """Tell whether two values are the same, as far as numbers of 32 bits are."""
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= 1e-5 * max(1, abs(other))
    return bool(one == other)
