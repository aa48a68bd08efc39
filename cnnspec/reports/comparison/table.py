"""The comparison for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cnnspec.analysis.comparison import Comparison, Status
from cnnspec.errors import printable
from cnnspec.reports._format import TableFormat
from cnnspec.reports.comparison._rows import LAYER_TITLES, NUMBERS, SHORT, WRAPPED, layer_lines, titles, totals
from cnnspec.text_table import Column, Line, lay_out, length

FORMAT: Final = TableFormat(terminal=True)
STYLES: Final = {Status.EQUAL: "dim", Status.CHANGED: "yellow", Status.REMOVED: "red", Status.ADDED: "green"}


def render(comparison: Comparison, *, width: int | None = None, color: bool = False) -> str:
    """Return the totals side by side, and below them the layers that differ."""
    columns = [Column(printable(title), number=bool(place)) for place, title in enumerate(titles(comparison))]
    lines = [Line([printable(cell) for cell in line]) for line in totals(comparison)]
    text = [*lay_out(columns, lines, width=width, color=color)]
    if comparison.changes is not None:
        lines = [
            Line([printable(cell) for cell in cells], STYLES[status])
            for status, cells in layer_lines(comparison.changes)
        ]
        text += ["", *_changes(lines, width, color=color)]
    return "\n".join(line.rstrip() for line in text) + "\n"


def _changes(lines: Sequence[Line], width: int | None, *, color: bool) -> list[str]:
    """Return the layers that differ, under short titles where the long ones have no room."""
    columns = [Column(title, number=title in NUMBERS, wraps=title in WRAPPED) for title in LAYER_TITLES]
    whole = lay_out(columns, lines)
    if width is not None and max(map(length, whole)) > width:
        columns = [column._replace(title=SHORT.get(column.title, column.title)) for column in columns]
    return [*lay_out(columns, lines, width=width, color=color)]
