"""Pooling to an output size, whatever the size of the input."""

from __future__ import annotations

from cnnspec.formula import Term, ceil_div, product, symbol
from cnnspec.ir.arguments import PerAxis, arg
from cnnspec.ir.keras_rule import Call, KerasRule
from cnnspec.ir.layer import Layer, LayerError, Reach, kind
from cnnspec.ir.operation import named
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, Tensor
from cnnspec.ir.torch_call import Order
from cnnspec.ir.torch_rule import Only, TorchRule


class AdaptivePooling(Layer):
    """Cut every axis into o windows, from ⌊i·n/o⌋ to ⌈(i + 1)·n/o⌉, and take one number from each."""

    role = Role.POOL
    ranks = (1, 2, 3)
    size: tuple[int, ...] = arg(
        PerAxis(claims_sizes=True, claims_integer=True), symbol="o", always=True, doc="size of the output"
    )

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """The given size; the channels stay."""
        self.check(x)
        return (*(symbol("o", size, "output size") for size in self.size), x.channels)

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """⌈n/o⌉ comparisons or additions per axis and output element; windows that overlap have one more."""
        windows = (ceil_div(n, symbol("o", size, "output size")) for n, size in zip(x.spatial, self.size, strict=True))
        return product((*windows, *y.dims))

    def reach(self, x: Tensor) -> tuple[Reach, ...] | None:
        """That of windows side by side where o divides n; else windows differ in size, and no one number holds."""
        axes = [(n.value // size, n.value % size) for n, size in zip(x.spatial, self.size, strict=True)]
        if any(rest for _, rest in axes):
            return None
        return tuple(Reach(window - 1, window, (window - 1) / 2) for window, _ in axes)


@kind("adaptive_avgpool")
class AdaptiveAvgPool(AdaptivePooling):
    """Take the means of windows that give an output of this size."""

    averages = True
    called = r"adaptive[\s_-]?av"
    free = "the mean is computed, nothing is learned"
    keras = KerasRule("AdaptiveAveragePooling{rank}D", {"output_size": "size"}, ranks=(1, 2, 3), first=("output_size",))
    torch = TorchRule("AdaptiveAvgPool{rank}d", {"output_size": "size"}, leading=1, order=Order.FIRST)
    aten = named("adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "_adaptive_avg_pool2d")


@kind("adaptive_maxpool")
class AdaptiveMaxPool(AdaptivePooling):
    """Take the largest numbers of windows that give an output of this size."""

    called = r"adaptive[\s_-]?max"
    free = "the maximum is picked, nothing is learned"
    keras = KerasRule("AdaptiveMaxPooling{rank}D", {"output_size": "size"}, ranks=(1, 2, 3), first=("output_size",))
    torch = TorchRule(
        "AdaptiveMaxPool{rank}d",
        {"output_size": "size", "return_indices": Only((False,))},
        leading=1,
        order=Order.FIRST,
    )
    aten = named("adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d")

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """The given size; raise LayerError for one column of windows that differ, which ends Keras' whole process."""
        dims = super().shape(x)
        if not self._is_even(x.shape) and (self.size[-1] == 1 or x.spatial[-1].value == 1):
            message = f"`{self.kind}` to one column needs windows of one size"
            raise LayerError("E307", message, "TensorFlow divides by zero there", step="use `maxpool`, or crop before")
        return dims

    def keras_calls(self, *shapes: Shape) -> tuple[Call, ...]:
        """Pool in windows side by side where they are of one size, else as Keras' own layer does."""
        if not self._is_even(shapes[0]):
            return super().keras_calls(*shapes)
        window = tuple(n // size for n, size in zip(shapes[0], self.size, strict=False))
        return (Call(f"MaxPooling{len(window)}D", {"pool_size": window}, ("pool_size",)),)

    def _is_even(self, shape: Shape) -> bool:
        return not any(n % size for n, size in zip(shape, self.size, strict=False))
