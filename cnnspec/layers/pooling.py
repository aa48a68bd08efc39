"""Pooling over a window: maximum and average."""

from __future__ import annotations

from typing import Any, Final

from cnnspec.formula import Term, product
from cnnspec.ir.arguments import Flag, PerAxis, arg
from cnnspec.ir.keras_rule import Call, KerasRule
from cnnspec.ir.keras_values import shortest
from cnnspec.ir.layer import LayerError, Variations, kernel_symbols, kind
from cnnspec.ir.operation import named
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, Tensor
from cnnspec.ir.torch_call import Order, TorchCall, expression
from cnnspec.ir.torch_rule import Only, TorchRule, from_sides
from cnnspec.layers._symbols import WINDOW
from cnnspec.layers._torch import Pairs, is_even, lacks, padding_of, pairs_of, stated, torch_call
from cnnspec.layers._variation import on_all_axes
from cnnspec.layers._window import Windowed, margins, slide


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

    ceil: bool = arg(Flag(), False, also=("ceil_mode",), doc="round up: the last window may stick out behind (PyTorch)")

    @property
    def rounds_up(self) -> bool:
        """As `ceil` says."""
        return self.ceil

    @property
    def means_inside(self) -> bool:
        """Whether what is computed leaves out the padding, where that is not so by itself."""
        return False

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
        if self.ceil and self.padding == "same":
            raise LayerError("E307", "`same` padding rounds up by itself", step="leave out `ceil`")
        return (*self.positions(x), x.channels)

    def keras_calls(self, *shapes: Shape) -> tuple[Call, ...]:
        """Keras' layer; where a window sticks out, with `same` padding where that adds these rows, else `stuck_out`."""
        *before, call = calls = super().keras_calls(*shapes)
        rows = self.sticking_out(shapes[0])
        if not any(rows):
            return calls
        if all(self._is_same(n, axis, rows[axis]) for axis, n in enumerate(shapes[0][:-1])):
            return *before, call._replace(arguments={**call.arguments, "padding": "same"})
        return self.stuck_out(rows)

    def stuck_out(self, rows: tuple[int, ...]) -> tuple[Call, ...]:
        """Return Keras' layers with further rows behind; raise LayerError where they would change the output."""
        raise NotImplementedError  # both kinds say it in their own way

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's layer, which pads by itself what is at most half of its window, and the same on both sides."""
        pairs = pairs_of(self, shapes[0])
        axes = zip(shapes[0], pairs, self.pool, strict=False)
        if not is_even(pairs) or any(2 * before > f or (before and n < f) for n, (before, _), f in axes):
            return self.torch_padded(pairs, shapes[0])
        given = stated(pairs)
        given |= {"count_include_pad": False} if given and self.means_inside else {}
        return (torch_call(self, shapes[0], given, values=UNPADDED),)

    def torch_padded(self, pairs: Pairs, shape: Shape) -> tuple[TorchCall, ...]:
        """Return PyTorch's layers for padding that its layer does not do."""
        raise NotImplementedError  # both kinds do it in their own way

    def _is_same(self, n: int, axis: int, rows: int) -> bool:
        """Tell whether `same` padding adds these rows behind, and no others, to an axis that is padded already."""
        padded = n if isinstance(self.padding, str) else n + sum(self.padding[axis])
        size, step = self.pool[axis], self.stride[axis]
        places = (padded + rows - size) // step + 1
        return slide(padded, size, step, "same").value == places and margins(padded, size, step, "same") == (0, rows)

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """f·f comparisons or additions per output element (TensorFlow's profiler)."""
        return product((*kernel_symbols(self.pool, *WINDOW), *y.dims))


UNPADDED: Final = {"padding": "valid"}
_ARGUMENTS = {"pool_size": "pool", "strides": "stride", "padding": "padding"}
_WINDOW = {"kernel_size": "pool", "stride": "stride", "padding": "padding"}


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
    torch = TorchRule(
        "MaxPool{rank}d",
        {**_WINDOW, "dilation": Only((1,)), "return_indices": Only((False,)), "ceil_mode": "ceil"},
        leading=1,
        order=Order.FIRST,
    )
    onnx = named("MaxPool")
    aten = named("max_pool1d", "max_pool2d", "max_pool3d", "max_pool2d_with_indices")

    def positions(self, x: Tensor) -> tuple[Term, ...]:
        """Return the positions of the window; raise LayerError where one of them would see padding alone."""
        sizes = super().positions(x)
        if not isinstance(self.padding, str):
            axes = zip(x.spatial, sizes, self.pool, self.stride, self.padding, strict=True)
            if any(before >= f or (size.value - 1) * s - before >= n.value for n, size, f, s, (before, _) in axes):
                message, fact = "a window of `maxpool` would see padding alone", "padding never wins the maximum"
                raise LayerError("E307", message, fact, step="use less padding or a larger window")
        return sizes

    def torch_padded(self, pairs: Pairs, shape: Shape) -> tuple[TorchCall, ...]:
        """Pad before with what never wins, as far as windows reach."""
        rows = zip(pairs, self.sticking_out(shape), strict=True)
        wider = tuple((before, after + more) for (before, after), more in rows)
        return *padding_of(wider, float("-inf")), torch_call(self, shape, values={**UNPADDED, "ceil": False})

    def stuck_out(self, rows: tuple[int, ...]) -> tuple[Call, ...]:
        """Pad before: padding never wins."""
        pairs = ((0, 0),) * len(rows) if isinstance(self.padding, str) else self.padding
        wider = tuple((before, after + more) for (before, after), more in zip(pairs, rows, strict=True))
        return self.keras.calls(self.fields, vars(self) | {"padding": wider}, len(rows))


@kind("avgpool")
class AvgPool(Pooling):
    """Take the mean of every window; explicit padding counts as zeros, `same` padding does not count (Keras)."""

    averages = True
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
    torch = TorchRule(
        "AvgPool{rank}d",
        {**_WINDOW, "ceil_mode": "ceil", "count_include_pad": Only((True,)), "divisor_override": Only((None,))},
        leading=1,
        order=Order.FIRST,
    )
    onnx = named("AveragePool")
    aten = named("avg_pool1d", "avg_pool2d", "avg_pool3d")

    @property
    def means_inside(self) -> bool:
        """Whether the padding is `same`."""
        return self.padding == "same"

    def torch_padded(self, pairs: Pairs, shape: Shape) -> tuple[TorchCall, ...]:
        """Pad before with zeros; a mean that leaves them out is divided by the share of what is inside."""
        if self.ceil:
            raise lacks(self, "that rounds up behind such a padding", step="leave out `ceil`, or use `same` padding")
        if not self.means_inside:
            return *padding_of(pairs), torch_call(self, shape, values=UNPADDED)
        facts = {"sides": from_sides(pairs), "size": shortest(self.pool), "stride": shortest(self.stride)}
        mean = f"F.avg_pool{len(pairs)}d(F.pad(%s, {{sides}}), {{size}}, {{stride}})"
        return (expression(f"{mean % '{0}'} / {mean % 'torch.ones_like({0})'}", Order.FIRST, **facts),)

    def stuck_out(self, rows: tuple[int, ...]) -> tuple[Call, ...]:
        """Raise LayerError: the mean is that of the elements inside."""
        fact = "the mean leaves out what is outside, and no layer of Keras does so there"
        raise LayerError(
            "E510", "a window of `avgpool` sticks out", fact, step="leave out `ceil`, or use `same` padding"
        )
