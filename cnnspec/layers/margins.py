"""Kinds that add or remove rows at the border: pad and crop."""

from __future__ import annotations

from cnnspec.formula import EXACT, Term, render
from cnnspec.ir.arguments import Margins, arg
from cnnspec.ir.keras_rule import KerasRule, Via
from cnnspec.ir.layer import Layer, LayerError, Reach, kind
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import AXIS_NAMES, Tensor
from cnnspec.layers._symbols import input_size, paddings
from cnnspec.layers._window import per_side, symmetric

Pairs = tuple[tuple[int, int], ...]


class Border(Layer):
    """A layer that changes only the border of every channel."""

    role = Role.BORDER
    ranks = (1, 2, 3)
    free = "the border changes, nothing is learned"
    margins: Pairs = arg(
        Margins(positional=True), ((1, 1),), symbol="p", always=True, also=("padding", "cropping"), doc="rows per side"
    )


@kind("pad", "zeropad")
class Pad(Border):
    """Add rows of zeros around every channel."""

    optional = True
    keras = KerasRule(
        "ZeroPadding{rank}D", {"padding": Via("margins", symmetric, per_side)}, ranks=(1, 2, 3), first=("padding",)
    )

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """N + p_1 + p_2 per axis."""
        self.check(x)
        return (*(_wider(n, pair) for n, pair in zip(x.spatial, self.margins, strict=True)), x.channels)

    def reach(self, x: Tensor) -> tuple[Reach, ...]:
        """The first element lies before the input."""
        return tuple(Reach(offset=-before) for before, _ in self.margins)


@kind("crop")
class Crop(Border):
    """Remove rows around every channel."""

    keras = KerasRule(
        "Cropping{rank}D", {"cropping": Via("margins", symmetric, per_side)}, ranks=(1, 2, 3), first=("cropping",)
    )

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """N − p_1 − p_2 per axis."""
        self.check(x)
        sizes = [_narrower(n, pair) for n, pair in zip(x.spatial, self.margins, strict=True)]
        for name, size in zip(AXIS_NAMES[x.rank], sizes, strict=True):
            if size.value < 1:
                note = f"{name}: {render(size, EXACT, numbers=True)} = {size.value}".replace("-", "−")
                raise LayerError(
                    "E301", f"`crop` leaves nothing: the output {name} would be {size.value}".replace("-", "−"), note
                )
        return (*sizes, x.channels)

    def reach(self, x: Tensor) -> tuple[Reach, ...]:
        """The first element lies inside the input."""
        return tuple(Reach(offset=before) for before, _ in self.margins)


def _wider(n: Term, pair: tuple[int, int]) -> Term:
    return sum(paddings(*pair), input_size(n.value))


def _narrower(n: Term, pair: tuple[int, int]) -> Term:
    size = input_size(n.value)
    for rows in paddings(*pair):
        size = size - rows
    return size
