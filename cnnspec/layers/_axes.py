"""Which axis an argument names: counted from 1 behind the batch, as Keras does, or from the end as -1."""

from __future__ import annotations

from cnnspec.formula import Term, product
from cnnspec.ir.arguments import Axis
from cnnspec.ir.layer import LayerError
from cnnspec.ir.shapes import Tensor, input_channels, show
from cnnspec.ir.values import Raw, sizes, written


class Axes(Axis):
    """One axis or several, in their order."""

    accepts = "an axis or a list of axes, counted from 1 as in Keras, or from the end as `-1`"

    def read(self, raw: Raw) -> tuple[int, ...]:  # type: ignore[override] # several of them
        """Read one integer or a list."""
        values = sizes(raw)
        if not values or 0 in values or len({*values}) < len(values):
            raise ValueError
        return values

    def bind(self, value: tuple[int, ...], rank: int) -> tuple[int, ...]:  # type: ignore[override] # several of them
        """Put several axes in order, each once and counted from 1; the last one alone is -1."""
        found = sorted({axis + rank + 2 if -rank - 1 <= axis < 0 else axis for axis in value})
        return tuple(found) if len(found) > 1 else (super().bind(found[0], rank),)

    def write(self, value: tuple[int, ...]) -> str:
        """Write one number, or a list."""
        return written(value[0] if len(value) == 1 else value)


def position(axis: int, x: Tensor, kind: str) -> int:
    """Return the place of an axis among the dimensions; raise LayerError where the input has no such axis."""
    count = len(x.dims)
    place = axis - 1 if axis > 0 else count + axis
    if not 0 <= place < count:
        note = f"axes are counted from 1 to {count}, or from the end as -1"
        raise LayerError("E307", f"`{kind}` has no axis {axis} in {show(x.shape)}", note)
    return place


def along(axes: tuple[int, ...], x: Tensor, kind: str) -> Term:
    """Return how many elements there are along axes together; raise LayerError where the input lacks one."""
    places = sorted(position(axis, x, kind) for axis in axes)
    if places == [x.rank]:
        return input_channels(x.channels.value)
    return product(x.dims[place] for place in places)
