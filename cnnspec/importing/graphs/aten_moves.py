"""Operations of PyTorch's ATen that move elements, and those that tell sizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cnnspec.errors import shorten
from cnnspec.importing.graphs import moves
from cnnspec.importing.graphs.aten_arguments import entering, only
from cnnspec.importing.graphs.flow import Flow
from cnnspec.importing.graphs.reading import (
    Made,
    Perform,
    Read,
    integer,
    integers,
    number,
)
from cnnspec.importing.graphs.resizing import CORNER, CORNERS, Sampling, enlarged
from cnnspec.importing.graphs.steps import Known, Step, UnmodelledStepError, demand
from cnnspec.ir.layer import Layer
from cnnspec.layers.channel_order import ChannelShuffle, DepthToSpace, SpaceToDepth
from cnnspec.layers.joins import Concat, Identity
from cnnspec.layers.margins import Pad
from cnnspec.layers.rearrangement import Flatten, Permute, Reshape
from cnnspec.layers.slicing import Slice, Split
from cnnspec.layers.upsample import Upsample

HALVES: Final = 2**62


def _sizes(flow: Flow, step: Step, name: str) -> list[int]:
    """Return an argument that is sizes, of which a step may have computed some."""
    value = step.arguments.get(name)
    found = []
    for each in value if isinstance(value, list) else [value]:
        known = flow.values.get(each) if isinstance(each, str) else None
        size = known.values[0] if isinstance(known, Known) and known.values else each
        if not isinstance(size, int) or isinstance(size, bool):
            raise UnmodelledStepError(f"`{name}` is `{shorten(value)}`, not sizes")
        found.append(size)
    return found


def _concatenated(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, "dim")
    return moves.concatenated(flow, step, flow.reads(step), integer(step, "dim", 0))


def _flattened(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, "start_dim", "end_dim")
    return moves.flattened(
        flow, step, entering(flow, step), integer(step, "start_dim", 0), integer(step, "end_dim", -1)
    )


def _reshaped(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, "size", "shape", "dim", "sizes")
    x = entering(flow, step)
    if step.operation.startswith("squeeze"):
        return moves.squeezed(flow, step, x, integers(step, "dim"))
    if step.operation.startswith("unsqueeze"):
        return moves.unsqueezed(flow, step, x, integers(step, "dim", []))
    if "sizes" not in step.arguments:
        return moves.reshaped(flow, step, x, _sizes(flow, step, "shape" if "shape" in step.arguments else "size"))
    axis, now = integer(step, "dim", 0), [flow.batch, *flow.sizes(x)]
    axis = axis + len(now) if axis < 0 else axis
    return moves.reshaped(flow, step, x, [*now[:axis], *_sizes(flow, step, "sizes"), *now[axis + 1 :]])


def _permuted(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, "dims", "dim0", "dim1", "source", "destination")
    x = entering(flow, step)
    if "dims" in step.arguments:
        return moves.permuted(flow, x, integers(step, "dims", []))
    if "source" in step.arguments:
        return moves.moved(flow, x, integers(step, "source", []), integers(step, "destination", []))
    return moves.exchanged(flow, x, integer(step, "dim0", 0), integer(step, "dim1", 0))


def _cut(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, "dim", "start", "end", "step", "length")
    demand(integer(step, "step", 1), "step", (1,))
    axis, start, stop = integer(step, "dim", 0), integer(step, "start", 0), integer(step, "end", HALVES)
    x = entering(flow, step)
    if axis == 0 and start == 0 and stop >= flow.batch:
        return x
    stop = start + integer(step, "length", 0) if "length" in step.arguments else stop
    return moves.cut(flow, step, x, axis, start, None if stop >= HALVES else stop)


def _split(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, "dim", "chunks", "split_size", "split_sizes")
    x, axis = flow.held(entering(flow, step)), integer(step, "dim", 0)
    total = flow.ours(x)[flow.axis(x, axis)]
    if "chunks" in step.arguments:
        sizes = moves.chunks(total, -(-total // max(integer(step, "chunks", 1), 1)))
    elif "split_sizes" in step.arguments or len(integers(step, "split_size", [0])) > 1:
        sizes = integers(step, "split_sizes", step.arguments.get("split_size"))
    else:
        sizes = moves.chunks(total, integer(step, "split_size", 0))
    return moves.split(flow, step, x, axis, sizes)


def _padded(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, "pad", "mode", "value")
    rows, x = integers(step, "pad", []), flow.held(entering(flow, step))
    demand(number(step, "value", 0), "value", (0,))
    if len(rows) % 2 or len(rows) > 2 * len(x.axes):
        raise UnmodelledStepError(f"it pads by {tuple(rows)}")
    pairs = [(rows[at], rows[at + 1]) for at in range(0, len(rows), 2)][::-1]
    pairs = [(0, 0)] * (len(x.axes) - len(pairs)) + pairs
    return moves.padded(flow, step, x, pairs, str(step.arguments.get("mode") or "constant"))


def _enlarged(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, "output_size", "size", "scale_factors", "align_corners", "scales", "scales_h", "scales_w", "scales_d")
    sizes = integers(step, "output_size") or integers(step, "size")
    factors = step.arguments.get("scale_factors") if sizes is None else None
    mode = "bilinear" if "linear" in step.operation else "nearest"
    sampling = Sampling(CORNER, "floor", name=mode) if mode == "nearest" else Sampling()
    if step.arguments.get("align_corners"):
        sampling = Sampling(CORNERS, name="align_corners")
    factors = factors if isinstance(factors, list) else None
    return enlarged(flow, step, entering(flow, step), factors, sizes, mode, sampling)


def _blocks(flow: Flow, step: Step, cls: type[Layer]) -> Made:
    only(step, "upscale_factor", "downscale_factor")
    block = integer(step, "upscale_factor", integer(step, "downscale_factor", 0))
    return moves.blocks(flow, step, cls, entering(flow, step), block, channels_outside=True)


def _shuffled(flow: Flow, step: Step, cls: type[Layer]) -> Made:
    only(step, "groups")
    return flow.layer(step, flow.build(cls, 0, groups=integer(step, "groups", 0)), [flow.image(entering(flow, step))])


def _same(flow: Flow, step: Step, _: type[Layer]) -> Made:
    return entering(flow, step)


def _size(flow: Flow, step: Step) -> Made:
    """Return a size of a tensor, which a later step may be given."""
    x = entering(flow, step)
    sizes = (flow.batch, *flow.sizes(x))
    axis = integer(step, "dim", 0)
    if not -len(sizes) <= axis < len(sizes):
        raise UnmodelledStepError(f"there is no axis {axis}")
    return Known((), (sizes[axis],))


MOVES: Final[Mapping[type[Layer], Read]] = {
    Concat: _concatenated,
    Flatten: _flattened,
    Reshape: _reshaped,
    Permute: _permuted,
    Slice: _cut,
    Split: _split,
    Pad: _padded,
    Upsample: _enlarged,
    DepthToSpace: _blocks,
    SpaceToDepth: _blocks,
    ChannelShuffle: _shuffled,
    Identity: _same,
}


def _nothing(_: Flow, __: Step) -> Made:
    return []


SIZES: Final[Mapping[str, Perform]] = {
    "sym_size": _size,
    "_assert_tensor_metadata": _nothing,
}
