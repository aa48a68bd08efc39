"""The comparison for a terminal."""

from __future__ import annotations

from typing import Final

from cnnspec.analysis.comparison import Comparison, Status
from cnnspec.errors import printable
from cnnspec.reports._format import TableFormat
from cnnspec.reports.comparison._rows import LAYER_TITLES, NUMBERS, layer_lines, titles, totals
from cnnspec.text_table import Column, Line, lay_out

FORMAT: Final = TableFormat(terminal=True)
STYLES: Final = {Status.EQUAL: "dim", Status.CHANGED: "yellow", Status.REMOVED: "red", Status.ADDED: "green"}


def render(comparison: Comparison, *, width: int | None = None, color: bool = False) -> str:
    """Return the totals side by side, and below them the layers that differ."""
    columns = [Column(printable(title), number=bool(place)) for place, title in enumerate(titles(comparison))]
    lines = [Line([printable(cell) for cell in line]) for line in totals(comparison)]
    text = [*lay_out(columns, lines, width=width, color=color)]
    if comparison.changes is not None:
        columns = [Column(title, number=title in NUMBERS, wraps=title == "Configuration") for title in LAYER_TITLES]
        lines = [
            Line([printable(cell) for cell in cells], STYLES[status])
            for status, cells in layer_lines(comparison.changes)
        ]
        text += ["", *lay_out(columns, lines, width=width, color=color)]
    return "\n".join(line.rstrip() for line in text) + "\n"
