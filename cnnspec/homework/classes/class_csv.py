"""A class's grades as CSV, one line per student, written as they come and read again to go on."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Final

from cnnspec.errors import UsageError, shorten
from cnnspec.homework.classes.grading import Grade
from cnnspec.homework.marking.marks import Status
from cnnspec.reports.csv import harmless

_FACTS: Final = ("student", "file", "gradable", "score", "max_score", "score_without_follow_through")
_WORDS: Final = ("columns", "other_files", "slips", "error")
TITLES: Final = (*_FACTS, *(status.value for status in Status), *_WORDS)


def header() -> str:
    """Return the line of titles."""
    return _line(TITLES)


def render(grade: Grade) -> str:
    """Return the line of one grade; what a spreadsheet would take for a formula is made harmless."""
    return _line(
        (
            harmless(grade.student),
            harmless(grade.name),
            "yes" if grade.gradable else "no",
            grade.score,
            grade.max_score,
            grade.score_without_follow_through,
            *(grade.counts[status.value] for status in Status),
            " ".join(grade.columns),
            harmless("; ".join(grade.others)),
            " ".join(grade.slips),
            harmless(grade.error),
        )
    )


def _line(cells: tuple[object, ...]) -> str:
    output = StringIO()
    csv.writer(output, lineterminator="\n").writerow(cells)
    return output.getvalue()


def read_kept(text: str, name: str) -> list[Grade]:
    """Return the grades of an earlier, interrupted run; a last line that is not whole is left out.

    Names are those of the file, made harmless. Raises UsageError where the file is another one.
    """
    whole = text[: text.rfind("\n") + 1]
    try:
        rows = list(csv.reader(StringIO(whole, newline="")))
    except csv.Error as error:
        raise _other_file(name, shorten(str(error), 80)) from None
    if rows and tuple(rows[0]) != TITLES:
        raise _other_file(name, "its titles are not those that `grade` writes")
    if rows and len(rows[-1]) != len(TITLES):
        del rows[-1]  # a line break inside a cell was the last that was written
    try:
        return [_grade(dict(zip(TITLES, row, strict=True))) for row in rows[1:]]
    except ValueError:
        raise _other_file(name, "it has a line that `grade` does not write") from None


def _grade(cells: dict[str, str]) -> Grade:
    return Grade(
        cells["student"],
        cells["file"],
        cells["gradable"] == "yes",
        int(cells["score"]),
        int(cells["max_score"]),
        int(cells["score_without_follow_through"]),
        counts={status.value: int(cells[status.value]) for status in Status},
        slips=tuple(cells["slips"].split()),
        error=cells["error"],
        columns=tuple(cells["columns"].split()),
        others=(cells["other_files"],) if cells["other_files"] else (),
    )


def _other_file(name: str, fact: str) -> UsageError:
    step = "name the file that the interrupted run wrote, or leave `--resume` out"
    return UsageError.one("E602", f"`{shorten(name)}` is not what an earlier run wrote", notes=(fact,), help=step)
