"""A part of the input along one axis."""

from __future__ import annotations

from cnnspec.formula import Term, symbol
from cnnspec.ir.arguments import Axis, Count, arg
from cnnspec.ir.keras_rule import FUNCTIONS, Call, KerasRule
from cnnspec.ir.layer import Layer, LayerError, Reach, kind
from cnnspec.ir.operation import named
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, Tensor, tensor
from cnnspec.ir.torch_call import TorchCall
from cnnspec.layers._axes import position
from cnnspec.layers._torch import narrowed


class Part(Layer):
    """A layer that takes elements from a up to b along an axis, the channels unless given."""

    role = Role.MOVE
    free = "elements are picked, nothing is learned"
    axis: int = arg(Axis(), -1, doc="which axis: from 1 as Keras counts, or -1 for the channels")
    keras = KerasRule("")

    def bounds(self, x: Tensor) -> tuple[Term, Term]:
        """Return where the part begins and ends; raise LayerError where that is not inside the axis."""
        raise NotImplementedError  # both kinds say it in their own way

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """B − a along the axis; the others stay."""
        start, stop = self.bounds(x)
        place = position(self.axis, x, self.kind)
        return tuple(stop - start if at == place else n for at, n in enumerate(x.dims))

    def reach(self, x: Tensor) -> tuple[Reach, ...] | str:
        """The first element lies inside the input."""
        place, start = position(self.axis, x, self.kind), self.bounds(x)[0].value
        return tuple(Reach(offset=start if axis == place else 0) for axis in range(x.rank))

    def keras_calls(self, *shapes: Shape) -> tuple[Call, ...]:
        """Slice the tensor, as Python does."""
        x = tensor(shapes[0])
        start, stop = (bound.value for bound in self.bounds(x))
        place = position(self.axis, x, self.kind)
        before = (slice(None),) * (place + 1) if place < x.rank else (...,)
        return (Call(f"{FUNCTIONS}get_item", {"key": (*before, slice(start, stop))}, ("key",)),)

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """Narrow the axis."""
        x = tensor(shapes[0])
        start, stop = (bound.value for bound in self.bounds(x))
        return (narrowed(position(self.axis, x, self.kind), start, stop - start),)


@kind("slice")
class Slice(Part):
    """Keep the elements from `start` up to, but not with, `stop`."""

    start: int = arg(Count(0), 0, symbol="a", always=True, doc="the first element that is kept, counted from 0")
    stop: int | None = arg(
        Count(), None, symbol="b", doc="the first element that is not kept any more; the end unless given"
    )
    onnx = named("Slice")
    aten = named("slice", "narrow")

    def bounds(self, x: Tensor) -> tuple[Term, Term]:
        """A and b; raise LayerError where nothing is between them or the axis ends before."""
        size = x.dims[position(self.axis, x, self.kind)]
        start = symbol("a", self.start, "start")
        stop = size if self.stop is None else symbol("b", self.stop, "stop")
        if not start.value < stop.value <= size.value:
            raise LayerError(
                "E307", f"{start.value} to {stop.value} is no part of the {size.value} elements of the axis"
            )
        return start, stop


@kind("split", "chunk")
class Split(Part):
    """Keep one of equal parts: half of the channels with `split: 2`, the other half with `split: 2 index=1`."""

    parts: int = arg(Count(positional=True), symbol="g", always=True, doc="number of equal parts")
    index: int = arg(Count(0), 0, symbol="i", doc="which part is kept, counted from 0")
    onnx = named("Split")
    aten = named("chunk", "split", "split_with_sizes")

    def bounds(self, x: Tensor) -> tuple[Term, Term]:
        """I·n/g and (i + 1)·n/g; raise LayerError where the parts do not divide the axis or are fewer."""
        size = x.dims[position(self.axis, x, self.kind)]
        if size.value % self.parts or self.index >= self.parts:
            message = f"{size.value} elements cannot be divided into {self.parts} parts"
            raise LayerError(
                "E305",
                message if size.value % self.parts else f"of {self.parts} parts, none has the index {self.index}",
            )
        part, index = size // symbol("g", self.parts, "parts"), symbol("i", self.index, "index of the part")
        return index * part, (index + 1) * part

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """N/g along the axis; the others stay."""
        self.bounds(x)
        place = position(self.axis, x, self.kind)
        return tuple(n // symbol("g", self.parts, "parts") if at == place else n for at, n in enumerate(x.dims))
