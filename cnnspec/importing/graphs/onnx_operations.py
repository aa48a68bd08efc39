"""What the operations of ONNX do (https://onnx.ai/onnx/operators), in terms of a flow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cnnspec.errors import shorten
from cnnspec.importing.graphs import arithmetic
from cnnspec.importing.graphs.flow import Flow
from cnnspec.importing.graphs.onnx_arguments import DOMAIN, OPSET, entering, only, opset
from cnnspec.importing.graphs.onnx_file import STANDARD, Foreign
from cnnspec.importing.graphs.onnx_layers import LAYERS
from cnnspec.importing.graphs.onnx_moves import MOVES, SIZES
from cnnspec.importing.graphs.reading import (
    Made,
    Perform,
    Read,
    foreign,
    integer,
    integers,
    meanings,
    simple,
)
from cnnspec.importing.graphs.steps import Known, Step, UnmodelledStepError
from cnnspec.ir.layer import Layer
from cnnspec.layers.joins import Add, Average, Maximum, Minimum, Multiply, Subtract
from cnnspec.layers.scaling import Rescale

SINGLE_AXIS: Final = 13
"""The version from which functions of an axis take that one alone, and not all behind it as one."""


def is_known(step: Step) -> bool:
    """Tell whether an operation is ONNX' own and one that a kind stands for."""
    name = step.operation
    return step.arguments.get(DOMAIN) in STANDARD and (name in OTHERS or name in meanings("onnx"))


def perform(flow: Flow, step: Step) -> Made:
    """Return what a step makes."""
    own = {name: value for name, value in step.arguments.items() if name not in (DOMAIN, OPSET)}
    if step.arguments.get(DOMAIN) not in STANDARD:
        domain = shorten(str(step.arguments.get(DOMAIN)))
        raise UnmodelledStepError(f"`{shorten(step.operation)}` is an operation of `{domain}`, not of ONNX")
    for name, value in own.items():
        if isinstance(value, Foreign):
            raise UnmodelledStepError(f"its attribute `{shorten(name)}` is {value.what}")
    if other := OTHERS.get(step.operation):
        return other(flow, step)
    meaning = meanings("onnx").get(step.operation)
    if meaning is None:
        raise UnmodelledStepError(foreign(step))
    read = READERS.get(meaning.cls)
    if read:
        return read(flow, step, meaning.cls)
    if meaning.operation.channels and opset(step) < SINGLE_AXIS:
        axis, last = integer(step, meaning.operation.channels, 1), len(flow.sizes(entering(flow, step)))
        if axis not in (-1, last):
            raise UnmodelledStepError(f"before opset {SINGLE_AXIS} it works along several axes together")
    return simple(flow, step._replace(arguments=own), meaning)


def _elementwise(flow: Flow, step: Step, cls: type[Layer]) -> Made:
    only(step, "broadcast", "axis", "consumed_inputs")
    values = flow.reads(step)
    axis = integers(step, "axis")
    if axis and len(values) == 2 and isinstance(values[1], Known):  # before opset 7, numbers begin at an axis
        behind = len(flow.sizes(values[0])) + 1 - axis[0] - len(values[1].shape)
        values[1] = values[1]._replace(shape=(*values[1].shape, *(1,) * max(behind, 0)))
    return arithmetic.combined(flow, step, cls, values)  # type: ignore[arg-type] # a join, as the table says


def _divided(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step)
    return arithmetic.divided(flow, step, flow.reads(step))


def _error_function(flow: Flow, step: Step) -> Made:
    return arithmetic.error_function(flow, entering(flow, step))


ELEMENTWISE: Final = (Add, Subtract, Multiply, Average, Maximum, Minimum)
READERS: Final[Mapping[type[Layer], Read]] = {
    **LAYERS,
    **MOVES,
    **dict.fromkeys(ELEMENTWISE, _elementwise),
    Rescale: _divided,
}
OTHERS: Final[Mapping[str, Perform]] = {
    **SIZES,
    "Erf": _error_function,
}
