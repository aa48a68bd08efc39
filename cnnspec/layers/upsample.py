"""Enlarging without learning."""

from __future__ import annotations

from cnnspec.formula import Term
from cnnspec.ir.arguments import Choice, PerAxis, arg
from cnnspec.ir.keras_rule import KerasRule
from cnnspec.ir.keras_values import ANYTHING, shortest
from cnnspec.ir.layer import Layer, LayerError, Reach, kind, per_element
from cnnspec.ir.operation import named
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, Tensor
from cnnspec.ir.torch_call import Order, TorchCall
from cnnspec.ir.torch_rule import Only, TorchRule
from cnnspec.layers._interpolation import ALIKE, NEIGHBOURS, operations
from cnnspec.layers._symbols import input_size, stride
from cnnspec.layers._torch import lacks, torch_call


@kind("upsample")
class Upsample(Layer):
    """Repeat every element, or interpolate between elements (images only)."""

    role = Role.RESIZE
    called = r"up[\s_-]?sampl"
    ranks = (1, 2, 3)
    free = "elements are repeated, nothing is learned"
    size: tuple[int, ...] = arg(
        PerAxis(claims_sizes=True, claims_integer=True),
        (2,),
        symbol="s",
        always=True,
        also=("factor",),
        doc="factor per axis",
    )
    interpolation: str = arg(Choice(tuple(NEIGHBOURS)), "nearest", doc="how new elements are made")

    keras = KerasRule(
        "UpSampling{rank}D",
        {"size": "size", "interpolation": "interpolation"},
        ranks=(1, 2, 3),
        first=("size",),
        ranks_of={"interpolation": (2,)},
    )
    torch = TorchRule(
        "Upsample",
        {
            "size": Only((None,)),
            "scale_factor": "size",
            "mode": "interpolation",
            "align_corners": Only((ANYTHING,)),
            "recompute_scale_factor": Only((ANYTHING,)),
        },
        order=Order.FIRST,
        others=(
            TorchRule("UpsamplingNearest2d", {"size": Only((None,)), "scale_factor": "size"}),
            TorchRule(
                "UpsamplingBilinear2d",
                {"size": Only((None,)), "scale_factor": "size"},
                values={"interpolation": "bilinear"},
            ),
        ),
    )
    onnx = named("Upsample", "Resize")
    aten = named("upsample_nearest1d", "upsample_nearest2d", "upsample_nearest3d", "upsample_bilinear2d")

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """s·n per axis."""
        self.check(x)
        if self.interpolation != "nearest" and x.rank != 2:
            raise LayerError("E307", f"`{self.interpolation}` works on images, not on {x.shape}", step="use `nearest`")
        return (*(input_size(n.value) * stride(s) for n, s in zip(x.spatial, self.size, strict=True)), x.channels)

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's layer, which interpolates as Keras does between two neighbours, not between more."""
        if self.interpolation not in ALIKE:
            raise lacks(self, f"with Keras' interpolation `{self.interpolation}`", step="use `bilinear`")
        return (torch_call(self, shapes[0], {"scale_factor": shortest(self.size)}),)

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """Nothing for copies, else one operation per neighbour: 4 for bilinear interpolation (fvcore)."""
        return per_element(operations(self.interpolation), y, "elements are copied")

    def reach(self, x: Tensor) -> tuple[Reach, ...]:
        """S elements share one place; interpolation looks at the neighbours too."""
        from fractions import Fraction  # noqa: PLC0415 - few networks enlarge, and the import is slow

        growth = NEIGHBOURS[self.interpolation] - 1
        return tuple(Reach(growth, Fraction(1, s), Fraction(1 - s, 2 * s)) for s in self.size)
