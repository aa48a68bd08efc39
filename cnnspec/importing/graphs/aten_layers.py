"""Operations of PyTorch's ATen with weights or a window, and functions of elements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cnnspec.importing.graphs import layers
from cnnspec.importing.graphs.aten_arguments import argument, entering, only
from cnnspec.importing.graphs.flow import Flow
from cnnspec.importing.graphs.reading import (
    Made,
    Read,
    demand_each,
    integer,
    integers,
    number,
)
from cnnspec.importing.graphs.steps import Step, UnmodelledStepError, Value, demand
from cnnspec.ir.layer import Layer
from cnnspec.layers.activations import Relu6, Softmax
from cnnspec.layers.adaptive_pooling import AdaptiveAvgPool, AdaptiveMaxPool
from cnnspec.layers.conv import Conv
from cnnspec.layers.dense import Dense
from cnnspec.layers.dropout import Dropout, SpatialDropout
from cnnspec.layers.global_pooling import GlobalAvgPool, GlobalMaxPool
from cnnspec.layers.noise import AlphaDropout
from cnnspec.layers.normalization import BatchNorm, GroupNorm, LayerNorm
from cnnspec.layers.pooling import AvgPool, MaxPool
from cnnspec.layers.prelu import Prelu
from cnnspec.layers.rms_norm import RmsNorm
from cnnspec.layers.upconv import TransposedConv


def _rows(step: Step) -> Any:
    """Return the padding of a window as pairs per axis."""
    padding = step.arguments.get("padding")
    if isinstance(padding, str):
        demand(padding, "padding", ("same", "valid"))
        return padding
    return [(rows, rows) for rows in integers(step, "padding", [0])]


WINDOW: Final = ("stride", "padding", "dilation", "groups", "output_padding", "transposed")


def _convolution(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, *WINDOW)
    x, weights, bias = (argument(flow, step, label) for label in ("input", "weight", "bias"))
    if step.arguments.get("transposed"):
        return _transposed(flow, step, TransposedConv)
    demand_each(step, "output_padding", 0)
    window = integers(step, "stride", [1]), _rows(step), integers(step, "dilation", [1]), integer(step, "groups", 1)
    return layers.convolution(flow, step, (x, weights, bias), *window)


def _transposed(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, *WINDOW)
    x, weights, bias = (argument(flow, step, label) for label in ("input", "weight", "bias"))
    return layers.transposed(
        flow,
        step,
        (x, weights, bias),
        integer(step, "groups", 1),
        stride=integers(step, "stride", [1]),
        padding=_rows(step),
        dilation=integers(step, "dilation", [1]),
        output_padding=integers(step, "output_padding", [0]),
    )


def _dense(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, "beta", "alpha")
    demand((number(step, "alpha", 1), number(step, "beta", 1)), "alpha and beta", ((1, 1),))
    values = flow.reads(step)
    bias: Value = None
    if len(values) == 3:
        bias = values.pop(0 if step.labels[0] == "self" else 2)
    x, weights = values
    known = layers.weights_of(weights, "weights", 2)
    units, inputs = known.shape if "weight" in step.labels else known.shape[::-1]
    return layers.dense(flow, step, x, units, inputs, known, bias=bias is not None)


SMALLEST: Final = 2**-23
"""The distance of 1 from its neighbour in 32 bits, which PyTorch takes for an `eps` that is not given."""
NORMS: Final = ("training", "momentum", "eps", "cudnn_enabled", "cudnn_enable")


def _batch_norm(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, *NORMS)
    weights = [argument(flow, step, label) for label in ("weight", "bias", "running_mean", "running_var")]
    momentum = round(1 - number(step, "momentum", 0.1), 12)
    return layers.batch_norm(flow, step, argument(flow, step, "input"), weights, number(step, "eps", 1e-5), momentum)


def _layer_norm(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, *NORMS, "normalized_shape")
    count = len(integers(step, "normalized_shape", []))
    x, scale, offset = (argument(flow, step, label) for label in ("input", "weight", "bias"))
    if not 0 < count <= len(flow.sizes(x)):
        raise UnmodelledStepError(f"it is over {count} axes")
    return layers.layer_norm(flow, step, x, count, number(step, "eps", 1e-5), scale, offset)


def _rms_norm(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, *NORMS, "normalized_shape")
    factors, sizes = argument(flow, step, "weight"), integers(step, "normalized_shape", [])
    if factors is None or len(sizes) != 1:
        raise UnmodelledStepError("it has no factors" if factors is None else f"it is over {len(sizes)} axes")
    layer = flow.build(RmsNorm, 0, eps=number(step, "eps", SMALLEST))
    return flow.layer(step, layer, [flow.rows(entering(flow, step))], weights=layers.weights_of(factors, "factors", 1))


def _group_norm(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, *NORMS, "num_groups", "use_input_stats")
    if argument(flow, step, "running_mean") is not None:
        raise UnmodelledStepError("it normalizes each sample by stored numbers")
    weights = [argument(flow, step, label) for label in ("weight", "bias")]
    groups = integer(step, "num_groups", -1)
    return layers.group_norm(flow, step, argument(flow, step, "input"), groups, number(step, "eps", 1e-5), weights)


def _pooling(flow: Flow, step: Step, cls: type[Layer]) -> Made:
    only(step, "kernel_size", "stride", "padding", "dilation", "ceil_mode", "count_include_pad", "divisor_override")
    kernel = integers(step, "kernel_size", [])
    if not kernel or not issubclass(cls, MaxPool | AvgPool):
        raise UnmodelledStepError("it has no `kernel_size`")
    demand_each(step, "dilation", 1)
    if step.arguments.get("divisor_override") is not None:
        flow.draft.lose("divisor_override")
    return layers.pooling(
        flow,
        step,
        cls,
        entering(flow, step),
        inside=step.arguments.get("count_include_pad") is False,
        pool=kernel,
        stride=integers(step, "stride") or kernel,
        padding=_rows(step),
        ceil=step.arguments.get("ceil_mode") is True,
    )


def _adaptive(flow: Flow, step: Step, cls: type[Layer]) -> Made:
    only(step, "output_size")
    size = integers(step, "output_size", [])
    mean = issubclass(cls, AdaptiveAvgPool)
    classes = (AdaptiveAvgPool, GlobalAvgPool) if mean else (AdaptiveMaxPool, GlobalMaxPool)
    return layers.adaptive(flow, step, classes, entering(flow, step), size)


def _global(flow: Flow, step: Step, cls: type[Layer]) -> Made:
    only(step, "dim", "keepdim", "dtype")
    if not issubclass(cls, GlobalAvgPool | GlobalMaxPool):
        raise UnmodelledStepError("it is no mean and no maximum")
    kept = step.arguments.get("keepdim") is True
    axes = integers(step, "dim")
    if axes is None:
        raise UnmodelledStepError("it makes one number of the batch")
    return layers.global_pooling(flow, step, cls, entering(flow, step), axes, kept=kept)


def _dropout(flow: Flow, step: Step, cls: type[Layer]) -> Made:
    only(step, "p", "train")
    x = flow.held(entering(flow, step))
    x = flow.image(x) if cls is SpatialDropout else x
    return flow.layer(step, flow.build(cls, 0, rate=number(step, "p", 0.5)), [x])


def _softmax(flow: Flow, step: Step, cls: type[Layer]) -> Made:
    only(step, "dim", "dtype", "half_to_float")
    x = flow.held(entering(flow, step))
    axis = [flow.spoken(x, integer(step, "dim", -1))]
    return flow.layer(step, flow.build(cls, len(x.axes) - 1, axis=axis), [x])


def _prelu(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step)
    return layers.prelu(flow, step, entering(flow, step), argument(flow, step, "weight"))


def _clipped(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, "min_val", "max_val", "min", "max")
    limits = {"hardtanh": ("min_val", "max_val", -1.0, 1.0), "clamp": ("min", "max", None, None)}
    low, high, least, most = limits.get(step.operation, ("", "", 0.0, 6.0))
    found = [None if step.arguments.get(name) is None else number(step, name, 0) for name in (low, high)]
    least, most = (default if own is None else own for own, default in zip(found, (least, most), strict=True))
    return layers.clip(flow, step, flow.held(entering(flow, step)), least, most)


LAYERS: Final[Mapping[type[Layer], Read]] = {
    Conv: _convolution,
    TransposedConv: _transposed,
    Dense: _dense,
    BatchNorm: _batch_norm,
    LayerNorm: _layer_norm,
    GroupNorm: _group_norm,
    RmsNorm: _rms_norm,
    MaxPool: _pooling,
    AvgPool: _pooling,
    AdaptiveAvgPool: _adaptive,
    AdaptiveMaxPool: _adaptive,
    GlobalAvgPool: _global,
    GlobalMaxPool: _global,
    **dict.fromkeys((Dropout, SpatialDropout, AlphaDropout), _dropout),
    Softmax: _softmax,
    Prelu: _prelu,
    Relu6: _clipped,
}
