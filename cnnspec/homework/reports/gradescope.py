"""Gradescope's results.json: one test per cell, numbered by row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from cnnspec.homework.feedback import Reveal, cell_message, cell_name, course_points, shown_slips
from cnnspec.homework.marking.checking import Check
from cnnspec.homework.marking.marks import Mark, Status, rows_of
from cnnspec.homework.reports import markdown
from cnnspec.homework.reports._format import ResultFormat
from cnnspec.json_lines import indented

FORMAT: Final = ResultFormat(runner=True, reveal=Reveal.HINT)


def render(check: Check, reveal: Reveal) -> str:
    """Return the content of /autograder/results/results.json."""
    points = course_points(check)
    result = {
        "score": points(check.score),
        "output": markdown.render(check, reveal),
        "output_format": "md",
        "visibility": "visible",
        "extra_data": {
            "gradable": check.gradable,
            "score_without_follow_through": points(check.score_without_follow_through),
        },
        "tests": _tests(check, points, reveal) if check.gradable and reveal is not Reveal.NONE else [],
    }
    return indented(result)


def _tests(check: Check, points: Callable[[int], float], reveal: Reveal) -> list[dict[str, Any]]:
    return [
        _test(check, mark, f"{row}.{column}", points, reveal)
        for row, cells in enumerate(rows_of(check.marks), 1)
        for column, mark in enumerate(cells.values(), 1)
    ]


def _test(check: Check, mark: Mark, number: str, points: Callable[[int], float], reveal: Reveal) -> dict[str, Any]:
    return {
        "name": cell_name(mark),
        "number": number,
        "score": points(check.points_of(mark)),
        "max_score": points(check.marking.points(mark.column, mark.layer)),
        "status": "passed" if mark.status in (Status.CORRECT, Status.FOLLOW_THROUGH) else "failed",
        "output": cell_message(check, mark, reveal),
        "output_format": "text",
        "extra_data": {
            "slips": shown_slips(check, mark, reveal),
            "follow_through": mark.status is Status.FOLLOW_THROUGH,
        },
    }
