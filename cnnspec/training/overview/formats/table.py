"""Runs for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cnnspec.errors import printable
from cnnspec.reports._format import TableFormat
from cnnspec.text_table import GAP, Column, Line, lay_out, length
from cnnspec.training.overview.formats._rows import COSTS, FOLDER, cells, footer, results, titles
from cnnspec.training.overview.groups import Overview

FORMAT: Final = TableFormat(terminal=True)


def render(overview: Overview, *, width: int | None = None, color: bool = False) -> str:
    """Return a line for each group; where that is too wide, folders and what all have in common stand below."""
    head = [printable(title) for title in titles(overview)]
    rows = [[printable(cell) for cell in cells(overview, group)] for group in overview.groups]
    below = _below(head, rows) if width is not None and _width(head, rows) >= width else []
    kept = [place for place in range(len(head)) if place not in below]
    numbers = results(overview)
    columns = [Column(head[place], number=head[place] in numbers) for place in kept]
    lines = [Line([row[place] for place in kept]) for row in rows]
    text = [*lay_out(columns, lines, width=width, color=color, edge="")]
    same = ", ".join(f"{head[place]} {rows[0][place]}" for place in below if head[place] != FOLDER)
    folders = ["Folders, in the order of the table:", *(f"  {row[-1]}" for row in rows)] if below else []
    notes = ["\n".join(folders), f"The same in all: {same}." if same else "", footer(overview)]
    parts = [part for note in notes if note for part in ("", note)]
    return "\n".join(line.rstrip() for line in [*text, *parts]) + "\n"


def _width(head: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    widths = [max(map(length, column)) for column in zip(head, *rows, strict=True)]
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _below(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """Return the places of the columns a narrow terminal does without: the folder, and costs that do not differ."""
    equal = [len({row[place] for row in rows}) == 1 for place in range(len(head))]
    return [place for place, title in enumerate(head) if title == FOLDER or (title in COSTS and equal[place])]
