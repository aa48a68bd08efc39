"""The worksheet as GitHub-flavoured Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Final

from cnnspec.analysis.quantities import SHAPE
from cnnspec.homework.practice import wording
from cnnspec.homework.practice.formats._format import WorksheetFormat
from cnnspec.homework.practice.worksheet import Worksheet
from cnnspec.reports.markdown import escape
from cnnspec.text.width import WIDTH

FORMAT: Final = WorksheetFormat(".md")


def render(worksheet: Worksheet, *, key: bool) -> str:
    """Return the worksheet, or its key with the formulas below the table."""
    titles = wording.titles(worksheet)
    numbers = {index for index, name in enumerate(worksheet.columns, 2) if name != SHAPE.name}
    lines = [f"# {escape(wording.heading(worksheet, key=key))}", ""]
    byline = escape(wording.byline(worksheet, key=key))
    lines += [byline, ""] if byline else []
    lines += [] if key else [*wrap(" ".join(wording.instructions(worksheet)), WIDTH, break_on_hyphens=False), ""]
    lines += [_row([escape(title) for title in titles])]
    lines += [_row(["---:" if index in numbers else "---" for index in range(len(titles))])]
    lines += [_row(map(escape, wording.cells(worksheet, exercise, key=key))) for exercise in worksheet.exercises]
    return "\n".join([*lines, *(_solutions(worksheet) if key else ())]) + "\n"


def _row(cells: Iterator[str] | Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _solutions(worksheet: Worksheet) -> Iterator[str]:
    yield from ("", "## How the numbers come about", "")
    for exercise, columns in wording.solutions(worksheet):
        yield f"- **{escape(exercise.label)}** ({escape(exercise.configuration)})"
        for title, steps in columns:
            yield f"  - {escape(title)}: {'; '.join(escape(wording.formula(step)) for step in steps)}"
    if worksheet.collisions:
        yield from ("", "## Slips that these numbers do not tell apart", "")
        yield from (f"- {escape(str(collision))}" for collision in worksheet.collisions)
