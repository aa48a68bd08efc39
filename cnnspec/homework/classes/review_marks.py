"""One student's table with its marks as HTML, and the lines by which a teacher changes a mark."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from typing import Final

from cnnspec.analysis.quantities import QUANTITIES
from cnnspec.errors import printable, shorten
from cnnspec.homework.feedback import SIGNS, Reveal, cell_message, slip_title
from cnnspec.homework.marking.checking import Check
from cnnspec.homework.marking.marks import Mark, Status, columns_of, rows_of, show_answer

FAULTY: Final = (Status.WRONG, Status.UNREADABLE)


def render(check: Check) -> str:
    """Return the table with its marks, what is said of it, and a line to accept each wrong cell."""
    if not check.gradable:
        return _listed(f"{fault.message}. {' '.join((*fault.notes, fault.help))}" for fault in check.faults)
    columns = columns_of(check.marks)
    head = "".join(f"<th>{text(QUANTITIES[column].title)}</th>" for column in columns)
    rows = "".join(_row(cells, columns) for cells in rows_of(check.marks))
    said = [f"{finding.slip}: {slip_title(finding.slip)[0]}" for finding in check.diagnosis.findings]
    remarks = check.table.remarks if check.table else ()
    wrong = [mark for mark in check.marks if mark.status in FAULTY]
    return (
        f"<table><tr><th>Layer</th>{head}</tr>{rows}</table>{_listed([*said, *remarks])}"
        f"{_listed(_reason(check, mark) for mark in wrong)}{_accepted(wrong)}"
    )


def wrong_cells(check: Check) -> tuple[str, ...]:
    """Return the cells of a table that are wrong or unreadable, by layer and column."""
    return tuple(f"{mark.layer}: {QUANTITIES[mark.column].title}" for mark in check.marks if mark.status in FAULTY)


def text(value: str, most: int = 200) -> str:
    """Return a text from outside as HTML, in one line and of bounded length."""
    return escape(shorten(value, most))


def _row(cells: dict[str, Mark], columns: list[str]) -> str:
    first = next(iter(cells.values()))
    label = first.row or f"({first.layer})"
    return f"<tr><td>{text(label)}</td>{''.join(_cell(cells.get(column)) for column in columns)}</tr>"


def _cell(mark: Mark | None) -> str:
    if mark is None:
        return "<td></td>"
    right = "" if mark.status is Status.CORRECT else f" <small>{text(show_answer(mark.expected))}</small>"
    return f'<td class="{mark.status.value}">{text(mark.given)} {SIGNS[mark.status]}{right}</td>'


def _reason(check: Check, mark: Mark) -> str:
    return f"{mark.layer}, {QUANTITIES[mark.column].title}: {cell_message(check, mark, Reveal.FULL)}"


def _listed(lines: Iterable[str]) -> str:
    items = "".join(f"<li>{text(printable(line), 400)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def _accepted(wrong: Iterable[Mark]) -> str:
    """Return the lines that an assignment's `accept:` takes; JSON's strings are strings of YAML."""
    lines = [
        f"  - {{row: {_quoted(mark.layer)}, column: {mark.column}, value: {_quoted(mark.given)}, reason: ...}}"
        for mark in wrong
        if mark.status is Status.WRONG
    ]
    return f"<pre>accept:\n{escape(chr(10).join(lines))}</pre>" if lines else ""


def _quoted(value: str) -> str:
    return json.dumps(printable(value))
