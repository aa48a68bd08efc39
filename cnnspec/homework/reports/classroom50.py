"""Classroom 50's result.json: integers, unique test names, identity from the environment."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Final

from cnnspec.homework.feedback import Reveal, cell_name, most_points
from cnnspec.homework.marking.checking import Check
from cnnspec.homework.marking.marks import Status
from cnnspec.homework.reports._format import ResultFormat
from cnnspec.json_lines import indented

FORMAT: Final = ResultFormat(runner=True)

_ENVIRONMENT = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "assignment_type": "ASSIGNMENT_TYPE",
    "owner": "OWNER",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
    "review": "REVIEW_URL",
}


def render(check: Check, reveal: Reveal) -> str:
    """Return result.json; what the environment does not say stays empty."""
    tests = _tests(check) if check.gradable and reveal is not Reveal.NONE else [_whole(check)]
    now = datetime.now(UTC).isoformat(timespec="seconds")
    result = {
        "schema": "classroom50/result/v1",
        **{key: os.environ.get(variable, "") for key, variable in _ENVIRONMENT.items()},
        "assignment_type": os.environ.get("ASSIGNMENT_TYPE") or "individual",
        "datetime": now,
        "graded_at": now,
        "score": check.score,
        "max-score": most_points(check) or 1,
        "tests": tests,
    }
    if user := os.environ.get("USERNAME"):
        result["submitted_by"] = {"username": user, "id": os.environ.get("USER_ID", "")}
    return indented(result)


def _whole(check: Check) -> dict[str, object]:
    """Return the whole table as one test: a result without tests, or of 0 points, counts as passed there."""
    name = "the table" if check.gradable else "a table that can be marked"
    return {"test-name": name, "passed": check.passed, "score": check.score, "max-score": most_points(check) or 1}


def _tests(check: Check) -> list[dict[str, object]]:
    names: dict[str, int] = {}
    tests: list[dict[str, object]] = []
    for mark in check.marks:
        name = cell_name(mark)
        names[name] = names.get(name, 0) + 1
        tests.append(
            {
                "test-name": name if names[name] == 1 else f"{name} ({names[name]})",
                "passed": mark.status in (Status.CORRECT, Status.FOLLOW_THROUGH),
                "score": check.points_of(mark),
                "max-score": check.marking.points(mark.column, mark.layer),
            }
        )
    return tests
