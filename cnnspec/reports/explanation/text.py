"""Derivations as text, as a teacher would write them."""

from __future__ import annotations

from typing import Final

from cnnspec.analysis.explanation import Solution
from cnnspec.explaining.derivation import render as render_layer
from cnnspec.explaining.derivation import render_memory
from cnnspec.reports._format import TableFormat

FORMAT: Final = TableFormat()


def render(solution: Solution) -> str:
    """Return formula, numbers put in, rounding and result of every number."""
    parts = [render_layer(each) for each in solution.explanations]
    return "\n".join([*parts, *([render_memory(solution.summary)] if solution.memory else [])])
