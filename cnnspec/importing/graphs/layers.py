"""Steps that are layers with weights or a window: convolutions, dense layers, normalizations, pooling."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from cnnspec.importing.graphs.flow import Flow
from cnnspec.importing.graphs.steps import Held, Known, Step, UnmodelledStepError, Value
from cnnspec.ir.layer import Layer
from cnnspec.ir.shapes import Shape, show
from cnnspec.layers.activations import clipped
from cnnspec.layers.adaptive_pooling import AdaptivePooling
from cnnspec.layers.conv import Conv
from cnnspec.layers.dense import Dense
from cnnspec.layers.dwconv import DepthwiseConv
from cnnspec.layers.global_pooling import GlobalPooling
from cnnspec.layers.normalization import BatchNorm, GroupNorm, LayerNorm
from cnnspec.layers.pooling import AvgPool, MaxPool, Pooling
from cnnspec.layers.prelu import Prelu
from cnnspec.layers.upconv import TransposedConv

Pairs = Sequence[tuple[int, int]]
Padding = str | Pairs


def weights_of(value: Value, what: str, count: int | None = None) -> Known:
    """Return weights, of so many axes; raise UnmodelledStepError where there are none."""
    if not isinstance(value, Known):
        raise UnmodelledStepError(f"its {what} are computed, not in the file")
    if (count is not None and len(value.shape) != count) or not prod(value.shape):
        raise UnmodelledStepError(f"its {what} have the shape {show(value.shape) if value.shape else '()'}")
    return value


def convolution(
    flow: Flow,
    step: Step,
    values: tuple[Value, Value, Value],
    stride: Sequence[int],
    padding: Padding,
    dilation: Sequence[int],
    groups: int,
) -> Held:
    """Return what a convolution makes; `values` are its input, its weights and its biases, None without any."""
    x = flow.image(values[0])
    shape = flow.ours(x)
    weights = weights_of(values[1], "weights", len(shape) + 1)
    filters, depth, *kernel = weights.shape
    _demand_channels(depth * groups, shape, weights)
    _demand_each_learned(values[2:], filters, "filter")
    rank = len(kernel)
    window: dict[str, Any] = {
        "kernel": kernel,
        "stride": per_axis(stride, rank),
        "padding": plain(padding),
        "dilation": per_axis(dilation, rank),
        "bias": values[2] is not None,
    }
    if 1 < groups == shape[-1] and filters % groups == 0 and rank in DepthwiseConv.ranks and _is_even(stride):
        layer = flow.build(DepthwiseConv, rank, multiplier=filters // groups, **window)
    else:
        layer = flow.build(Conv, rank, filters=filters, groups=groups, **window)
    return flow.layer(step, layer, [x], weights=weights)


def transposed(flow: Flow, step: Step, values: tuple[Value, Value, Value], groups: int, **window: Any) -> Held:
    """Return what a transposed convolution makes."""
    x = flow.image(values[0])
    shape = flow.ours(x)
    weights = weights_of(values[1], "weights", len(shape) + 1)
    depth, filters, *kernel = weights.shape
    _demand_channels(depth, shape, weights)
    _demand_each_learned(values[2:], filters * groups, "filter")
    rank = len(kernel)
    window = {name: per_axis(value, rank) for name, value in window.items()}
    window["padding"] = plain(window["padding"])
    added = window["output_padding"]
    if not any(added) and isinstance(window["padding"], str):
        window["output_padding"] = None if window["padding"] == "same" else _unstated(window, kernel)
    layer = flow.build(
        TransposedConv,
        rank,
        filters=filters * groups,
        kernel=kernel,
        groups=groups,
        bias=values[2] is not None,
        **window,
    )
    return flow.layer(step, layer, [x], weights=weights)


def _unstated(window: dict[str, Any], kernel: Sequence[int]) -> tuple[int, ...] | None:
    """Return None where nothing added behind is what a spec means by itself, as a kernel reaches over every stride."""
    sizes = zip(kernel, window["dilation"], window["stride"], strict=True)
    return None if all(d * (f - 1) + 1 >= s for f, d, s in sizes) else (0,) * len(kernel)


def dense(flow: Flow, step: Step, x: Value, units: int, inputs: int, weights: Known, *, bias: bool) -> Held:
    """Return what a dense layer makes along the last axis of the file."""
    held = flow.rows(x)
    _demand_channels(inputs, flow.ours(held), weights)
    return flow.layer(step, flow.build(Dense, 0, units=units, bias=bias), [held], weights=weights)


def batch_norm(flow: Flow, step: Step, x: Value, weights: Sequence[Value], eps: float, momentum: float) -> Held:
    """Return what a batch norm makes; `weights` are factor, offset, mean and variance, None for one that is not."""
    held = flow.image(x)
    known = [weights_of(value, "numbers", 1) for value in weights if value is not None]
    if weights[2] is None or weights[3] is None:
        raise UnmodelledStepError("its mean and variance are not stored")
    for each in known:
        _demand_channels(each.shape[0], flow.ours(held), each)
    layer = flow.build(
        BatchNorm, 0, eps=eps, momentum=momentum, scale=weights[0] is not None, center=weights[1] is not None
    )
    return flow.layer(step, layer, [held], weights=known[0])


def layer_norm(flow: Flow, step: Step, x: Value, count: int, eps: float, scale: Value, offset: Value) -> Held:
    """Return what a layer norm over the last axes of the file makes."""
    held = flow.held(x)
    axes = held.axes[-count:]
    _demand_each_learned((scale, offset), prod(flow.sizes(held)[-count:]), "element")
    last = len(held.axes) - 1
    spoken = [-1] if axes == (last,) else sorted(axis + 1 for axis in axes)
    layer = flow.build(LayerNorm, last, axis=spoken, eps=eps, scale=scale is not None, center=offset is not None)
    weights = scale if isinstance(scale, Known) else None
    return flow.layer(step, layer, [held], weights=weights)


def group_norm(flow: Flow, step: Step, x: Value, groups: int, eps: float, weights: Sequence[Value]) -> Held:
    """Return what a group norm makes; -1 is a group per channel."""
    held = flow.image(x)
    _demand_each_learned(weights, flow.ours(held)[-1], "channel")
    layer = flow.build(
        GroupNorm, 0, groups=groups, eps=eps, scale=weights[0] is not None, center=weights[1] is not None
    )
    first = weights[0] if isinstance(weights[0], Known) else None
    return flow.layer(step, layer, [held], weights=first)


def prelu(flow: Flow, step: Step, x: Value, slopes: Value) -> Held:
    """Return what a rectifier with learned slopes makes."""
    held = flow.image(x)
    shape, known = flow.ours(held), weights_of(slopes, "slopes")
    count = prod(known.shape)
    if count not in (1, shape[-1], prod(shape)) or (1 < count == shape[-1] and known.shape[:1] != (count,)):
        raise UnmodelledStepError(f"its slopes have the shape {show(known.shape)}")
    shared: Any = "all" if count == 1 and shape[-1] > 1 else count == shape[-1] and len(shape) > 1
    return flow.layer(step, flow.build(Prelu, len(shape) - 1, shared=shared), [held], weights=known)


def pooling(flow: Flow, step: Step, cls: type[Pooling], x: Value, *, inside: bool = False, **window: Any) -> Held:
    """Return what pooling makes; `inside` says that the mean leaves the padding out."""
    held = flow.image(x)
    shape = flow.ours(held)
    rank = len(shape) - 1
    own = {name: per_axis(value, rank) for name, value in window.items() if name in ("pool", "stride")}
    padding = plain(window["padding"])
    if inside and not isinstance(padding, str):
        if all(f % 2 and step_ == 1 and rows == (f // 2, f // 2) for f, step_, rows in _axes(own, padding)):
            padding = "same"
        else:
            flow.draft.lose("count_include_pad")
    own |= {"padding": padding, "ceil": bool(window.get("ceil")) and padding != "same"}
    return flow.layer(step, flow.build(cls, rank, **own), [held])


def _axes(own: dict[str, Any], padding: Pairs) -> list[tuple[int, int, tuple[int, int]]]:
    rows = per_axis(padding, len(own["pool"]))
    return [(f, s, (pair[0], pair[1])) for f, s, pair in zip(own["pool"], own["stride"], rows, strict=True)]


def adaptive(
    flow: Flow, step: Step, classes: tuple[type[AdaptivePooling], type[GlobalPooling]], x: Value, size: Sequence[Any]
) -> Held:
    """Return what pooling to a size makes: nothing where it has it already, else of windows or of the whole."""
    held = flow.image(x)
    *spatial, _ = flow.ours(held)
    given = per_axis(size, len(spatial))
    wanted = [own if each is None else each for each, own in zip(given, spatial, strict=True)]
    if {*wanted} == {1}:
        return flow.layer(step, flow.build(classes[1], len(spatial), keepdims=True), [held])
    return flow.layer(step, flow.build(classes[0], len(spatial), size=wanted), [held])


def global_pooling(
    flow: Flow, step: Step, cls: type[GlobalPooling], x: Value, axes: Sequence[int] | None, *, kept: bool
) -> Held:
    """Return the mean or the maximum of all places; `axes` are those of the file, all spatial ones unless given."""
    held = flow.held(x)
    count = len(held.axes)
    if count > 1 and axes is not None:
        places = {flow.axis(held, axis) for axis in axes}
        if len(places) != count - 1:
            raise UnmodelledStepError(f"it works along {len(places)} of {count} axes")
        (channels,) = {*range(count)} - places
        behind = [axis for axis in held.axes if axis != channels]
        wanted = {axis: place for place, axis in enumerate([*behind, channels])}
        held = flow.ordered(held, tuple(wanted[axis] for axis in held.axes)) if channels != count - 1 else held
    elif axes is None:
        held = flow.image(held)
    if count == 1:
        raise UnmodelledStepError("it works along the channels")
    return flow.layer(step, flow.build(cls, count - 1, keepdims=kept), [held], held.axes if kept else (0,))


def clip(flow: Flow, step: Step, x: Held, low: float | None, high: float | None) -> Held:
    """Return a tensor between two limits, by the kind that has them."""
    if low is None and high is None:
        return x
    layer = clipped(low, high)
    if layer is None:
        lowest, highest = "−∞" if low is None else low, "∞" if high is None else high
        raise UnmodelledStepError(f"no kind stands for limits at {lowest} and {highest}")
    return flow.layer(step, layer, [x])


def plain(padding: Any) -> Any:
    """Return padding as a spec would have it: no rows are `valid`."""
    return padding if isinstance(padding, str) or any(map(any, padding)) else "valid"


def per_axis(values: Any, rank: int) -> Any:
    """Return a value per axis; one stands for all."""
    if isinstance(values, str):
        return values
    values = values if isinstance(values, Sequence) else [values]
    if len(values) not in (1, rank):
        raise UnmodelledStepError(f"it has {len(values)} sizes for {rank} axes")
    return list(values) * rank if len(values) == 1 else list(values)


def is_mean(layer: type[Layer]) -> bool:
    """Tell whether pooling takes a mean."""
    return issubclass(layer, AvgPool)


def is_maximum(layer: type[Layer]) -> bool:
    """Tell whether pooling takes a maximum."""
    return issubclass(layer, MaxPool)


def _is_even(stride: Sequence[int]) -> bool:
    return len({*stride}) <= 1


def _demand_each_learned(values: Sequence[Value], count: int, what: str) -> None:
    """Raise UnmodelledStepError where learned numbers are computed, or not one for each element, channel or filter."""
    for value in values:
        if value is not None and prod(shape := weights_of(value, "numbers").shape) != count:
            raise UnmodelledStepError(f"it learns numbers of the shape {show(shape)}, not one per {what}")


def _demand_channels(channels: int, shape: Shape, weights: Known) -> None:
    if channels != shape[-1]:
        what = f"its weights of the shape {show(weights.shape)} want {channels:,} channels"
        raise UnmodelledStepError(f"{what}, its input has {shape[-1]:,}")
