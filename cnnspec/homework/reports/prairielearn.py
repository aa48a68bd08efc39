"""PrairieLearn's results.json: a share of the points, one test per cell; what is no table costs no attempt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from cnnspec.errors import printable
from cnnspec.homework.feedback import Reveal, cell_message, cell_name, course_points
from cnnspec.homework.marking.checking import Check
from cnnspec.homework.marking.marks import Mark
from cnnspec.homework.reports import markdown
from cnnspec.homework.reports._format import ResultFormat
from cnnspec.json_lines import indented

FORMAT: Final = ResultFormat(runner=True, reveal=Reveal.HINT)

_LONGEST: Final = 200_000
"""Characters of the output: the whole file may have 1 MB there."""


def render(check: Check, reveal: Reveal) -> str:
    """Return the content of /grade/results/results.json."""
    if not check.gradable:
        errors = [_fault(fault.message, *fault.notes, fault.help) for fault in check.faults]
        return indented({"gradable": False, "score": 0.0, "format_errors": errors, "message": "Not gradable"})
    points = course_points(check)
    result = {
        "gradable": True,
        "score": check.score / check.max_score if check.max_score else 0.0,
        "message": f"Score {points(check.score)} of {points(check.max_score)}",
        "output": markdown.render(check, reveal)[:_LONGEST],
        "tests": [_test(check, mark, points, reveal) for mark in check.marks] if reveal is not Reveal.NONE else [],
    }
    return indented(result)


def _fault(*facts: str) -> str:
    return "; ".join(printable(fact) for fact in facts if fact)


def _test(check: Check, mark: Mark, points: Callable[[int], float], reveal: Reveal) -> dict[str, Any]:
    return {
        "name": cell_name(mark),
        "points": points(check.points_of(mark)),
        "max_points": points(check.marking.points(mark.column, mark.layer)),
        "message": cell_message(check, mark, reveal),
    }
