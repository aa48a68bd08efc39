"""Pooling over a window: maximum and average."""

from __future__ import annotations

from typing import Any

from cnnspec.formula import Term, product
from cnnspec.ir.arguments import PerAxis, arg
from cnnspec.ir.keras_rule import KerasRule
from cnnspec.ir.layer import LayerError, Variations, kernel_symbols, kind
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Tensor
from cnnspec.layers._symbols import WINDOW
from cnnspec.layers._variation import on_all_axes
from cnnspec.layers._window import Windowed


def _pool_size(values: Any) -> Any:
    return values["pool"]


class Pooling(Windowed):
    """Take one number from every window of every channel; the stride is the pool size unless given."""

    role = Role.POOL
    also_called = r"(sub)?sampl|pool"
    pool: tuple[int, ...] = arg(
        PerAxis(claims_sizes=True, claims_integer=True),
        (2,),
        symbol="f",
        always=True,
        also=("kernel", "f"),
        doc="size of the window",
    )
    stride: tuple[int, ...] = arg(
        PerAxis(),
        _pool_size,
        symbol="s",
        always=True,
        also=("s",),
        doc="step of the window, the pool size unless given",
    )

    @property
    def window(self) -> tuple[int, ...]:
        """The pool size."""
        return self.pool

    def variations(self) -> Variations:
        """Small windows; strides of the window or one less."""
        size = min(self.pool)
        strides = on_all_axes((max(size - 1, 1), size), self.stride)
        windows = on_all_axes((2, 3), self.pool) if size > 1 else ()
        return {"kernel": ("pool", windows), "stride": ("stride", strides)}

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """One position per place of the window; the channels stay."""
        return (*self.positions(x), x.channels)

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """f·f comparisons or additions per output element (TensorFlow's profiler)."""
        return product((*kernel_symbols(self.pool, *WINDOW), *y.dims))


_ARGUMENTS = {"pool_size": "pool", "strides": "stride", "padding": "padding"}


@kind("maxpool")
class MaxPool(Pooling):
    """Keep the largest number of every window; padding never wins."""

    called = r"max[\s_-]?pool"
    free = "the maximum is picked, nothing is learned"
    keras = KerasRule(
        "MaxPooling{rank}D",
        _ARGUMENTS,
        also=("MaxPool{rank}D",),
        ranks=(1, 2, 3),
        first=("pool_size",),
        padding_value=float("-inf"),
    )

    def positions(self, x: Tensor) -> tuple[Term, ...]:
        """Return the positions of the window; raise LayerError where one of them would see padding alone."""
        sizes = super().positions(x)
        if not isinstance(self.padding, str):
            axes = zip(x.spatial, sizes, self.pool, self.stride, self.padding, strict=True)
            if any(before >= f or (size.value - 1) * s - before >= n.value for n, size, f, s, (before, _) in axes):
                message, fact = "a window of `maxpool` would see padding alone", "padding never wins the maximum"
                raise LayerError("E307", message, fact, step="use less padding or a larger window")
        return sizes


@kind("avgpool")
class AvgPool(Pooling):
    """Take the mean of every window; explicit padding counts as zeros, `same` padding does not count (Keras)."""

    called = r"av(era)?ge?[\s_-]?pool"
    free = "the mean is computed, nothing is learned"
    keras = KerasRule(
        "AveragePooling{rank}D",
        _ARGUMENTS,
        also=("AvgPool{rank}D",),
        ranks=(1, 2, 3),
        first=("pool_size",),
        padding_value=0.0,
    )
