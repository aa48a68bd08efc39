"""What the operations of PyTorch's ATen do (native_functions.yaml), in terms of a flow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from cnnspec.importing.graphs import arithmetic
from cnnspec.importing.graphs.aten_arguments import OVERLOAD, only
from cnnspec.importing.graphs.aten_layers import LAYERS
from cnnspec.importing.graphs.aten_moves import MOVES, SIZES
from cnnspec.importing.graphs.flow import Flow
from cnnspec.importing.graphs.reading import (
    Made,
    Perform,
    Read,
    foreign,
    meanings,
    number,
    simple,
)
from cnnspec.importing.graphs.steps import Known, Step, UnmodelledStepError, Value, demand
from cnnspec.ir.layer import Layer
from cnnspec.layers.joins import Add, Maximum, Minimum, Multiply, Subtract
from cnnspec.layers.scaling import Rescale

IN_PLACE: Final = "_"
TURNED: Final = "rsub"
"""The operation that takes its second operand first."""


def is_known(step: Step) -> bool:
    """Tell whether an operation is one that a kind stands for, in place or not."""
    return any(name in OTHERS or name in meanings("aten") for name in (step.operation, step.operation.rstrip(IN_PLACE)))


def perform(flow: Flow, step: Step) -> Made:
    """Return what a step makes; one that works in place changes what it reads too."""
    name = step.operation
    table = meanings("aten")
    in_place = name not in table and name.endswith(IN_PLACE) and name.removesuffix(IN_PLACE) in table
    name = name.removesuffix(IN_PLACE) if in_place else name
    meaning = table.get(name)
    if other := OTHERS.get(name):
        return other(flow, step)
    if meaning is None:
        raise UnmodelledStepError(foreign(step))
    read = READERS.get(meaning.cls)
    made = read(flow, step._replace(operation=name), meaning.cls) if read else _simple(flow, step, name)
    if in_place and step.reads and not isinstance(made, list):
        flow.values[step.reads[0]] = made
    return made


def _simple(flow: Flow, step: Step, name: str) -> Made:
    own = {key: value for key, value in step.arguments.items() if key != OVERLOAD}
    return simple(flow, step._replace(arguments=own), meanings("aten")[name])


def _elementwise(flow: Flow, step: Step, cls: type[Layer]) -> Made:
    only(step, "alpha", "other", "self")
    demand(number(step, "alpha", 1), "alpha", (1,))
    operands = _operands(flow, step)
    operands = operands[::-1] if step.operation == TURNED else operands
    return arithmetic.combined(flow, step, cls, operands)  # type: ignore[arg-type] # a join


def _operands(flow: Flow, step: Step) -> list[Value]:
    """Return the two tensors of a step; a number stands for one."""
    values = flow.reads(step)
    given = step.arguments.get("other")
    if isinstance(given, int | float) and not isinstance(given, bool):
        values.append(Known((), (given,)))
    if len(values) != 2:
        raise UnmodelledStepError(f"it reads {len(values)} tensors, not two")
    return values


def _divided(flow: Flow, step: Step, _: type[Layer]) -> Made:
    only(step, "other")
    return arithmetic.divided(flow, step, _operands(flow, step))


ELEMENTWISE: Final[Sequence[type[Layer]]] = (Add, Subtract, Multiply, Maximum, Minimum)
READERS: Final[Mapping[type[Layer], Read]] = {
    **LAYERS,
    **MOVES,
    **dict.fromkeys(ELEMENTWISE, _elementwise),
    Rescale: _divided,
}
OTHERS: Final[Mapping[str, Perform]] = {
    **SIZES,
}
