"""A class's grades as CSV, one line per submission."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

from cnnspec.homework.classes.grading import Grade
from cnnspec.homework.marking.marks import Status
from cnnspec.reports.csv import harmless

TITLES = ("student", "file", "gradable", "score", "max_score", "score_without_follow_through")


def render(grades: Iterable[Grade]) -> str:
    """Return the grades as CSV; what a spreadsheet would take for a formula is made harmless."""
    output = StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow([*TITLES, *(status.value for status in Status), "slips", "error"])
    for grade in grades:
        writer.writerow(
            [
                harmless(grade.student),
                harmless(grade.name),
                "yes" if grade.gradable else "no",
                grade.score,
                grade.max_score,
                grade.score_without_follow_through,
                *(grade.counts[status.value] for status in Status),
                " ".join(grade.slips),
                harmless(grade.error),
            ]
        )
    return output.getvalue()
