"""Gradescope's results.json: one test per cell, numbered by row."""

from __future__ import annotations

import json
from typing import Any

from cnnspec.homework.checking import Check
from cnnspec.homework.feedback import Reveal, cell_message
from cnnspec.homework.marking import Status
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
    lines = list(dict.fromkeys(mark.line for mark in check.marks))
    tests = []
    for mark in check.marks:
        row = lines.index(mark.line) + 1
        column = sum(other.line == mark.line for other in check.marks[: check.marks.index(mark)]) + 1
        explanation = check.diagnosis.of(mark)
        tests.append(
            {
                "name": f"{mark.row or mark.layer}: {TITLES[mark.column]}",
                "number": f"{row}.{column}",
                "score": check.points_of(mark),
                "max_score": check.marking.points(mark.column),
                "status": "passed" if mark.status in (Status.CORRECT, Status.FOLLOW_THROUGH) else "failed",
                "output": cell_message(check, mark, reveal),
                "output_format": "text",
                "extra_data": {
                    "slips": list(explanation.slips) if explanation else [],
                    "follow_through": mark.status is Status.FOLLOW_THROUGH,
                },
            }
        )
    return tests
