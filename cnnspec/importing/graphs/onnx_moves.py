"""Operations of ONNX that move elements, and those that compute shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cnnspec.importing.graphs import moves
from cnnspec.importing.graphs.flow import Flow
from cnnspec.importing.graphs.onnx_arguments import entering, only, opset, scalar, take
from cnnspec.importing.graphs.reading import (
    Made,
    Perform,
    Read,
    integer,
    integers,
    number,
    whole,
)
from cnnspec.importing.graphs.resizing import CORNER, Sampling, enlarged
from cnnspec.importing.graphs.steps import Bordered, Known, Step, UnmodelledStepError, demand
from cnnspec.ir.layer import Layer
from cnnspec.layers.channel_order import DepthToSpace, SpaceToDepth
from cnnspec.layers.joins import Concat, Identity
from cnnspec.layers.margins import Pad
from cnnspec.layers.rearrangement import Flatten, Permute, Reshape
from cnnspec.layers.slicing import Slice, Split
from cnnspec.layers.upsample import Upsample

INTEGERS: Final = (6, 7)
FLOATS: Final = (1, 10, 11, 16)
"""Types of numbers, as onnx.proto counts them; floats of whatever precision are the same to a spec."""
END: Final = 2**31 - 1
LOWEST: Final = -3.4e38
"""Nothing is above a number below this one of 32 bits, so that no maximum takes it."""


def _concatenated(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, "axis")
    values = flow.reads(step)
    known = [value for value in values if isinstance(value, Known)]
    if known and len(known) == len(values):
        return moves.numbers_joined(known, integer(step, "axis", 0))
    return moves.concatenated(flow, step, values, integer(step, "axis", 1))


def _flattened(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, "axis")
    demand(integer(step, "axis", 1), "axis", (1, -len(flow.sizes(entering(flow, step)))))
    return moves.flattened(flow, step, entering(flow, step), 1)


def _reshaped(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, "shape", "axes", "allowzero", "consumed_inputs")
    x, given = entering(flow, step), take(flow, step, 1)
    axes = whole(given, "axes") if given is not None else integers(step, "axes")
    if step.operation == SQUEEZE:
        return moves.squeezed(flow, step, x, axes)
    if step.operation == UNSQUEEZE:
        return moves.unsqueezed(flow, step, x, axes or [])
    sizes = axes if given is not None else integers(step, "shape", [])
    now = flow.sizes(x) if isinstance(x, Known) else (flow.batch, *flow.sizes(x))
    zero = bool(integer(step, "allowzero", 0))
    kept = [now[at] if size == 0 and not zero and at < len(now) else size for at, size in enumerate(sizes)]
    return moves.reshaped(flow, step, x, kept)


SQUEEZE, UNSQUEEZE = "Squeeze", "Unsqueeze"


def _permuted(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, "perm")
    x = entering(flow, step)
    count = len(flow.sizes(x)) + (not isinstance(x, Known))
    return moves.permuted(flow, x, integers(step, "perm", list(range(count))[::-1]))


def _cut(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, "starts", "ends", "axes")
    x = entering(flow, step)
    if opset(step) < 10:
        starts, ends, axes, steps = (integers(step, name) for name in ("starts", "ends", "axes", "steps"))
    else:
        given = [take(flow, step, place) for place in range(1, 5)]
        starts, ends, axes, steps = (None if value is None else whole(value, "bounds") for value in given)
    starts, ends = starts or [], ends or []
    axes = axes if axes is not None else list(range(len(starts)))
    if len({len(starts), len(ends), len(axes)}) != 1 or {*(steps or [1])} != {1}:
        raise UnmodelledStepError("it takes other elements than a row of them")
    for start, end, axis in zip(starts, ends, axes, strict=True):
        if isinstance(x, Known):
            if len(x.shape) != 1 or x.values is None:
                raise UnmodelledStepError("it cuts numbers of the file")
            found = x.values[start:end]
            x = Known((len(found),), found)
        else:
            x = moves.cut(flow, step, x, axis, start, None if end >= END else end)
    return x


def _split(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, "axis", "split", "num_outputs")
    x, axis, given = flow.held(entering(flow, step)), integer(step, "axis", 0), take(flow, step, 1)
    sizes = whole(given, "sizes") if given is not None else integers(step, "split")
    if sizes is None:
        total = flow.ours(x)[flow.axis(x, axis)]
        sizes = moves.chunks(total, -(-total // max(len(step.outputs), 1)))
    return moves.split(flow, step, x, axis, sizes)


def _padded(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, "mode", "pads", "paddings", "value")
    given, named, x = take(flow, step, 1), take(flow, step, 3), entering(flow, step)
    rows = whole(given, "rows") if given is not None else integers(step, "pads") or integers(step, "paddings", [])
    value = scalar(flow, step, 2, "value", 0)
    is_lowest = isinstance(value, int | float) and value <= LOWEST
    demand(0 if is_lowest else value, "value", (0,))
    half, count = len(rows) // 2, len(flow.sizes(x)) + 1
    axes = whole(named, "axes") if named is not None else list(range(count))
    places = [axis + count if axis < 0 else axis for axis in axes]
    if len(rows) != 2 * half or len(places) != half or not {*places} <= {*range(count)}:
        raise UnmodelledStepError(f"it pads the axes {tuple(axes)} of {count} by {tuple(rows)}")
    pairs = dict.fromkeys(range(count), (0, 0)) | dict(
        zip(places, zip(rows[:half], rows[half:], strict=True), strict=True)
    )
    if any(pairs.pop(0)):
        raise UnmodelledStepError("it pads the batch")
    mode = str(step.arguments.get("mode") or "constant")
    around = [*pairs.values()]
    if is_lowest and mode == "constant" and any(map(any, around)) and not any(around[0]):
        return Bordered(flow.image(x), tuple(around[1:]))
    return moves.padded(flow, step, x, around, mode)


def _enlarged(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, *RESIZING)
    sampling = _sampling(step)
    if sampling.coordinates == "tf_crop_and_resize":
        raise UnmodelledStepError("it cuts the image before it resizes it")
    demand(step.arguments.get("keep_aspect_ratio_policy") or "stretch", "keep_aspect_ratio_policy", ("stretch",))
    scales = take(flow, step, 1 if is_early(step) else 2)
    sizes, x = take(flow, step, 3) if step.operation == RESIZE else None, flow.held(entering(flow, step))
    factors = step.arguments.get("scales")
    if isinstance(scales, Known) and scales.values:
        factors = list(scales.values)
    wanted = whole(sizes, "sizes") if sizes is not None and whole(sizes, "sizes") else None
    axes = integers(step, "axes")
    if axes is not None:
        demand(axes, "axes", (list(range(2, len(flow.sizes(x)) + 1)),))
        wanted = None if wanted is None else [flow.batch, flow.sizes(x)[0], *wanted]
        factors = None if factors is None else [1, 1, *factors]
    if wanted and wanted[:2] != [flow.batch, flow.sizes(x)[0]]:
        raise UnmodelledStepError("it resizes more than the spatial axes")
    wanted = wanted[2:] if wanted else None
    mode = str(step.arguments.get("mode") or "nearest")
    factors = factors[2:] if isinstance(factors, list) and factors[:2] == [1, 1] and wanted is None else None
    return enlarged(flow, step, x, factors, wanted, mode, sampling)


def is_early(step: Step) -> bool:
    """Tell whether a step is of the operations before opset 11, which have no words for where new elements lie."""
    return step.operation != RESIZE or opset(step) < 11


def _sampling(step: Step) -> Sampling:
    if is_early(step):
        return Sampling(CORNER, "floor")
    usual = Sampling()
    return Sampling(
        str(step.arguments.get("coordinate_transformation_mode") or usual.coordinates),
        str(step.arguments.get("nearest_mode") or usual.rounding),
        number(step, "cubic_coeff_a", usual.coefficient),
        bool(integer(step, "exclude_outside", 0)),
        bool(integer(step, "antialias", 0)),
    )


RESIZING: Final = (
    *("mode", "scales", "axes", "coordinate_transformation_mode", "cubic_coeff_a", "exclude_outside"),
    *("extrapolation_value", "nearest_mode", "antialias", "keep_aspect_ratio_policy"),
)
"""Attributes that are read, and the number around an image that is cut, which none is."""
RESIZE: Final = "Resize"


def _blocks(flow: Flow, step: Step, cls: type[Layer]) -> Made:
    only(step, "blocksize", "mode")
    mode, block = step.arguments.get("mode") or "DCR", integer(step, "blocksize", 0)
    demand(mode, "mode", ("DCR", "CRD"))
    return moves.blocks(flow, step, cls, entering(flow, step), block, channels_outside=mode == "CRD")


def _same(flow: Flow, step: Step, _: type[Layer]) -> Made:
    x, type_ = entering(flow, step), step.arguments.get("to")
    if isinstance(x, Known) and type_ in INTEGERS and x.values is not None:
        return x._replace(values=tuple(whole(x, "numbers")))
    if not isinstance(x, Known) and type_ is not None and type_ not in FLOATS:
        flow.draft.lose("to")
    return x


def _constant(_: Flow, step: Step) -> Made:
    for value in step.arguments.values():
        if isinstance(value, Known):
            return value
    for name in ("value_int", "value_float"):
        if (found := step.arguments.get(name)) is not None:
            return Known((), (found,))
    for name in ("value_ints", "value_floats"):
        if (found := step.arguments.get(name)) is not None:
            return Known((len(found),), tuple(found))
    raise UnmodelledStepError("it holds a constant of another type")


def _filled(flow: Flow, step: Step) -> Made:
    sizes = whole(entering(flow, step), "sizes")
    if len(sizes) > 8 or min(sizes, default=0) < 0:
        raise UnmodelledStepError(f"it has the sizes {sizes[:8]}")
    return Known(tuple(sizes), None, step.outputs[0] if step.outputs else "")


def _shape(flow: Flow, step: Step) -> Made:
    only(step, "start", "end")
    x = entering(flow, step)
    sizes = x.shape if isinstance(x, Known) else (flow.batch, *flow.sizes(x))
    sizes = sizes[integer(step, "start", 0) : integer(step, "end", END)]
    return Known((len(sizes),), sizes)


def _gathered(flow: Flow, step: Step) -> Made:
    only(step, "axis")
    x, places = entering(flow, step), take(flow, step, 1)
    if not isinstance(x, Known) or x.values is None or len(x.shape) != 1:
        raise UnmodelledStepError(f"no kind stands for the operation `{step.operation}` on what layers make")
    try:
        found = tuple(x.values[place] for place in whole(places, "places"))
    except IndexError:
        raise UnmodelledStepError("it takes numbers that are not there") from None
    return Known(places.shape if isinstance(places, Known) else (), found)


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
    Identity: _same,
}
SIZES: Final[Mapping[str, Perform]] = {
    "Constant": _constant,
    "ConstantOfShape": _filled,
    "Shape": _shape,
    "Gather": _gathered,
}
