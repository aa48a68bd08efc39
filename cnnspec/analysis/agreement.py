"""Our numbers beside a framework's, layer by layer and in total."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from cnnspec.analysis.measure import Summary
from cnnspec.errors import CnnspecError, Diagnostic, shorten
from cnnspec.ir.shapes import show
from cnnspec.source import Span

Facts = Mapping[str, Any]
WORDS: Final = {
    "output_shape": "activation shape",
    "params": "parameters",
    "trainable_params": "trainable parameters",
    "non_trainable_params": "non-trainable parameters",
    "biases": "biases",
    "macs": "MACs",
    "inputs": "inputs",
    "outputs": "outputs",
    "calls": "Keras layers",
    "counted": "parameters as PyTorch counts them",
}
"""What is compared, in the words of a message."""


class Framework(NamedTuple):
    """A framework: its name, its key in JSON, the code of a number that differs, and its release."""

    name: str
    key: str
    code: str
    version: str


class Difference(NamedTuple):
    """A fact in which a framework differs: its name, and both values for a reader."""

    fact: str
    ours: str
    theirs: str


class Check(NamedTuple):
    """The facts of one layer, or of the whole network: ours, and the framework's, which has none for what it lacks."""

    name: str
    kind: str
    ours: Facts
    theirs: Facts

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The facts in which the framework differs."""
        return tuple(
            Difference(fact, _show(value), _show(self.theirs.get(fact)))
            for fact, value in self.ours.items()
            if self.theirs.get(fact) != value
        )


@dataclass(frozen=True, slots=True)
class Verification:
    """Every layer and the whole network compared with a framework.

    `uncounted` says why some MACs are not compared, `remarks` how the framework counts layers in which it agrees, and
    `explained` are lines on how it counts the whole.
    """

    framework: Framework
    summary: Summary
    layers: tuple[Check, ...]
    total: Check
    uncounted: Mapping[str, str] = field(default_factory=dict)
    macs: bool = False
    remarks: Mapping[str, str] = field(default_factory=dict)
    explained: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether the framework has the same numbers everywhere."""
        return not any(check.differences for check in (*self.layers, self.total))


def ensure_agreement(verification: Verification) -> None:
    """Raise CnnspecError with every layer in which the framework differs."""
    graph, framework = verification.summary.graph, verification.framework
    faults = [
        _fault(framework, check, f"`{check.name}`", graph.span(row.node))
        for row, check in zip(verification.summary, verification.layers, strict=True)
        if check.differences
    ]
    if verification.total.differences:
        faults.append(_fault(framework, verification.total, "the whole network", None))
    if faults:
        raise CnnspecError(faults)


def _fault(framework: Framework, check: Check, name: str, span: Span | None) -> Diagnostic:
    theirs = framework.name
    if not check.theirs:
        return Diagnostic(code=framework.code, message=f"the {theirs} model has no layer {name}", span=span)
    notes = tuple(f"{WORDS[fact]}: {ours} here, {other} in {theirs}" for fact, ours, other in check.differences)
    return Diagnostic(code=framework.code, message=f"{theirs} has other numbers for {name}", span=span, notes=notes)


def _show(value: Any) -> str:
    """Return a compared value for a reader: a number, a shape, or shapes by name."""
    if value is None:
        return "nothing"
    if isinstance(value, int):
        return f"{value:,}"
    return show(value) if all(isinstance(size, int) for size in value) else ", ".join(map(_show_tensor, value))


def _show_tensor(tensor: tuple[str, tuple[int, ...]]) -> str:
    name, shape = tensor
    return f"{shorten(name)} {show(shape)}"
