"""The tensors and attributes of an operation of ONNX."""

from __future__ import annotations

from typing import Final

from cnnspec.importing.graphs.flow import Flow
from cnnspec.importing.graphs.reading import (
    known_only,
    number,
)
from cnnspec.importing.graphs.steps import Known, Step, UnmodelledStepError, Value

DOMAIN: Final = "domain"
OPSET: Final = "opset"
"""Arguments that every step has beside those of the file: whose operation it is, and of which version."""


def opset(step: Step) -> int:
    """Return the version of ONNX' operations."""
    return int(step.arguments[OPSET])


def take(flow: Flow, step: Step, place: int) -> Value:
    """Return a tensor that a step reads, None where it is left out."""
    name = step.reads[place] if place < len(step.reads) else ""
    return flow.value(name) if name else None


def entering(flow: Flow, step: Step) -> Value:
    """Return the first tensor that a step reads."""
    if not step.reads or not step.reads[0]:
        raise UnmodelledStepError("it reads nothing")
    return flow.value(step.reads[0])


def scalar(flow: Flow, step: Step, place: int, name: str, default: float) -> float:
    """Return a number that is a tensor of the file, an attribute in files of earlier versions."""
    given = take(flow, step, place)
    if given is None:
        return number(step, name, default)
    if not isinstance(given, Known) or not given.values:
        raise UnmodelledStepError(f"its `{name}` is computed, not in the file")
    return float(given.values[0])


def only(step: Step, *names: str) -> None:
    """Raise UnmodelledStepError for an argument of the file that is none of these."""
    known_only(step, DOMAIN, OPSET, *names)
