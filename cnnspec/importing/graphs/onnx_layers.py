"""Operations of ONNX with weights or a window, and functions of elements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf, prod
from typing import Any, Final

from cnnspec.importing.graphs import layers
from cnnspec.importing.graphs.flow import Flow
from cnnspec.importing.graphs.onnx_arguments import entering, only, opset, scalar, take
from cnnspec.importing.graphs.reading import (
    Made,
    Read,
    demand_each,
    integer,
    integers,
    number,
    whole,
)
from cnnspec.importing.graphs.steps import Bordered, Known, Step, UnmodelledStepError, Value, demand
from cnnspec.ir.layer import Layer
from cnnspec.ir.shapes import show
from cnnspec.layers.activations import Relu6, Softmax
from cnnspec.layers.conv import Conv
from cnnspec.layers.dense import Dense
from cnnspec.layers.dropout import Dropout
from cnnspec.layers.global_pooling import GlobalAvgPool, GlobalMaxPool
from cnnspec.layers.normalization import BatchNorm, GroupNorm, LayerNorm
from cnnspec.layers.pooling import AvgPool, MaxPool
from cnnspec.layers.prelu import Prelu
from cnnspec.layers.upconv import TransposedConv

WINDOW: Final = ("kernel_shape", "strides", "pads", "dilations", "auto_pad")


def _padding(flow: Flow, step: Step, x: Value, kernel: Sequence[int]) -> Any:
    """Return the rows around per axis, or the word for what gives them."""
    rank = len(kernel)
    auto = step.arguments.get("auto_pad") or "NOTSET"
    demand(auto, "auto_pad", ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"))
    if auto in SAME:
        rows = _same_rows(flow, step, x, kernel, SAME.index(auto))
        is_even = all(before == after for before, after in rows)
        return "same" if auto == SAME[0] or is_even else rows
    pads = integers(step, "pads", [0] * 2 * rank) if auto == "NOTSET" else [0] * 2 * rank
    if len(pads) != 2 * rank:
        raise UnmodelledStepError(f"`pads` has {len(pads)} numbers for {rank} axes")
    return list(zip(pads[:rank], pads[rank:], strict=True))


SAME: Final = ("SAME_UPPER", "SAME_LOWER")
"""Words for as many rows as give a place per stride: an odd one stands behind, or in front."""


def _same_rows(flow: Flow, step: Step, x: Value, kernel: Sequence[int], odd_in_front: int) -> list[tuple[int, int]]:
    """Return the rows in front and behind, per axis, that give a place per stride."""
    rank = len(kernel)
    strides, dilations = (layers.per_axis(integers(step, name, [1]), rank) for name in ("strides", "dilations"))
    rows = []
    for n, f, s, d in zip(flow.sizes(x)[1:], kernel, strides, dilations, strict=False):
        if s < 1:
            raise UnmodelledStepError(f"a stride is {s}")
        total = max((-(-n // s) - 1) * s + d * (f - 1) + 1 - n, 0)
        behind = total // 2 if odd_in_front else total - total // 2
        rows.append((total - behind, behind))
    return rows


def _convolution(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, *WINDOW, "group")
    x, weights, bias = (take(flow, step, place) for place in range(3))
    kernel = layers.weights_of(weights, "weights").shape[2:]
    said = integers(step, "kernel_shape")
    if said is not None and tuple(said) != kernel:
        raise UnmodelledStepError(f"`kernel_shape` is {said}, its weights have {list(kernel)}")
    window = (
        integers(step, "strides", [1]),
        _padding(flow, step, x, kernel),
        integers(step, "dilations", [1]),
        integer(step, "group", 1),
    )
    return layers.convolution(flow, step, (x, weights, bias), *window)


def _transposed(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, *WINDOW, "group", "output_padding", "output_shape")
    if step.arguments.get("output_shape"):
        raise UnmodelledStepError("`output_shape` is not modelled: give `pads`")
    x, weights, bias = (take(flow, step, place) for place in range(3))
    kernel = layers.weights_of(weights, "weights").shape[2:]
    demand(step.arguments.get("auto_pad") or "NOTSET", "auto_pad", ("NOTSET", "VALID", "SAME_UPPER"))
    return layers.transposed(
        flow,
        step,
        (x, weights, bias),
        integer(step, "group", 1),
        stride=integers(step, "strides", [1]),
        padding=_padding(flow, step, x, kernel),
        dilation=integers(step, "dilations", [1]),
        output_padding=integers(step, "output_padding", [0]),
    )


def _dense(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, "alpha", "beta", "transA", "transB", "broadcast")
    x, weights, bias = (take(flow, step, place) for place in range(3))
    demand(number(step, "alpha", 1), "alpha", (1,))
    demand(number(step, "beta", 1), "beta", (0, 1))
    bias = bias if number(step, "beta", 1) else None
    demand(integer(step, "transA", 0), "transA", (0,))
    known = layers.weights_of(weights, "weights", 2)
    inputs, units = known.shape[::-1] if integer(step, "transB", 0) else known.shape
    if bias is not None and prod(layers.weights_of(bias, "biases").shape) != units:
        raise UnmodelledStepError("it has other than one bias per unit")
    return layers.dense(flow, step, x, units, inputs, known, bias=bias is not None)


def _batch_norm(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, "epsilon", "momentum", "spatial", "training_mode", "is_test", "consumed_inputs")
    demand(integer(step, "spatial", 1), "spatial", (1,))
    weights = [take(flow, step, place) for place in range(1, 5)]
    eps, momentum = number(step, "epsilon", 1e-5), number(step, "momentum", 0.9)
    return layers.batch_norm(flow, step, entering(flow, step), weights, eps, round(momentum, 6))


def _layer_norm(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, "axis", "epsilon", "stash_type")
    x, scale, offset = (take(flow, step, place) for place in range(3))
    axis, count = integer(step, "axis", -1), len(flow.sizes(x)) + 1
    behind = -axis if axis < 0 else count - axis
    if not 0 < behind < count:
        raise UnmodelledStepError(f"`axis` is {axis}, with {count} axes")
    return layers.layer_norm(flow, step, x, behind, number(step, "epsilon", 1e-5), scale, offset)


def _group_norm(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, "epsilon", "num_groups", "stash_type")
    x, *weights = (take(flow, step, place) for place in range(3))
    return layers.group_norm(flow, step, x, integer(step, "num_groups", -1), number(step, "epsilon", 1e-5), weights)


def _pooling(flow: Flow, step: Step, cls: type[Layer]) -> Made:
    only(step, *WINDOW, "ceil_mode", "storage_order", "count_include_pad")
    kernel = integers(step, "kernel_shape")
    if kernel is None or not issubclass(cls, MaxPool | AvgPool):
        raise UnmodelledStepError("it has no `kernel_shape`")
    demand_each(step, "dilations", 1)
    x, outside = entering(flow, step), integer(step, "count_include_pad", 0)
    padding = _padding(flow, step, x, kernel)
    if isinstance(x, Bordered) and issubclass(cls, MaxPool) and len(x.rows) == len(kernel):
        padding = [(one + a, other + b) for (one, other), (a, b) in zip(padding, x.rows, strict=True)]
        x = x.base
    if layers.is_mean(cls) and outside and padding == "same":  # which would leave the padding out of the mean
        padding = _same_rows(flow, step, x, kernel, step.arguments.get("auto_pad") == SAME[1])
    return layers.pooling(
        flow,
        step,
        cls,
        x,
        inside=layers.is_mean(cls) and not outside,
        pool=kernel,
        stride=integers(step, "strides", [1]),
        padding=padding,
        ceil=integer(step, "ceil_mode", 0),
    )


REDUCE: Final = "Reduce"
"""What the names of operations begin with that work along given axes."""


def _global(flow: Flow, step: Step, cls: type[Layer]) -> Made:
    only(step, "axes", "keepdims", "noop_with_empty_axes")
    if not issubclass(cls, GlobalAvgPool | GlobalMaxPool):
        raise UnmodelledStepError("it is no mean and no maximum")
    given = take(flow, step, 1)
    axes = whole(given, "axes") if given is not None else integers(step, "axes")
    if axes is None and step.operation.startswith(REDUCE):
        raise UnmodelledStepError("it makes one number of the batch")
    return layers.global_pooling(flow, step, cls, entering(flow, step), axes, kept=bool(integer(step, "keepdims", 1)))


def _dropout(flow: Flow, step: Step, cls: type[Layer]) -> Made:
    only(step, "ratio", "seed", "is_test", "consumed_inputs")
    rate = scalar(flow, step, 1, "ratio", 0.5)
    return flow.layer(step, flow.build(cls, 0, rate=rate), [flow.held(entering(flow, step))])


def _softmax(flow: Flow, step: Step, cls: type[Layer]) -> Made:
    only(step, "axis")
    x = flow.held(entering(flow, step))
    old = opset(step) < 13
    axis = integer(step, "axis", 1 if old else -1)
    spoken = [flow.spoken(x, axis)]
    if old:  # all axes from this one on are one
        start = axis if axis > 0 else axis + len(x.axes) + 1
        spoken = sorted({flow.spoken(x, each) for each in range(start, len(x.axes) + 1)})
    return flow.layer(step, flow.build(cls, len(x.axes) - 1, axis=spoken), [x])


BROADCASTING: Final = 7
"""The version from which the last axes of two tensors are the same."""


def _prelu(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step)
    x, slopes = flow.held(entering(flow, step)), take(flow, step, 1)
    sizes, shape = flow.sizes(x), slopes.shape if isinstance(slopes, Known) else ()
    if opset(step) >= BROADCASTING and 1 < prod(shape) == sizes[0]:
        axes = (1,) * (len(sizes) - len(shape)) + shape
        if axes[-len(sizes)] != sizes[0]:
            raise UnmodelledStepError(f"its slopes of the shape {show(shape)} are not one per channel")
    return layers.prelu(flow, step, x, slopes)


def _clipped(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, "min", "max")
    limits = scalar(flow, step, 1, "min", -inf), scalar(flow, step, 2, "max", inf)
    low, high = (None if abs(limit) > 1e30 else limit for limit in limits)
    return layers.clip(flow, step, flow.held(entering(flow, step)), low, high)


LAYERS: Final[Mapping[type[Layer], Read]] = {
    Conv: _convolution,
    TransposedConv: _transposed,
    Dense: _dense,
    BatchNorm: _batch_norm,
    LayerNorm: _layer_norm,
    GroupNorm: _group_norm,
    MaxPool: _pooling,
    AvgPool: _pooling,
    GlobalAvgPool: _global,
    GlobalMaxPool: _global,
    Dropout: _dropout,
    Softmax: _softmax,
    Prelu: _prelu,
    Relu6: _clipped,
}
