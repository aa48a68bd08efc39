"""The rectifier with learned slopes."""

from __future__ import annotations

from typing import Any, ClassVar

from cnnspec.formula import Term, product
from cnnspec.ir.arguments import Flag, arg
from cnnspec.ir.keras_rule import KerasRule, Via
from cnnspec.ir.layer import kind, per_element
from cnnspec.ir.operation import named
from cnnspec.ir.shapes import Shape, Tensor
from cnnspec.ir.torch_call import Order, TorchCall, parameter
from cnnspec.ir.torch_rule import Only, Reads, Through, TorchRule, as_it_is
from cnnspec.ir.values import Raw, sizes, written
from cnnspec.layers._axes import along
from cnnspec.layers.activations import Activation


class SharedAxes(Flag):
    """Axes along which elements share a number: all but the channels, none, or some."""

    accepts = "`true`, `false`, or axes such as `1` or `[1, 2]`, counted from 1 as in Keras, or `all`"

    def read(self, raw: Raw) -> bool | tuple[int, ...]:  # type: ignore[override] # more than a flag
        """Read a truth value or axes; all of them are none that are named."""
        if raw == "all":
            return ()
        try:
            return super().read(raw)
        except ValueError:
            axes = sizes(raw)
        if not axes or min(axes) < 1 or len({*axes}) < len(axes):
            raise ValueError
        return axes

    def bind(self, value: bool | tuple[int, ...], rank: int) -> bool | tuple[int, ...]:  # noqa: FBT001 - the value
        """Put the axes in order; all but the channels are `true`."""
        if value == ():
            return tuple(range(1, rank + 2))
        axes = () if isinstance(value, bool) else tuple(sorted(value))
        return True if axes and axes == tuple(range(1, rank + 1)) else axes or value

    def write(self, value: bool | tuple[int, ...]) -> str:  # noqa: FBT001 - the value
        """Write a truth value, one number, or a list."""
        if value == ():
            return "all"
        return written(value[0] if isinstance(value, tuple) and len(value) == 1 else value)


def _shared_axes(shared: bool | tuple[int, ...], rank: int) -> list[int] | None:  # noqa: FBT001 - the value of an argument
    axes = tuple(range(1, rank + 1)) if shared is True else shared
    return list(axes) if axes else None


def _is_shared(axes: Any, _: int) -> Any:
    return axes or False


def _slopes(count: Any) -> Raw:
    return "all" if count == 1 else "true"


@kind("prelu")
class Prelu(Activation):
    """x where it is positive, a learned slope times x elsewhere; `shared` learns one slope per channel."""

    optional = False
    shared: bool | tuple[int, ...] = arg(
        SharedAxes(),
        False,
        doc="one slope per channel, not per element; or share along some axes alone, or all",
    )

    keras = KerasRule("PReLU", {"shared_axes": Via("shared", _shared_axes, _is_shared)})
    torch: ClassVar[TorchRule] = TorchRule(
        "PReLU",
        {"num_parameters": (Reads.ONE, Through("shared", _slopes, as_it_is)), "init": Only((0.25,))},
        values={"shared": ()},
        order=Order.FIRST,
        learns=True,
    )
    onnx = named("PRelu")
    aten = named("prelu")

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's layer for one slope or one per channel, a tensor of slopes for all else."""
        axes = range(1, len(shapes[0])) if self.shared is True else self.shared or ()
        *spatial, channels = (1 if axis in axes else n for axis, n in enumerate(shapes[0], 1))
        if all(size == 1 for size in spatial):
            given = {"num_parameters": None if channels == 1 else channels}
            return (self.torch.call(self.fields, vars(self), shapes[0], given),)
        return (parameter("F.relu({0}) - {layer} * F.relu(-{0})", (channels, *spatial), 0.25, order=Order.FIRST),)

    def counted_as(self, convention: str, x: Tensor, y: Tensor) -> Term | None:
        """1 per element in most tools, and with ptflops' older backend the module and its function."""
        costs = {"thop": 1, "ptflops-pytorch": 2, "calflops": 1, "tf-profiler": 4}
        return per_element(costs[convention], y, "") if convention in costs else None

    def params(self, x: Tensor) -> Term:
        """H·W·C, without the axes along which the slopes are shared."""
        if isinstance(self.shared, bool):
            return x.channels if self.shared else product(x.dims)
        return product(dim for axis, dim in enumerate(x.dims, 1) if axis not in self.shared)

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """That of the input; raise LayerError where it lacks an axis."""
        if isinstance(self.shared, tuple):
            along(self.shared, x, self.kind)
        return x.dims
