"""What the readers of both formats do alike: steps in their order, arguments by their names, layers without tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from cnnspec.errors import shorten
from cnnspec.importing.graphs.flow import Flow, LostError
from cnnspec.importing.graphs.steps import Grouped, Held, Known, Step, UnmodelledStepError, Value, demand, is_near
from cnnspec.ir.layer import KINDS, Layer
from cnnspec.ir.operation import Operation
from cnnspec.ir.role import Role

Made = Value | list[Value]
Perform = Callable[[Flow, Step], Made]
Read = Callable[[Flow, Step, type[Layer]], Made]
MOST_FAULTS: Final = 100


class Meaning(NamedTuple):
    """The kind that an operation of a graph stands for."""

    cls: type[Layer]
    operation: Operation


@cache
def meanings(format_: str) -> Mapping[str, Meaning]:
    """Return the kinds that the operations of a format stand for, `onnx` or `aten`."""
    return {operation.name: Meaning(cls, operation) for cls in KINDS.values() for operation in getattr(cls, format_)}


def follow(flow: Flow, steps: Iterable[Step], perform: Perform, is_known: Callable[[Step], bool]) -> None:
    """Read steps in their order, each behind those that make what it reads; go on behind a fault.

    Where what a step reads could not be made, it is passed over, but said if it could not be made itself.
    """
    for step in steps:
        try:
            if any(name in flow.values and flow.values[name] is None for name in step.reads):
                if not is_known(step) and len(flow.draft.faults) < MOST_FAULTS:
                    flow.refuse(step, foreign(step))
                raise LostError  # noqa: TRY301 - as where a layer cannot be made
            made = perform(flow, step)
            outputs: list[Value] = made if isinstance(made, list) else [made]
            flow.values |= dict(zip(step.outputs, outputs, strict=False))
            flow.check(step)
        except LostError:
            flow.values |= dict.fromkeys(step.outputs)
        except UnmodelledStepError as error:
            _lose(flow, step, str(error))


def foreign(step: Step) -> str:
    """Return what is wrong with an operation that no kind stands for."""
    return f"no kind stands for the operation `{shorten(step.operation)}`"


def _lose(flow: Flow, step: Step, what: str) -> None:
    try:
        flow.lost(step, what)
    except (LostError, UnmodelledStepError):
        flow.refuse(step, what)
        flow.values |= dict.fromkeys(step.outputs)


def leave(flow: Flow, names: Sequence[str]) -> None:
    """Say which tensors leave the network; report those that nothing makes."""
    for name in names:
        value = flow.values.get(name)
        value = flow.settled(value) if isinstance(value, Grouped) else value
        if isinstance(value, Held):
            flow.draft.outputs.append(value.tensor)
        elif value is not None or name not in flow.values:
            what = "no layer makes it" if name in flow.values else "nothing makes it"
            flow.draft.refuse("E605", f"the output `{shorten(name)}`: {what}")


def simple(flow: Flow, step: Step, meaning: Meaning) -> Held:
    """Return what a layer makes of one tensor, whose arguments are those of its rule."""
    cls, rule = meaning
    values = dict(rule.values)
    for name, value in step.arguments.items():
        if value is None or name == rule.channels:
            continue
        if name in rule.arguments:
            values[rule.arguments[name]] = value
        elif name not in rule.only:
            raise UnmodelledStepError(f"`{shorten(name)}` is `{shorten(value)}`, which is not modelled")
    for name, accepted in rule.only.items():
        value = step.arguments.get(name)
        value = rule.absent.get(name, accepted[0]) if value is None else value
        if not any(is_near(value, each) for each in accepted):
            flow.draft.lose(name)
    if len(step.reads) != 1:
        raise UnmodelledStepError(f"it reads {len(step.reads)} tensors, not one")
    x = flow.value(step.reads[0])
    held = flow.image(x) if cls.role is Role.NORM else flow.held(x)
    if rule.channels and flow.spoken(held, integer(step, rule.channels, -1)) != -1:
        raise UnmodelledStepError("it works along another axis than the channels")
    return flow.layer(step, flow.build(cls, len(held.axes) - 1, **values), [held])


def known_only(step: Step, *names: str) -> None:
    """Raise UnmodelledStepError for an argument that is none of these."""
    for name, value in step.arguments.items():
        if name not in names and value is not None:
            raise UnmodelledStepError(f"`{shorten(name)}` is `{shorten(value)}`, which is not modelled")


def integers(step: Step, name: str, default: Any = None) -> Any:
    """Return an argument that is integers, one or several, as a list; the default where it is not given."""
    value = step.arguments.get(name)
    if value is None:
        return default
    found = value if isinstance(value, list | tuple) else [value]
    if not all(isinstance(each, int) and not isinstance(each, bool) for each in found):
        raise UnmodelledStepError(f"`{name}` is `{shorten(value)}`, not integers")
    return list(found)


def integer(step: Step, name: str, default: int) -> int:
    """Return an argument that is one integer."""
    found = integers(step, name, [default])
    if len(found) != 1:
        raise UnmodelledStepError(f"`{name}` is not one integer")
    return int(found[0])


def demand_each(step: Step, name: str, accepted: int) -> None:
    """Raise UnmodelledStepError where an argument has another number than the only one that is modelled."""
    for each in integers(step, name, []):
        demand(each, name, (accepted,))


def number(step: Step, name: str, default: float) -> float:
    """Return an argument that is one number."""
    value = step.arguments.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnmodelledStepError(f"`{name}` is `{shorten(value)}`, not a number")
    return float(value)


def whole(value: Value, what: str) -> list[int]:
    """Return numbers of the file that are integers."""
    if not isinstance(value, Known) or value.values is None:
        raise UnmodelledStepError(f"its {what} are computed, not in the file")
    try:
        return [int(each) for each in value.values]
    except (ValueError, OverflowError):
        raise UnmodelledStepError(f"its {what} are no integers") from None
