"""Activation functions that are functions of Keras, not layers: the gated linear unit and the threshold."""

from __future__ import annotations

from cnnspec.formula import Term
from cnnspec.ir.arguments import Real, arg
from cnnspec.ir.keras_rule import FUNCTIONS, Call, KerasRule
from cnnspec.ir.layer import Layer, LayerError, kind, per_element
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, Tensor
from cnnspec.ir.torch_rule import Reads, TorchRule


@kind("glu")
class Glu(Layer):
    """Multiply the first half of the channels by the sigmoid of the second (Dauphin et al., 2017)."""

    role = Role.ACTIVATION
    free = "a fixed function, nothing is learned"
    keras = KerasRule("")
    torch = TorchRule("GLU", {"dim": Reads.AXIS})

    @property
    def applied(self) -> str:
        """A function of its own."""
        return self.kind

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """Half of the channels; raise LayerError where they have no half."""
        if x.channels.value % 2:
            raise LayerError("E305", f"{x.channels.value} channels cannot be divided into 2 halves")
        return (*x.spatial, x.channels // 2)

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """2 operations per output element: the sigmoid and the product."""
        return per_element(2, y, "")

    def keras_calls(self, *shapes: Shape) -> tuple[Call, ...]:
        """Call the function, for Keras' layer of it does not know that the channels are halved."""
        return (Call(f"{FUNCTIONS}glu"),)


@kind("threshold")
class Threshold(Layer):
    """x where it is above a threshold, a given value elsewhere."""

    role = Role.ACTIVATION
    optional = True
    free = "a fixed function, nothing is learned"
    threshold: float = arg(Real(positional=True), always=True, doc="what x must be above")
    value: float = arg(Real(), 0.0, doc="what stands for it elsewhere")
    keras = KerasRule("")
    torch = TorchRule("Threshold", {"threshold": "threshold", "value": "value"}, leading=2)

    @property
    def applied(self) -> str:
        """A function of its own."""
        return self.kind

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """1 operation per element."""
        return per_element(1, y, "")

    def keras_calls(self, *shapes: Shape) -> tuple[Call, ...]:
        """Call the function, which is no layer of Keras."""
        arguments = {"threshold": self.threshold, "default_value": self.value}
        return (Call(f"{FUNCTIONS}threshold", arguments, tuple(arguments)),)
