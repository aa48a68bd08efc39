"""A vector as a sequence."""

from __future__ import annotations

from cnnspec.formula import Term, symbol
from cnnspec.ir.arguments import Count, arg
from cnnspec.ir.keras_rule import KerasRule
from cnnspec.ir.layer import Layer, kind
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, Tensor
from cnnspec.ir.torch_call import Order, TorchCall, expression


@kind("repeat_vector")
class RepeatVector(Layer):
    """Repeat a vector n times, as the steps of a sequence."""

    role = Role.RESIZE
    ranks = (0,)
    free = "elements are repeated, nothing is learned"
    times: int = arg(Count(positional=True), symbol="n", always=True, doc="number of steps")

    keras = KerasRule("RepeatVector", {"n": "times"}, first=("n",))

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """Expand a new axis."""
        return (expression("{0}.unsqueeze(1).expand(-1, {times}, -1)", times=self.times, leaves=Order.LAST),)

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """N steps of the whole vector."""
        self.check(x)
        return (symbol("n", self.times, "steps"), x.channels)
