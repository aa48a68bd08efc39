"""Runs for a terminal."""

from __future__ import annotations

from typing import Final

from cnnspec.errors import printable
from cnnspec.reports._format import TableFormat
from cnnspec.text_table import Column, Line, lay_out
from cnnspec.training.overview.formats._rows import TITLES, cells, footer, titles
from cnnspec.training.overview.groups import Overview

FORMAT: Final = TableFormat(terminal=True)
FOLDER: Final = TITLES[-1]


def render(overview: Overview, *, width: int | None = None, color: bool = False) -> str:
    """Return a line for each group."""
    columns = [
        Column(printable(title), number=title in TITLES and title != FOLDER, wraps=title == FOLDER)
        for title in titles(overview)
    ]
    lines = [Line([printable(cell) for cell in cells(overview, group)]) for group in overview.groups]
    text = [*lay_out(columns, lines, width=width, color=color, edge="")]
    note = footer(overview)
    return "\n".join(line.rstrip() for line in [*text, *(["", note] if note else [])]) + "\n"
