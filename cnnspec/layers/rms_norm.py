"""Normalizations without a mean: by the root of the mean square, and to length 1."""

from __future__ import annotations

from cnnspec.formula import Term
from cnnspec.ir.arguments import Real, arg
from cnnspec.ir.keras_rule import KerasRule
from cnnspec.ir.layer import Layer, kind, per_element
from cnnspec.ir.operation import named
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, Tensor
from cnnspec.ir.torch_call import AxisOf, Order, TorchCall, expression
from cnnspec.ir.torch_rule import Only, Reads, TorchRule


@kind("rms_norm", "rmsnorm")
class RmsNorm(Layer):
    """Divide the channels at every position by the root of their mean square, times a learned factor each."""

    role = Role.NORM
    also_called = r"rms"
    eps: float = arg(Real(0.0), 1e-6, also=("epsilon",), doc="small number that avoids division by zero")

    keras = KerasRule("RMSNormalization", {"epsilon": "eps"})
    torch = TorchRule(
        "RMSNorm",
        {"normalized_shape": Reads.SIZES, "eps": "eps", "elementwise_affine": Only((True,))},
        leading=1,
        order=Order.LAST,
        learns=True,
    )
    aten = named("rms_norm")

    def params(self, x: Tensor) -> Term:
        """C: one factor per channel, no offset (Zhang and Sennrich, 2019)."""
        return x.channels

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """4 operations per element: square, sum, division and factor."""
        return per_element(4, y, "")


@kind("unit_norm")
class UnitNorm(Layer):
    """Divide the channels at every position by their length, so that the sum of squares is 1."""

    role = Role.NORM
    free = "lengths are computed, nothing is learned"
    keras = KerasRule("UnitNormalization")

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's function."""
        return (expression("F.normalize({0}, dim={axis})", axis=AxisOf(len(shapes[0]) - 1)),)

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """3 operations per element: square, sum and division."""
        return per_element(3, y, "")
