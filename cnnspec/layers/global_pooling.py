"""Pooling over the whole of every channel."""

from __future__ import annotations

from typing import Final

from cnnspec.formula import Term, symbol
from cnnspec.ir.arguments import Flag, arg
from cnnspec.ir.keras_rule import KerasRule
from cnnspec.ir.layer import Layer, Reach, kind
from cnnspec.ir.operation import named
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, Tensor
from cnnspec.ir.torch_call import Order, TorchCall
from cnnspec.ir.torch_rule import TorchRule

FLAT: Final = TorchCall("Flatten", inline="{0}.flatten(1)")


class GlobalPooling(Layer):
    """Take one number from every channel; `keepdims` leaves the spatial axes with size 1."""

    role = Role.POOL
    ranks = (1, 2, 3)
    keepdims: bool = arg(Flag(), False, doc="keep the spatial axes, with size 1")

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """C, or 1×1×C with `keepdims`."""
        self.check(x)
        ones = tuple(symbol("1", 1) for _ in x.spatial) if self.keepdims else ()
        return (*ones, x.channels)

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """One comparison or addition per input element."""
        return x.size

    def reach(self, x: Tensor) -> tuple[Reach, ...] | None:
        """The whole input, while there are spatial axes."""
        if not self.keepdims:
            return None
        return tuple(Reach(n.value - 1, n.value, (n.value - 1) / 2) for n in x.spatial)

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's layer, which keeps the axes."""
        return super().torch_calls(*shapes) if self.keepdims else (*super().torch_calls(*shapes), FLAT)


@kind("gap", "globalavgpool")
class GlobalAvgPool(GlobalPooling):
    """Take the mean of every channel."""

    averages = True
    called = r"global[\s_-]?(average|avg)|gap\b"
    free = "the mean is computed, nothing is learned"
    keras = KerasRule(
        "GlobalAveragePooling{rank}D", {"keepdims": "keepdims"}, also=("GlobalAvgPool{rank}D",), ranks=(1, 2, 3)
    )
    torch = TorchRule(
        "AdaptiveAvgPool{rank}d", fixed={"output_size": 1}, values={"keepdims": True}, leading=1, order=Order.FIRST
    )
    onnx = named("GlobalAveragePool", "ReduceMean")
    aten = named("mean")


@kind("gmp", "globalmaxpool")
class GlobalMaxPool(GlobalPooling):
    """Take the largest number of every channel."""

    called = r"global[\s_-]?max|gmp\b"
    free = "the maximum is picked, nothing is learned"
    keras = KerasRule(
        "GlobalMaxPooling{rank}D", {"keepdims": "keepdims"}, also=("GlobalMaxPool{rank}D",), ranks=(1, 2, 3)
    )
    torch = TorchRule(
        "AdaptiveMaxPool{rank}d", fixed={"output_size": 1}, values={"keepdims": True}, leading=1, order=Order.FIRST
    )
    onnx = named("GlobalMaxPool", "ReduceMax")
    aten = named("amax")
