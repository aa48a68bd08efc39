"""Derivations as JSON: a contract for scripts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from cnnspec.analysis.explanation import Explanation, Solution, Step
from cnnspec.analysis.folding import configuration
from cnnspec.explaining.derivation import line, meanings
from cnnspec.formula import EXACT
from cnnspec.formula import render as write
from cnnspec.json_lines import by_item
from cnnspec.reports._format import TableFormat
from cnnspec.reports.json import heading

FORMAT: Final = TableFormat(suffix=".json")


def render(solution: Solution) -> str:
    """Return every number with its formula, one line per layer."""
    tail = {"memory": _steps(solution.memory)} if solution.memory else {}
    return by_item(heading(solution.summary), "layers", map(_layer, solution.explanations), tail)


def _layer(explanation: Explanation) -> dict[str, Any]:
    node = explanation.row.node
    return {
        "name": node.name,
        "kind": node.kind,
        "configuration": configuration(explanation.row),
        "sentence": explanation.sentence,
        "input_shapes": [list(shape) for shape in node.input_shapes],
        "output_shape": list(node.shape),
        "steps": _steps(explanation.steps),
        "symbols": [
            {"symbol": symbol, "values": values, "meaning": meaning}
            for symbol, (meaning, values) in meanings(explanation.steps).items()
        ],
    }


def _steps(steps: Iterable[Step]) -> list[dict[str, Any]]:
    return [{"quantity": step.quantity, "text": line(step), **_formula(step)} for step in steps]


def _formula(step: Step) -> dict[str, Any]:
    """Return the formula of a step, nothing where it is said in words."""
    term = step.term
    if term is None or term.reason:
        return {"value": term.value} if term else {}
    return {"symbolic": write(term, EXACT), "substituted": write(term, EXACT, numbers=True), "value": term.value}
