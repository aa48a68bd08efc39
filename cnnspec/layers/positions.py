"""What transformers add to a sequence: learned positions, and learned steps in front."""

from __future__ import annotations

from cnnspec.formula import Term, symbol
from cnnspec.ir.arguments import Count, arg
from cnnspec.ir.keras_rule import FUNCTIONS, Call, KerasRule
from cnnspec.ir.layer import Layer, Reach, kind
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, Tensor
from cnnspec.ir.torch_call import Order, TorchCall, parameter


@kind("positions", "position_embedding")
class Positions(Layer):
    """Add a learned row to every step, so that a layer behind can tell the steps apart (ViT, 2021)."""

    role = Role.SEQUENCE
    ranks = (1, 2, 3)
    keras = KerasRule("")

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """That of the input."""
        self.check(x)
        return x.dims

    def params(self, x: Tensor) -> Term:
        """L·C: a row of C numbers for each of L steps."""
        return x.size

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """One addition per element."""
        return y.size

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """Add a learned tensor."""
        return (parameter("{0} + {layer}", shapes[0], order=Order.LAST),)

    def keras_calls(self, *shapes: Shape) -> tuple[Call, ...]:
        """Multiply ones by a row per step, and add that to the input."""
        first, last = f"a{'bcd'[: len(shapes[0]) - 1]}", "xy"
        equation = f"{first}{last[0]},{first[1:]}{last}->{first}{last[1]}"
        return (*_ones((..., slice(0, 1))), _rows(equation, shapes[0]), Call("Add", reads=(0, 3)))


@kind("class_token", "cls_token")
class ClassToken(Layer):
    """Put learned steps in front of a sequence, whose outputs stand for the whole of it (BERT, ViT)."""

    role = Role.SEQUENCE
    ranks = (1,)
    steps: int = arg(Count(positional=True), 1, symbol="n", always=True, doc="number of steps")
    keras = KerasRule("")

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """L + n steps."""
        self.check(x)
        return (x.spatial[0] + self._steps(), x.channels)

    def params(self, x: Tensor) -> Term:
        """n·C: a row of C numbers for every new step."""
        return self._steps() * x.channels

    def reach(self, x: Tensor) -> tuple[Reach, ...] | None:
        """New steps have no place in the input."""
        return None

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """Put a learned tensor in front of every sample."""
        form = "torch.cat([{layer}.expand({0}.shape[0], -1, -1), {0}], dim=1)"
        return (parameter(form, (self.steps, shapes[0][1]), order=Order.LAST),)

    def keras_calls(self, *shapes: Shape) -> tuple[Call, ...]:
        """Multiply a one by the rows, and put them in front of the input."""
        rows = _rows("ab,bcd->acd", (self.steps, shapes[0][1]))
        return (*_ones((slice(None), 0, slice(0, 1))), rows, Call("Concatenate", {"axis": 1}, reads=(3, 0)))

    def _steps(self) -> Term:
        return symbol("n", self.steps, "new steps")


def _ones(key: tuple[object, ...]) -> tuple[Call, ...]:
    """Return the layers that make ones of a part of the input: Keras has no layer without an input."""
    return Call(f"{FUNCTIONS}get_item", {"key": key}, ("key",)), Call(f"{FUNCTIONS}ones_like")


def _rows(equation: str, shape: Shape) -> Call:
    """Return the layer that learns as many numbers as a shape has elements."""
    arguments = {"equation": equation, "output_shape": shape, "kernel_initializer": "random_uniform"}
    return Call("EinsumDense", arguments, ("equation", "output_shape"), learns=True)
