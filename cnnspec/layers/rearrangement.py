"""Kinds that move elements and compute nothing: flatten, reshape, permute."""

from __future__ import annotations

from cnnspec.formula import Term, product, symbol
from cnnspec.ir.arguments import Dims, arg
from cnnspec.ir.keras_rule import KerasRule
from cnnspec.ir.layer import Layer, LayerError, Reach, kind
from cnnspec.ir.operation import named
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, Tensor, show, size_of, tensor
from cnnspec.ir.torch_call import Order, TorchCall, expression
from cnnspec.ir.torch_rule import Only, Through, TorchRule, channels_first, channels_last

REARRANGED = "channel by channel: Keras has these elements in another order"
FLATTENED = r"flatten|unroll"


class Rearrangement(Layer):
    """A layer whose output elements are its input elements in another order."""

    role = Role.MOVE
    optional = True
    free = "elements are moved, nothing is learned"

    def reach(self, x: Tensor) -> tuple[Reach, ...] | None:
        """Places in the input are lost."""
        return None


@kind("flatten")
class Flatten(Rearrangement):
    """Write all elements into one vector, row by row, channels innermost."""

    is_view = True
    also_called = FLATTENED
    keras = KerasRule("Flatten")
    torch = TorchRule("Flatten", {"start_dim": Only((1,)), "end_dim": Only((-1,))})
    onnx = named("Flatten")
    aten = named("flatten")

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's layer, which takes the elements as they stand there."""
        note = REARRANGED if {*shapes[0][:-1]} - {1} and shapes[0][-1] > 1 else ""
        return (TorchCall("Flatten", inline="{0}.flatten(1)", note=note),)

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """H·W·C."""
        return (product(x.dims),)


@kind("reshape")
class Reshape(Rearrangement):
    """Read the elements in order into another shape; one dimension may be `-1`, which is computed."""

    shape_: tuple[int, ...] = arg(Dims(free=True), also=("shape", "target"), always=True, doc="the new shape")

    is_view = True
    also_called = FLATTENED
    keras = KerasRule("Reshape", {"target_shape": "shape_"}, first=("target_shape",))
    torch = TorchRule(
        "Unflatten",
        {"dim": Only((1,)), "unflattened_size": Through("shape_", channels_last, channels_first)},
        differs="PyTorch reads the elements channels first, so that they have another order.",
    )
    onnx = named("Reshape", "Squeeze", "Unsqueeze")
    aten = named("view", "reshape", "unflatten", "squeeze", "unsqueeze")

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """Read the elements in our order; an image of a vector is read channel by channel, as PyTorch does."""
        before, after = shapes[0], tuple(dim.value for dim in self.shape(tensor(shapes[0])))
        order = Order.FIRST if len(before) == 1 and len(after) > 2 else Order.LAST
        sizes = after if order is Order.LAST else channels_first(after)
        if before == after:
            return (TorchCall("Identity", inline="{0}"),)
        if len(before) > len(after) == 2 and before[-1] == after[-1]:
            return (expression("{0}.flatten(1, {last})", Order.LAST, last=len(before) - 1, leaves=Order.LAST),)
        if len(before) > 1:
            form = "{0}.flatten(1).unflatten(1, {sizes})" if len(after) > 1 else "{0}.flatten(1)"
            return (expression(form, Order.LAST, sizes=sizes, leaves=Order.LAST),)
        note = REARRANGED if order is Order.FIRST and after[-1] > 1 and max(after[:-1]) > 1 else ""
        inline, values = "{0}.unflatten(1, {sizes})", {"sizes": sizes}
        return (TorchCall("Unflatten", (1, sizes), inline=inline, values=values, leaves=order, note=note),)

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """The given dimensions; their product must be that of the input."""
        total, known = size_of(x.shape), size_of(tuple(size for size in self.shape_ if size != -1))
        fits = total % known == 0 if -1 in self.shape_ else total == known
        if not fits:
            factors = "·".join(str(size) for size in self.shape_ if size != -1)
            relation = "does not divide" if -1 in self.shape_ else "is not"
            given = f"{'·'.join(map(str, x.shape))} = {total:,}" if len(x.shape) > 1 else f"{total:,}"
            note = f"{factors} = {known:,} {relation} {given}"
            raise LayerError("E306", f"{show(x.shape)} cannot be reshaped to {show(self.shape_)}", note)
        others = product(symbol(f"n_{i}", n) for i, n in enumerate(self.shape_, 1) if n != -1)
        return tuple(
            product(x.dims) // others if n == -1 else symbol(f"n_{i}", n) for i, n in enumerate(self.shape_, 1)
        )


@kind("permute", "transpose")
class Permute(Rearrangement):
    """Change the order of the axes, which are counted from 1 as in Keras."""

    dims: tuple[int, ...] = arg(Dims(), always=True, doc="for every output axis, the input axis that it takes")

    keras = KerasRule("Permute", {"dims": "dims"}, first=("dims",))
    onnx = named("Transpose")
    aten = named("permute", "transpose", "movedim")

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's method, on the order of ours."""
        return (expression("{0}.permute{dims}", Order.LAST, dims=(0, *self.dims), leaves=Order.LAST),)

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """The input dimensions in the new order."""
        if sorted(self.dims) != list(range(1, len(x.dims) + 1)):
            note = f"an input of {len(x.dims)} axes needs each of {', '.join(map(str, range(1, len(x.dims) + 1)))} once"
            raise LayerError("E306", f"{self.dims} is no order of the axes of {show(x.shape)}", note)
        return tuple(x.dims[axis - 1] for axis in self.dims)
