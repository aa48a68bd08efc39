"""The worksheet as a page of its own that prints well."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from cnnspec.analysis.quantities import SHAPE
from cnnspec.homework.practice import wording
from cnnspec.homework.practice.formats._format import WorksheetFormat
from cnnspec.homework.practice.worksheet import Exercise, Worksheet

FORMAT: Final = WorksheetFormat(".html")
STYLE = """
body { font-family: sans-serif; margin: 2em; }
table { border-collapse: collapse; }
th, td { border: 1px solid #888; padding: 0.4em 0.7em; text-align: left; height: 1.4em; }
td.number { text-align: right; }
td.blank { min-width: 7em; }
@media print { body { margin: 0; } tr { break-inside: avoid; } }
""".strip()


def render(worksheet: Worksheet, *, key: bool) -> str:
    """Return the worksheet, or its key with the formulas below the table."""
    title = escape(wording.heading(worksheet, key=key))
    byline = wording.byline(worksheet, key=key)
    texts = [byline] if key else [byline, " ".join(wording.instructions(worksheet)).replace("`", "")]
    head = "".join(f"<th>{escape(name)}</th>" for name in wording.titles(worksheet))
    body = "\n".join(f"<tr>{''.join(_cells(worksheet, exercise, key=key))}</tr>" for exercise in worksheet.exercises)
    parts = [
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>',
        f"<style>\n{STYLE}\n</style>\n</head>\n<body>\n<h1>{title}</h1>",
        *(f"<p>{escape(text)}</p>" for text in texts if text),
        f"<table>\n<thead>\n<tr>{head}</tr>\n</thead>\n<tbody>\n{body}\n</tbody>\n</table>",
        *(_solutions(worksheet) if key else ()),
        "</body>\n</html>\n",
    ]
    return "\n".join(parts)


def _cells(worksheet: Worksheet, exercise: Exercise, *, key: bool) -> Iterator[str]:
    classes = ["", "", *(_class(cell.column, blank=cell.blank and not key) for cell in exercise.cells), ""]
    for text, name in zip(wording.cells(worksheet, exercise, key=key), classes, strict=False):
        yield f"<td{name}>{escape(text)}</td>"


def _class(column: str, *, blank: bool) -> str:
    names = [*(["number"] if column != SHAPE.name else []), *(["blank"] if blank else [])]
    return f' class="{" ".join(names)}"' if names else ""


def _solutions(worksheet: Worksheet) -> Iterator[str]:
    yield "<h2>How the numbers come about</h2>"
    for exercise, columns in wording.solutions(worksheet):
        yield f"<p><b>{escape(exercise.label)}</b> ({escape(exercise.configuration)})</p>\n<ul>"
        for title, steps in columns:
            yield f"<li>{escape(title)}: {'; '.join(escape(wording.formula(step)) for step in steps)}</li>"
        yield "</ul>"
    if worksheet.collisions:
        found = "\n".join(f"<li>{escape(str(collision))}</li>" for collision in worksheet.collisions)
        yield f"<h2>Slips that these numbers do not tell apart</h2>\n<ul>\n{found}\n</ul>"
