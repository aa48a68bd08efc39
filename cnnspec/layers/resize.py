"""Another size of an image: interpolated, or cut out."""

from __future__ import annotations

from typing import Any, Final

from cnnspec.formula import Term, symbol
from cnnspec.ir.arguments import Choice, Count, arg
from cnnspec.ir.keras_rule import KerasRule
from cnnspec.ir.keras_values import ANYTHING
from cnnspec.ir.layer import Layer, Reach, kind, per_element
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, Tensor
from cnnspec.ir.torch_call import Order, TorchCall, expression
from cnnspec.ir.torch_rule import SIZE, Only, TorchRule
from cnnspec.layers._interpolation import ALIKE, NEIGHBOURS, operations
from cnnspec.layers._torch import lacks, torch_call

COSTS: Final = {name: operations(name) for name in NEIGHBOURS} | {"area": 4}
"""Operations per output element."""


def _height(values: Any) -> Any:
    return values["height"]


class Sized(Layer):
    """A layer that gives an image a size; one number stands for both axes."""

    ranks = (2,)
    height: int = arg(Count(positional=True), symbol="h", always=True, doc="rows of the output")
    width: int = arg(Count(), _height, symbol="w", doc="columns of the output, the height unless given")

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """The given size; the channels stay."""
        self.check(x)
        return (symbol("h", self.height, "output height"), symbol("w", self.width, "output width"), x.channels)

    def reach(self, x: Tensor) -> tuple[Reach, ...] | None:
        """Places are between those of the input, or anywhere."""
        return None


_SIZE: Final = {"height": "height", "width": "width"}


@kind("resize", "resizing")
class Resize(Sized):
    """Bring an image to a size by interpolation, whatever its own size."""

    role = Role.RESIZE
    called = r"resiz"
    free = "elements are interpolated, nothing is learned"
    interpolation: str = arg(Choice(tuple(COSTS)), "bilinear", doc="how new elements are made")

    keras = KerasRule(
        "Resizing",
        {**_SIZE, "interpolation": "interpolation"},
        neutral={
            "crop_to_aspect_ratio": False,
            "pad_to_aspect_ratio": False,
            "fill_mode": "constant",
            "fill_value": 0.0,
            "antialias": False,
        },
        first=("height", "width"),
    )
    torch = TorchRule(
        "Upsample",
        {
            "size": SIZE,
            "scale_factor": Only((None,)),
            "mode": "interpolation",
            "align_corners": Only((ANYTHING,)),
            "recompute_scale_factor": Only((ANYTHING,)),
        },
        values={"interpolation": "nearest"},
        order=Order.FIRST,
    )

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's layer, which interpolates as Keras does between two neighbours, not between more."""
        if self.interpolation not in ALIKE:
            raise lacks(self, f"with Keras' interpolation `{self.interpolation}`", step="use `bilinear`")
        given = {"size": (self.height, self.width), "mode": ALIKE[self.interpolation]}
        return (torch_call(self, shapes[0], given),)

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """4 operations per element for bilinear interpolation (fvcore), one per neighbour for the others."""
        return per_element(COSTS[self.interpolation], y, "elements are copied")

    def reach(self, x: Tensor) -> tuple[Reach, ...] | None:
        """One of n/h elements per place, and its neighbour too where they are interpolated linearly."""
        growth = {"nearest": 0, "bilinear": 1}.get(self.interpolation)
        if growth is None:
            return None
        from fractions import Fraction  # noqa: PLC0415 - few networks resize, and the import is slow

        scales = [Fraction(n.value, size) for n, size in zip(x.spatial, (self.height, self.width), strict=True)]
        return tuple(Reach(growth, scale, (scale - 1) / 2) for scale in scales)


@kind("centercrop", "center_crop")
class CenterCrop(Sized):
    """Cut a size out of the middle of an image; a smaller image is enlarged before (Keras)."""

    role = Role.BORDER
    free = "the border is cut off, nothing is learned"
    keras = KerasRule("CenterCrop", _SIZE, first=("height", "width"))

    def reach(self, x: Tensor) -> tuple[Reach, ...] | None:
        """The first element lies inside the input."""
        rows = [(n.value - size) // 2 for n, size in zip(x.spatial, (self.height, self.width), strict=True)]
        return None if min(rows) < 0 else tuple(Reach(offset=row) for row in rows)

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """Take what is in the middle."""
        rows = [(n - size) // 2 for n, size in zip(shapes[0], (self.height, self.width), strict=False)]
        if min(rows) < 0:
            raise lacks(self, "of a larger size than its input", step="put a `resize` before it")
        key = (..., slice(rows[0], rows[0] + self.height), slice(rows[1], rows[1] + self.width))
        return (expression("{0}[{key}]", Order.FIRST, key=key),)


@kind("random_crop")
class RandomCrop(Sized):
    """Cut a size out of an image, anywhere while training and in the middle afterwards."""

    role = Role.BORDER
    free = "the border is cut off, nothing is learned"
    keras = KerasRule("RandomCrop", _SIZE, first=("height", "width"), per_step=False)
