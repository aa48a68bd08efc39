"""Kinds that take several inputs."""

from __future__ import annotations

from functools import reduce
from itertools import combinations
from math import gcd
from typing import ClassVar

from cnnspec.formula import Term, number, symbol
from cnnspec.ir.arguments import Axis, arg
from cnnspec.ir.keras_rule import KerasRule
from cnnspec.ir.layer import Layer, LayerError, Reach, kind
from cnnspec.ir.operation import named
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, Tensor, show, tensor
from cnnspec.ir.torch_call import AxisOf, TorchCall, expression
from cnnspec.ir.torch_rule import TorchRule
from cnnspec.layers._axes import position


class Join(Layer):
    """A layer that makes one output of two or more inputs."""

    role = Role.JOIN
    joins = True
    free = "inputs are combined, nothing is learned"


class Elementwise(Join):
    """A join element by element; an input with size 1 along an axis counts for the whole axis."""

    torch_sign: ClassVar[str]
    torch_form: ClassVar[str] = "{0}"

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """The larger size along every axis; raise LayerError where two inputs differ and neither is 1."""
        shapes = (x.shape, *(other.shape for other in x.others))
        if len(set(shapes)) == 1:
            return x.dims
        for left, right in combinations(shapes, 2):
            if not _agree(left, right):
                message = f"`{self.kind}` needs shapes that agree or are 1, not {show(left)} and {show(right)}"
                raise LayerError("E302", message, step=_agreement(left, right))
        names = [dim.name or f"n_{axis}" for axis, dim in enumerate(x.dims, 1)]
        largest = [max(sizes) for sizes in zip(*shapes, strict=True)]
        return tuple(symbol(name, size, dim.meaning) for name, size, dim in zip(names, largest, x.dims, strict=True))

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """Python's sign between all, or PyTorch's function of two."""
        names = [f"{{{place}}}" for place, _ in enumerate(shapes)]
        if len(self.torch_sign) <= 1:
            joined = f" {self.torch_sign} ".join(names)
        else:
            joined = reduce(lambda left, right: f"{self.torch_sign}({left}, {right})", names)
        return (expression(self.torch_form.format(joined, len(names))),)

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """One operation per element and input after the first."""
        return y.size if len(x.others) == 1 else number(len(x.others)) * y.size


def _agree(left: Shape, right: Shape) -> bool:
    return len(left) == len(right) and all(a == b or 1 in (a, b) for a, b in zip(left, right, strict=True))


def _agreement(left: Shape, right: Shape) -> str:
    """Return the step that would make two shapes agree."""
    if min(len(left), len(right)) == 1 and len(left) != len(right):
        return "keep the spatial axes with `gap: keepdims`"
    return projection(left, right)


