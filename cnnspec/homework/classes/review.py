"""A page of the whole class for the teacher: what went wrong, and each table with its marks; no script is needed."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

from cnnspec.files import replacing
from cnnspec.homework.classes.grading import ClassSummary, Grade
from cnnspec.homework.classes.review_marks import text
from cnnspec.homework.feedback import counted, slip_title
from cnnspec.pages.document import head

MOST: Final = 25
_STYLE: Final = """
main{max-width:70rem}
table{width:auto;margin:.5em 0}td,th{border:1px solid var(--frame)}
td.correct{box-shadow:inset 3px 0 var(--units-side)}td.follow_through{box-shadow:inset 3px 0 var(--convolution-side)}
td.wrong{box-shadow:inset 3px 0 var(--pool-side)}td.unreadable,td.missing{box-shadow:inset 3px 0 var(--join-side)}
small{color:var(--quiet)}pre{background:var(--plain-top);padding:.5em;overflow:auto}meter{width:16em;max-width:60vw}
"""
"""What the page has beside the style of all pages: every status has a sign, and a line in a colour of the drawings."""


class Review:
    """The page while the class is graded: counts in memory, tables in a file of their own."""

    def __init__(self, body: IO[bytes]) -> None:
        """Take the file for the tables."""
        self._body = body
        self._cells: Counter[str] = Counter()
        self._remarks: Counter[str] = Counter()

    def add(self, grade: Grade) -> None:
        """Take one student's grade."""
        self._cells.update(grade.wrong)
        self._remarks.update(grade.remarks)
        self._body.write(_student(grade).encode("utf-8", "replace"))

    def write(self, path: Path, summary: ClassSummary) -> None:
        """Write the page, whole or not at all."""
        slips = [(f"{slip}: {slip_title(slip)[0]}", number) for slip, number in summary.slips]
        beginning = (
            f"{head('Review', own=_STYLE)}<main><h1>Review</h1>"
            f"<p>{counted(summary.submissions, 'submission')}, {summary.gradable} graded, "
            f"mean {summary.mean:.1%}, median {summary.median:.1%} of the points</p>"
            f"{_histogram('Slips', slips)}{_histogram('Cells with most errors', self._cells.most_common(MOST))}"
            f"{_histogram('Remarks, such as columns that were not read', self._remarks.most_common(MOST))}"
            "<h2>Tables</h2>\n<p>A mark is changed by a line below <code>accept:</code> in the assignment.</p>\n"
        )
        self._body.seek(0)
        with replacing(path) as temporary, temporary.open("wb") as file:
            file.write(beginning.encode("utf-8", "replace"))
            shutil.copyfileobj(self._body, file)
            file.write(b"</main></body></html>\n")


@contextmanager
def reviewing() -> Iterator[Review]:
    """Yield a review whose tables lie in a temporary file."""
    with TemporaryFile() as body:
        yield Review(body)


def _student(grade: Grade) -> str:
    points = f"{grade.score} of {grade.max_score}" if grade.gradable else f"not graded: {grade.error}"
    line = f"<b>{text(grade.student)}</b> {text(points)} <small>{text(grade.name)}</small>"
    return f"<details{'' if grade.gradable else ' open'}><summary>{line}</summary>{grade.page}</details>\n"


def _histogram(title: str, counts: Iterable[tuple[str, int]]) -> str:
    """Return a list of words with a bar each."""
    pairs = list(counts)
    most = max((number for _, number in pairs), default=0)
    rows = "".join(
        f'<tr><td>{text(word)}</td><td>{number}</td><td><meter max="{most}" value="{number}"></meter></td></tr>'
        for word, number in pairs
    )
    return f"<h2>{escape(title)}</h2>{f'<table>{rows}</table>' if rows else '<p>none</p>'}\n"
