"""The tensors and arguments of an operation of PyTorch's ATen."""

from __future__ import annotations

from typing import Final

from cnnspec.importing.graphs.flow import Flow
from cnnspec.importing.graphs.reading import (
    known_only,
)
from cnnspec.importing.graphs.steps import Step, UnmodelledStepError, Value

OVERLOAD: Final = "overload"
"""An argument that every step has beside those of the file: which form of the operation it is."""


def argument(flow: Flow, step: Step, label: str) -> Value:
    """Return the tensor that an argument holds, None where it holds none."""
    for name, own in zip(step.reads, step.labels, strict=True):
        if own == label and name:
            return flow.value(name)
    return None


def entering(flow: Flow, step: Step) -> Value:
    """Return the first tensor that a step reads."""
    if not step.reads or not step.reads[0]:
        raise UnmodelledStepError("it reads nothing")
    return flow.value(step.reads[0])


def only(step: Step, *names: str) -> None:
    """Raise UnmodelledStepError for an argument of the file that is none of these."""
    known_only(step, OVERLOAD, *names)
