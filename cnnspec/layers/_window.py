"""The geometry of a window that slides over an axis, shared by convolutions and pooling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from cnnspec.formula import EXACT, Term, ceil_div, render, symbol
from cnnspec.ir.arguments import Margins, PerAxis, arg
from cnnspec.ir.layer import Layer, LayerError, Reach
from cnnspec.ir.shapes import AXIS_NAMES, Shape, Tensor, compact, looks_channels_first
from cnnspec.ir.window import Window
from cnnspec.layers._symbols import input_size, paddings, stride, window_size

Padding = str | tuple[tuple[int, int], ...]
PADDING = Margins(("valid", "same"))
CAUSAL: Final = "causal"
"""Padding in front alone, so that no output sees a later step."""


class Windowed(Layer):
    """A layer whose output has one element per position of a window."""

    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    stride: tuple[int, ...] = arg(PerAxis(), (1,), symbol="s", always=True, also=("s",), doc="step of the window")
    padding: Padding = arg(PADDING, "valid", symbol="p", always=True, also=("pad", "p"), doc="rows added around")

    @property
    def window(self) -> tuple[int, ...]:
        """The window's size per axis."""
        raise NotImplementedError  # kinds have another field for it each

    @property
    def spread(self) -> tuple[int, ...]:
        """The dilation per axis."""
        return (1,) * len(self.window)

    @property
    def rounds_up(self) -> bool:
        """Whether the last window may stick out behind."""
        return False

    def positions(self, x: Tensor) -> tuple[Term, ...]:
        """Return how many positions the window has along each axis; raise LayerError where it has none."""
        self.check(x)
        sizes = []
        for axis, n in enumerate(x.spatial):
            size = self._position(n.value, axis)
            if size.value < 1:
                step = "use `same` padding, a smaller window, or fewer strides before it" * (self.padding == "valid")
                raise vanished(self.kind, AXIS_NAMES[x.rank][axis], size, x.shape, step)
            sizes.append(size)
        return tuple(sizes)

    def dropped(self, shape: Shape) -> tuple[int, ...]:
        """Those that the rounding down of the positions leaves out, as far as they are no padding.

        A window of one element is not meant to reach all of them.
        """
        ends = zip(self._ends(shape), self.window, strict=True)
        return tuple(max(inside, 0) if f > 1 else 0 for (inside, _), f in ends)

    def sliding(self, shape: Shape) -> Window:
        """The window with its padding in elements, of words too, and with the rows behind where it sticks out."""
        pairs = zip(self._margins(shape), self.sticking_out(shape), strict=True)
        padding = tuple((before, after + rows) for (before, after), rows in pairs)
        return Window(self.window, self.stride, self.spread, padding)

    def sticking_out(self, shape: Shape) -> tuple[int, ...]:
        """Return how many rows behind the padding the last window needs per axis; none where positions round down."""
        return tuple(max(outside, 0) for _, outside in self._ends(shape))

    def _ends(self, shape: Shape) -> Iterator[tuple[int, int]]:
        """Yield how many elements lie behind the last window per axis, and how far it reaches beyond all padding."""
        for axis, n in enumerate(shape[:-1]):
            extent = effective(self.window[axis], self.spread[axis])
            before, after = margins(n, extent, self.stride[axis], self._pad(axis))
            end = (self._position(n, axis).value - 1) * self.stride[axis] + extent
            yield n + before - end, end - (before + n + after)

    def _margins(self, shape: Shape) -> Iterator[tuple[int, int]]:
        for axis, n in enumerate(shape[:-1]):
            yield margins(n, effective(self.window[axis], self.spread[axis]), self.stride[axis], self._pad(axis))

    def _pad(self, axis: int) -> str | tuple[int, int]:
        return self.padding if isinstance(self.padding, str) else self.padding[axis]

    def _position(self, n: int, axis: int) -> Term:
        """Return how many positions the window has along an axis of n elements."""
        window = self.window[axis], self.stride[axis], self._pad(axis), self.spread[axis]
        return slide(n, *window, up=self.rounds_up)

    def reach(self, x: Tensor) -> tuple[Reach, ...] | str | None:
        """Grow by the window less one, in steps of the stride."""
        result = []
        for axis, n in enumerate(x.spatial):
            extent = effective(self.window[axis], self.spread[axis])
            before = margins(n.value, extent, self.stride[axis], self._pad(axis))[0]
            result.append(Reach(extent - 1, self.stride[axis], (extent - 1) / 2 - before))
        return tuple(result)


def slide(n: int, f: int, s: int, padding: str | tuple[int, int], d: int = 1, *, up: bool = False) -> Term:
    """Return the number of positions of a window of size f on n elements, in steps of s, with dilation d.

    `same` and `causal` give ⌈n/s⌉ (Keras), everything else (n + 2p − f)/s + 1, rounded down, where a dilated window is
    d·(f − 1) + 1 wide (Dumoulin and Visin, A guide to convolution arithmetic for deep learning, 2016). `up` rounds up
    as PyTorch's `ceil_mode` does: windows may stick out behind, but each starts before the end of the input.
    """
    size, window, step = input_size(n), window_size(f), stride(s)
    if padding in ("same", CAUSAL):
        return ceil_div(size, step)
    before, after = (0, 0) if isinstance(padding, str) else padding
    rest = sum(paddings(before, after), size)
    rest = rest - window if d == 1 else rest - symbol("d", d, "dilation") * (window - 1) - 1
    if not up:
        return rest // step + 1
    places = ceil_div(rest, step) + 1
    starts = ceil_div(size + symbol("p" if before == after else "p_1", before, "padding before"), step)
    return min(places, starts, key=int)


def effective(f: int, d: int) -> int:
    """Return how many elements a window of size f and dilation d spans."""
    return d * (f - 1) + 1


def margins(n: int, extent: int, s: int, padding: str | tuple[int, int]) -> tuple[int, int]:
    """Return the padding before and after; `same` puts the odd one behind, as TensorFlow does, `causal` all before."""
    if not isinstance(padding, str):
        return padding
    if padding in ("valid", CAUSAL):
        return (extent - 1) * (padding == CAUSAL), 0
    total = max((-(-n // s) - 1) * s + extent - n, 0)
    return total // 2, total - total // 2


def symmetric(padding: Any, _: int) -> Any:
    """Return padding in the form of Keras' own padding layers: a pair alone for one axis."""
    return padding[0] if len(padding) == 1 else padding


def per_side(padding: Any, rank: int) -> Any:
    """Return padding of one of Keras' own padding layers as a pair per axis; a number stands for both sides."""
    if not isinstance(padding, list):
        return padding
    return [padding] if rank == 1 else [part if isinstance(part, list) else [part, part] for part in padding]


def vanished(kind: str, axis: str, size: Term, shape: Shape, step: str) -> LayerError:
    """Return the error of an output of a size below 1 on input of a shape, with the step that helps."""
    note = f"{axis}: {render(size, EXACT)} = {render(size, EXACT, numbers=True)} = {size.value}".replace("-", "−")
    if looks_channels_first(shape):
        step = f"channels come last: `{compact((*shape[1:], shape[0]))}`, if its input is meant to be an image"
    return LayerError(
        "E301",
        f"`{kind}` does not fit its input: the output {axis} would be {size.value}".replace("-", "−"),
        note,
        step=step,
    )
