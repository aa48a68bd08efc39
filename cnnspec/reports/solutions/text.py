"""Solutions for a reader: the lines with their numbers, and the formulas that show that they fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cnnspec.analysis.explanation import Step, derivation, shape_steps
from cnnspec.analysis.measure import Row
from cnnspec.analysis.quantities import PARAMS
from cnnspec.errors import printable
from cnnspec.explaining.derivation import equation
from cnnspec.ir.shapes import show
from cnnspec.reports._format import TableFormat
from cnnspec.solving.search import Search, Solution, filled, lines_of

FORMAT: Final = TableFormat(suffix=".txt")
_COMMENT: Final = re.compile(r"\s+#.*$")
MOST_ROWS: Final = 4
"""Layers of one solution whose formulas are shown."""


def render(found: Search, most: int) -> str:
    """Return the solutions, at most as many as are asked for, and what was searched."""
    count = len(found.solutions)
    head = f"{count:,} solution{'s' * (count != 1)}" if count else "no solution"
    head += "" if found.complete else " so far"
    lines = [f"{head}, the simplest first" if count > 1 else head, ""]
    for number, solution in enumerate(found.solutions[:most], 1):
        lines += [*_solution(found, number, solution), ""]
    if count > most:
        lines += [f"… and {count - most:,} more: `--show {count}` shows all", ""]
    return "\n".join([*lines, *_searched(found)]) + "\n"


def _solution(found: Search, number: int, solution: Solution) -> Iterator[str]:
    text = filled(found.statement, solution.values).split("\n")
    lines = lines_of(found.statement)
    for place, line in enumerate(lines):
        yield f"{f'{number}.' if place == 0 else '':<4}{printable(_COMMENT.sub('', text[line - 1]).strip())}"
    items = {found.statement.source.position(unknown.item)[0] for unknown in found.statement.unknowns}
    rows = [row for row in solution.summary.rows if solution.summary.graph.line(row.node) in items | lines.keys()]
    for row in rows[:MOST_ROWS]:
        yield f"    {row.name} has {show(row.shape)}"
        yield from (f"      {step.quantity:<17} {equation(step.term)}" for step in _steps(row) if step.term)


def _steps(row: Row) -> Iterator[Step]:
    """Yield what is computed of a layer: its sizes and its parameters."""
    computed = (step for step in shape_steps(row) if step.term and step.term.operands)
    yield from (*computed, *([derivation(PARAMS, row, PARAMS.word)] if row.params else ()))


def _searched(found: Search) -> Iterator[str]:
    yield f"Searched: {'; '.join(each.searched for each in found.statement.unknowns)}."
    if not found.complete:
        yield f"Stopped after {found.tried:,}: `--most` tries more."
