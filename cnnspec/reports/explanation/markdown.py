"""Derivations as Markdown with formulas between dollars, which GitHub and notebooks set."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cnnspec.analysis.explanation import Explanation, Solution, Step, title
from cnnspec.analysis.folding import configuration
from cnnspec.explaining.derivation import legend, line, memory_title
from cnnspec.reports._format import TableFormat
from cnnspec.reports.explanation.latex import equation
from cnnspec.reports.markdown import escape

FORMAT: Final = TableFormat(suffix=".md")


def render(solution: Solution) -> str:
    """Return a table of formulas per layer, and below it what the symbols stand for."""
    parts = [f"# {escape(solution.summary.name)}\n"]
    for each in solution.explanations:
        parts += [f"## {escape(each.row.name)}\n", derivation(each), _legend(each.steps)]
    if solution.memory:
        head = escape(", ".join(memory_title(solution.summary)))
        parts += ["## Memory\n", f"{head}.\n", _table(solution.memory), _legend(solution.memory)]
    return "\n".join(part for part in parts if part)


def derivation(explanation: Explanation) -> str:
    """Return the derivation of a layer's numbers: what it is, and a table of formulas."""
    row = explanation.row
    head = f"**{escape(row.name)}**: {escape(configuration(row))}, {escape(title(row))}. {escape(explanation.sentence)}"
    return f"{head}\n\n{_table(explanation.steps)}"


def _table(steps: Iterable[Step]) -> str:
    return "\n".join(["| | |", "|:---|:---|", *(f"| {step.quantity} | {_shown(step)} |" for step in steps), ""])


def _shown(step: Step) -> str:
    found = equation(step)
    return f"${found}$" if found else escape(line(step))


def _legend(steps: Iterable[Step]) -> str:
    found = legend(steps)
    return f"With {escape(', '.join(found))}.\n" if found else ""