def projection(left: Shape, right: Shape) -> str:
    """Return the shortcut that would make one shape the other, if a 1x1 convolution does it."""
    big, small = (left, right) if left[:-1] >= right[:-1] else (right, left)
    if len(big) != len(small) or len(big) < 2:
        return ""
    strides = {-(-b // s) for b, s in zip(big[:-1], small[:-1], strict=True)}
    stride = strides.pop() if len(strides) == 1 else 0
    if not stride or any(-(-b // stride) != s for b, s in zip(big[:-1], small[:-1], strict=True)):
        return ""
    target = right[-1] if big is left else left[-1]
    ones = "x".join("1" for _ in big[:-1]) if len(big) > 2 else "1"
    step = f"/{stride}" if stride > 1 else ""
    size = f"{ones}{step}" if len(big) > 2 else f"kernel=1{f' stride={stride}' if stride > 1 else ''}"
    return f"bring {show(big)} to {show(small)} with `conv: {target} {size}` in its branch"


@kind("add")
class Add(Elementwise):
    """The sum, element by element."""

    sign = "+"
    also_called = r"(?<!p)add|residual|skip"
    keras = KerasRule("Add")
    torch_sign = "+"
    onnx = named("Add", "Sum")
    aten = named("add")


@kind("subtract")
class Subtract(Elementwise):
    """The first input less the second."""

    sign = "−"
    keras = KerasRule("Subtract")
    torch_sign = "-"
    onnx = named("Sub")
    aten = named("sub", "rsub")

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """As for the others, of two inputs."""
        if len(x.others) != 1:
            raise LayerError("E206", f"`subtract` takes two inputs, not {len(x.others) + 1}")
        return super().shape(x)


@kind("average")
class Average(Elementwise):
    """The mean, element by element."""

    keras = KerasRule("Average")
    torch_sign = "+"
    torch_form = "({0}) / {1}"
    onnx = named("Mean")

    def counted_as(self, convention: str, x: Tensor, y: Tensor) -> Term | None:
        """One more per element with TensorFlow's profiler, for the factor."""
        return number(len(x.others) + 1) * y.size if convention == "tf-profiler" else None


@kind("maximum")
class Maximum(Elementwise):
    """The larger one, element by element."""

    sign = "∨"
    keras = KerasRule("Maximum")
    torch_sign = "torch.maximum"
    onnx = named("Max")
    aten = named("maximum")


@kind("minimum")
class Minimum(Elementwise):
    """The smaller one, element by element."""

    sign = "∧"
    keras = KerasRule("Minimum")
    torch_sign = "torch.minimum"
    onnx = named("Min")
    aten = named("minimum")


@kind("multiply")
class Multiply(Elementwise):
    """The product, element by element; an input with size 1 along an axis counts for the whole axis."""

    sign = "×"
    keras = KerasRule("Multiply")
    torch_sign = "*"
    onnx = named("Mul")
    aten = named("mul")


@kind("concat", "concatenate")
class Concat(Join):
    """Put the channels of all inputs behind each other, or their elements along another axis."""

    sign = "="
    also_called = r"concat|merge"
    axis: int = arg(Axis(), -1, doc="which axis: from 1 as Keras counts, or -1 for the channels")

    keras = KerasRule("Concatenate", {"axis": "axis"})
    onnx = named("Concat")
    aten = named("cat")

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """The sizes along the axis add up; everything else must agree."""
        place = position(self.axis, x, self.kind)
        what, name = ("channels", "C") if place == x.rank else (f"axis {self.axis}", "n")
        total = symbol(f"{name}_1", x.shape[place])
        for index, other in enumerate(x.others, 2):
            if _without(other.shape, place) != _without(x.shape, place):
                message = f"`concat` needs inputs that agree in all but {what}, not {show(x.shape)} and"
                step = _matching(x.shape, other.shape) if place == x.rank else ""
                raise LayerError("E302", f"{message} {show(other.shape)}", step=step)
            total = total + symbol(f"{name}_{index}", other.shape[place])
        return (*x.dims[:place], total, *x.dims[place + 1 :])

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's function."""
        names = ", ".join(f"{{{place}}}" for place, _ in enumerate(shapes))
        axis = AxisOf(position(self.axis, tensor(shapes[0]), self.kind))
        return (expression(f"torch.cat([{names}], dim={{axis}})", axis=axis),)

    def reach(self, x: Tensor) -> tuple[Reach, ...] | str | None:
        """Channels behind each other look at one place, other elements at places of their own."""
        if position(self.axis, x, self.kind) < x.rank:
            return "behind a concatenation along a spatial axis: the parts look at places of their own"
        return super().reach(x)


def _without(shape: Shape, place: int) -> tuple[int, Shape]:
    """Return the sizes along all axes but one, with the number of axes."""
    return len(shape), shape[:place] + shape[place + 1 :]


def _matching(left: Shape, right: Shape) -> str:
    """Return the step that would make the spatial sizes of two shapes agree."""
    if len(left) != len(right):
        return ""
    big, small = max(left, right), min(left, right)
    factor = gcd(*(b // s for b, s in zip(big[:-1], small[:-1], strict=True)))
    if factor > 1 and tuple(s * factor for s in small[:-1]) == big[:-1]:
        return f"bring {show(small)} to the larger size with `upsample: {factor}`"
    difference = {b - s for b, s in zip(big[:-1], small[:-1], strict=True)}
    if len(difference) == 1 and (rows := difference.pop()) > 0:
        pairs = f"{rows // 2}" if rows % 2 == 0 else f"[[{rows // 2},{rows - rows // 2}]]"
        return f"bring {show(big)} to the smaller size with `crop: {pairs}`"
    return ""


@kind("identity")
class Identity(Layer):
    """The input itself."""

    role = Role.ACTIVATION
    optional = True
    free = "the input is passed on, nothing is learned"
    keras = KerasRule("Identity")
    torch = TorchRule("Identity")
    onnx = named("Identity", "Cast")
    aten = named("alias", "contiguous", "clone", "detach", "_to_copy", "to", "lift_fresh_copy")

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """Nothing, or a layer that does nothing."""
        return (TorchCall("Identity", inline="{0}"),)
