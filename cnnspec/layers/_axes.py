"""Which axis an argument names: counted from 1 behind the batch, as Keras does, or from the end as -1."""

from __future__ import annotations

from cnnspec.formula import Term, product
from cnnspec.ir.layer import LayerError
from cnnspec.ir.shapes import Tensor, input_channels, show


def position(axis: int, x: Tensor, kind: str) -> int:
    """Return the place of an axis among the dimensions; raise LayerError where the input has no such axis."""
    count = len(x.dims)
    place = axis - 1 if axis > 0 else count + axis
    if axis == 0 or not 0 <= place < count:
        note = f"axes are counted from 1 to {count}, or from the end as -1"
        raise LayerError("E307", f"`{kind}` has no axis {axis} in {show(x.shape)}", note)
    return place


def along(axes: tuple[int, ...], x: Tensor, kind: str) -> Term:
    """Return how many elements there are along axes together; raise LayerError where the input lacks one."""
    places = sorted(position(axis, x, kind) for axis in axes)
    if places == [x.rank]:
        return input_channels(x.channels.value)
    return product(x.dims[place] for place in places)
