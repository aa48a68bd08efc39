"""Gradescope's results.json: one test per cell, numbered by row."""

from __future__ import annotations

import json
from typing import Any

from cnnspec.errors import shorten
from cnnspec.homework.feedback import Reveal, cell_message, shown_slips
from cnnspec.homework.marking.checking import Check
from cnnspec.homework.marking.marks import Mark, Status
from cnnspec.homework.reports import markdown
from cnnspec.homework.reports.text import TITLES


def render(check: Check, reveal: Reveal) -> str:
    """Return the content of /autograder/results/results.json."""
    result = {
        "score": check.score,
        "output": markdown.render(check, reveal),
        "output_format": "md",
        "visibility": "visible",
        "extra_data": {"gradable": check.gradable, "score_without_follow_through": check.score_without_follow_through},
        "tests": _tests(check, reveal) if check.gradable and reveal is not Reveal.NONE else [],
    }
    return json.dumps(result, ensure_ascii=False, indent=1) + "\n"


def _tests(check: Check, reveal: Reveal) -> list[dict[str, Any]]:
    rows: dict[tuple[int, str], list[Mark]] = {}
    for mark in check.marks:
        rows.setdefault((mark.line, mark.layer), []).append(mark)
    return [
        _test(check, mark, f"{row}.{column}", reveal)
        for row, marks in enumerate(rows.values(), 1)
        for column, mark in enumerate(marks, 1)
    ]


def _test(check: Check, mark: Mark, number: str, reveal: Reveal) -> dict[str, Any]:
    return {
        "name": f"{shorten(mark.row or mark.layer, 80)}: {TITLES[mark.column]}",
        "number": number,
        "score": check.points_of(mark),
        "max_score": check.marking.points(mark.column),
        "status": "passed" if mark.status in (Status.CORRECT, Status.FOLLOW_THROUGH) else "failed",
        "output": cell_message(check, mark, reveal),
        "output_format": "text",
        "extra_data": {
            "slips": shown_slips(check, mark, reveal),
            "follow_through": mark.status is Status.FOLLOW_THROUGH,
        },
    }
