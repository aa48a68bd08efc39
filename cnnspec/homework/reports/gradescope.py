"""Gradescope's results.json: one test per cell, numbered by row."""

from __future__ import annotations

from typing import Any, Final

from cnnspec.homework.feedback import Reveal, cell_message, cell_name, in_course_points, shown_slips
from cnnspec.homework.marking.checking import Check
from cnnspec.homework.marking.marks import Mark, Status, rows_of
from cnnspec.homework.reports import markdown
from cnnspec.homework.reports._format import ResultFormat
from cnnspec.json_lines import indented

FORMAT: Final = ResultFormat(runner=True, reveal=Reveal.HINT)


def render(check: Check, reveal: Reveal) -> str:
    """Return the content of /autograder/results/results.json."""
    result = {
        "score": in_course_points(check, check.score),
        "output": markdown.render(check, reveal),
        "output_format": "md",
        "visibility": "visible",
        "extra_data": {
            "gradable": check.gradable,
            "score_without_follow_through": in_course_points(check, check.score_without_follow_through),
        },
        "tests": _tests(check, reveal) if check.gradable and reveal is not Reveal.NONE else [],
    }
    return indented(result)


def _tests(check: Check, reveal: Reveal) -> list[dict[str, Any]]:
    return [
        _test(check, mark, f"{row}.{column}", reveal)
        for row, cells in enumerate(rows_of(check.marks), 1)
        for column, mark in enumerate(cells.values(), 1)
    ]


def _test(check: Check, mark: Mark, number: str, reveal: Reveal) -> dict[str, Any]:
    return {
        "name": cell_name(mark),
        "number": number,
        "score": in_course_points(check, check.points_of(mark)),
        "max_score": in_course_points(check, check.marking.points(mark.column, mark.layer)),
        "status": "passed" if mark.status in (Status.CORRECT, Status.FOLLOW_THROUGH) else "failed",
        "output": cell_message(check, mark, reveal),
        "output_format": "text",
        "extra_data": {
            "slips": shown_slips(check, mark, reveal),
            "follow_through": mark.status is Status.FOLLOW_THROUGH,
        },
    }
