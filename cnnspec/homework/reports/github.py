"""The result as commands of GitHub's workflows: notices beside a run, as those of GitHub Classroom's reporter."""

from __future__ import annotations

from typing import Final

from cnnspec.errors import render_github
from cnnspec.homework.feedback import Reveal, in_course_points, most_points
from cnnspec.homework.marking.checking import Check
from cnnspec.homework.reports._format import ResultFormat
from cnnspec.json_lines import compact

FORMAT: Final = ResultFormat(reveal=Reveal.HINT)


def render(check: Check, _: Reveal) -> str:
    """Return the points as two notices, and why a table cannot be graded as errors; what a cell earns is not said."""
    score, most = in_course_points(check, check.score), in_course_points(check, most_points(check))
    points = compact({"totalPoints": score, "maxPoints": most})
    lines = [
        f"::notice title=Autograding complete::Points {score}/{most}",
        f"::notice title=Autograding report::{points}",
    ]
    if check.faults:
        lines.append(render_github(check.faults))
    return "\n".join(lines) + "\n"
