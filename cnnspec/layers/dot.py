"""Dot products of two inputs along an axis of each."""

from __future__ import annotations

from typing import Any

from cnnspec.formula import Term, number, product, symbol
from cnnspec.ir.arguments import ArgType, Flag, arg
from cnnspec.ir.keras_rule import KerasRule, Via
from cnnspec.ir.layer import LayerError, Reach, kind
from cnnspec.ir.shapes import Shape, Tensor, show, tensor
from cnnspec.ir.torch_call import Order, TorchCall, expression
from cnnspec.ir.values import Raw, sizes, written
from cnnspec.layers._axes import position
from cnnspec.layers.joins import Join


class AxisOfEach(ArgType):
    """An axis of each of two inputs; one number stands for both."""

    accepts = "an axis counted from 1 as in Keras, or from the end as `-1`, or a list of one for each input"

    def read(self, raw: Raw) -> tuple[int, int]:
        """Read one integer or a list of two, none of which is the batch's 0."""
        values = sizes(raw)
        if len(values) not in (1, 2) or 0 in values:
            raise ValueError
        return values[0], values[-1]

    def write(self, value: tuple[int, int]) -> str:
        """Write `-1` or `[1,2]`."""
        return str(value[0]) if value[0] == value[1] else written(value)


def _as_keras_takes(axes: tuple[int, int], _: int) -> int | tuple[int, int]:
    return axes[0] if axes[0] == axes[1] else axes


def _as_given(axes: Any, _: int) -> Any:
    return axes


@kind("dot")
class Dot(Join):
    """Multiply two inputs along an axis of each and sum up; `normalize` gives the cosine of their angle."""

    sign = "·"
    axes: tuple[int, int] = arg(AxisOfEach(), (-1, -1), always=True, also=("axis",), doc="along which axis of each")
    normalize: bool = arg(Flag(), False, doc="divide both inputs by their lengths along the axis")

    keras = KerasRule(
        "Dot",
        {"axes": Via("axes", _as_keras_takes, _as_given), "normalize": "normalize"},
        first=("axes",),
        spoken=("axes",),
    )

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """The other axes of both, those of the first in front; 1 where there are none."""
        if len(x.others) != 1:
            raise LayerError("E206", f"`{self.kind}` takes two inputs, not {len(x.others) + 1}")
        (other,), (first, second) = x.others, self._places(x)
        if x.shape[first] != other.shape[second]:
            message = f"`{self.kind}` needs axes of one size, not {x.shape[first]} and {other.shape[second]}"
            raise LayerError("E302", message, f"the inputs are {show(x.shape)} and {show(other.shape)}")
        left = [dim for place, dim in enumerate(x.dims) if place != first]
        right = [symbol(f"{dim.name}_2", dim.value) for place, dim in enumerate(other.dims) if place != second]
        return (*left, *right) or (symbol("1", 1),)

    def macs(self, x: Tensor, y: Tensor) -> Term:
        """As many for every output element as the axis has elements."""
        return product((x.dims[self._places(x)[0]], *y.dims))

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """3 operations per element of both inputs where they are normalized: square, sum and division."""
        if not self.normalize:
            return super().extra_flops(x, y)
        return number(3) * (x.size + symbol("n_2", x.others[0].size.value, "elements of the second input"))

    def reach(self, x: Tensor) -> tuple[Reach, ...] | None:
        """An output element belongs to places of both inputs."""
        return None

    def uncounted(self) -> str:
        """Products of two activations."""
        return "it does not count products of two activations"

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """Sum over one index of both, which keep their other ones."""
        first, second = self._places(tensor(shapes[0], others=shapes[1:]))
        left, right = (
            list(letters[: len(shape)]) for letters, shape in zip(("abcdefgh", "stuvwxyz"), shapes, strict=True)
        )
        left[first] = right[second] = "k"
        kept = "".join(letter for letter in (*left, *right) if letter != "k")
        equation = f"n{''.join(left)},n{''.join(right)}->n{kept}"
        tensors = [
            f"F.normalize({{{at}}}, dim={place + 1})" if self.normalize else f"{{{at}}}"
            for at, place in enumerate((first, second))
        ]
        alone = "" if kept else ".unsqueeze(1)"
        form = f"torch.einsum({{equation}}, {', '.join(tensors)}){alone}"
        return (expression(form, Order.LAST, equation=equation, leaves=Order.LAST),)

    def _places(self, x: Tensor) -> tuple[int, int]:
        return position(self.axes[0], x, self.kind), position(self.axes[1], x.others[0], self.kind)
