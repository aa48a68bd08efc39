"""Shapes: channels-last, without the batch axis, as plain tuples or as traced dimensions."""

from __future__ import annotations

from math import prod
from typing import Final, NamedTuple

from cnnspec.formula import Term, product, symbol

Shape = tuple[int, ...]
"""`(28, 28, 32)`, `(120,)`: spatial sizes, then channels."""

AXES: Final = {0: (), 1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}
"""The symbols of the spatial axes, by their number."""
AXIS_NAMES: Final = {0: (), 1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
"""The words for the spatial axes, by their number."""


class Tensor(NamedTuple):
    """What enters or leaves a layer, every dimension a fresh leaf of a formula; `others` are a join's other inputs."""

    dims: tuple[Term, ...]
    others: tuple[Tensor, ...] = ()

    @property
    def shape(self) -> Shape:
        """The dimensions as integers."""
        return tuple([dim.value for dim in self.dims])

    @property
    def rank(self) -> int:
        """The number of spatial axes: 0 for a vector, 2 for an image."""
        return len(self.dims) - 1

    @property
    def spatial(self) -> tuple[Term, ...]:
        """All dimensions but the last."""
        return self.dims[:-1]

    @property
    def channels(self) -> Term:
        """The last dimension."""
        return self.dims[-1]

    @property
    def size(self) -> Term:
        """The number of elements."""
        return product(self.dims)


def tensor(shape: Shape, mark: str = "", others: tuple[Shape, ...] = ()) -> Tensor:
    """Return a shape as fresh leaves: `H`, `W`, `C` for an image, `N` for a vector, each followed by `mark`."""
    leaves = _LEAVES.get(len(shape)) or _numbered(len(shape))
    if mark:
        dims = tuple([symbol(name + mark, size) for (name, _), size in zip(leaves, shape, strict=True)])
    else:
        dims = tuple([symbol(name, size, meaning) for (name, meaning), size in zip(leaves, shape, strict=True)])
    return Tensor(dims, tuple([tensor(other) for other in others]))


def input_channels(count: int) -> Term:
    """Return the channels of an input, which are all that a vector has, as a fresh leaf."""
    name, meaning = _CHANNELS
    return symbol(name, count, meaning)


_CHANNELS: Final = ("C", "input channels")
_LEAVES: Final = {1: (("N", "input size"),)} | {
    rank + 1: (*((axis, f"input {word}") for axis, word in zip(axes, AXIS_NAMES[rank], strict=True)), _CHANNELS)
    for rank, axes in AXES.items()
    if rank
}
"""The name and the meaning of every dimension, by their number."""


def _numbered(count: int) -> tuple[tuple[str, str], ...]:
    return tuple((f"n_{index}", "") for index in range(1, count + 1))


def size_of(shape: Shape) -> int:
    """Return the number of elements.

    >>> size_of((28, 28, 8))
    6272
    """
    return prod(shape)


def show(shape: Shape) -> str:
    """Return a shape as a reader writes it.

    >>> show((28, 28, 8)), show((120,))
    ('(28, 28, 8)', '(120,)')
    """
    return str(shape)


def looks_channels_first(shape: Shape) -> bool:
    """Tell whether a shape has few channels in front, and behind what is rather a size.

    >>> looks_channels_first((3, 224, 224)), looks_channels_first((28, 28, 1)), looks_channels_first((1, 28, 28))
    (True, False, True)
    """
    return len(shape) == 3 and shape[0] in (1, 2, 3, 4) and min(shape[1:]) > 16


def without_batch(shape: Shape) -> str:
    """Return what helps where a shape has the batch in front, and perhaps the channels behind it.

    >>> without_batch((32, 28, 28, 1)), without_batch((1, 3, 224, 224))
    ('leave the batch out: `28x28x1`', 'leave the batch out, and write the channels last: `224x224x3`')
    """
    image = shape[1:]
    if looks_channels_first(image):
        return f"leave the batch out, and write the channels last: `{compact((*image[1:], image[0]))}`"
    return f"leave the batch out: `{compact(image)}`"


def compact(shape: Shape) -> str:
    """Return a shape as the spec language writes it.

    >>> compact((28, 28, 8))
    '28x28x8'
    """
    return "x".join(map(str, shape))
