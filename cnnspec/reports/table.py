"""The table for a terminal, and for a file that a terminal's reader looks at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from rich.text import Text

from cnnspec.analysis.columns import COLUMNS, Column, choose, rows_of, show_cell
from cnnspec.analysis.folding import TableRow, fold
from cnnspec.analysis.measure import Summary
from cnnspec.errors import printable
from cnnspec.reports._footer import facts, remarks
from cnnspec.reports._format import TableFormat
from cnnspec.text_table import GAP, Line, in_lines, lay_out, length, painter
from cnnspec.text_table import Column as Titled

FORMAT: Final = TableFormat(terminal=True)

LAST_TO_GO = (
    *("layer", "shape", "params", "memory", "kept_bytes", "weight_bytes"),
    *("configuration", "size", "macs", "operations", "note"),
)
"""The columns of a narrow terminal, the most needed first: those of memory are there only where it was asked for."""
WIDEST: Final = 10_000
"""The characters of a line where no terminal says how many there are."""
WRAPPED = ("Configuration", "Inputs", "Note")
"""The columns whose text may take several lines."""
LEAST_WRAPPED: Final = 16
"""The characters that such a column needs at least."""


class _Shown(NamedTuple):
    """A column with its cells as a reader sees them."""

    column: Column
    foot: str
    cells: list[str]
    title: str

    @property
    def width(self) -> int:
        return max(map(length, (self.title, self.foot, *self.cells)))


def render(
    summary: Summary,
    *,
    columns: Sequence[str] | None = None,
    depth: int | None = None,
    sort: str = "",
    width: int | None = None,
    color: bool = False,
) -> str:
    """Return the table as text; without a width it is as wide as its content."""
    rows = rows_of(summary, depth, sort)
    shown = _show(choose(columns, rows), rows, summary)
    kept = shown if width is None else _fitting(shown, width)
    if len(kept) < len(shown):
        shown = [each._replace(title=each.column.short or each.title) for each in shown]
        kept = _fitting(shown, width or 0)
    left_out = [each.title for each in shown if each not in kept]
    footer = _footer(summary, [each.column for each in kept], left_out, width=width, color=color)
    return "\n".join([*_table(summary, kept, rows, width=width, color=color), "", *footer]) + "\n"


def renderable(summary: Summary, width: int) -> Text:
    """Return the table with its standard columns, as far as a rich console has room for them."""
    rows = fold(summary)
    shown = _show(choose(None, rows), rows, summary)
    kept = _fitting(shown, width)
    if len(kept) < len(shown):
        kept = _fitting([each._replace(title=each.column.short or each.title) for each in shown], width)
    return Text.from_ansi("\n".join(_table(summary, kept, rows, width=width, color=True)))


def _show(columns: Sequence[Column], rows: Sequence[TableRow], summary: Summary) -> list[_Shown]:
    return [
        _Shown(column, show_cell(column.total(summary)), [show_cell(column.value(row)) for row in rows], column.title)
        for column in columns
    ]


def _table(
    summary: Summary, shown: Sequence[_Shown], rows: Sequence[TableRow], *, width: int | None, color: bool
) -> Iterator[str]:
    columns = [Titled(title, foot, number=column.number, wraps=title in WRAPPED) for column, foot, _, title in shown]
    styles = ("dim" if row.kind == "input" else "cyan" if row.folded else "" for row in rows)
    cells = zip(*(each.cells for each in shown), strict=True)
    lines = [Line(*line) for line in zip(cells, styles, strict=True)]
    yield painter("bold", color=color)(printable(summary.name))
    yield ""
    yield from lay_out(columns, lines, width=width, color=color)


def _fitting(shown: Sequence[_Shown], width: int) -> list[_Shown]:
    """Return the columns that a terminal has room for, the most needed first."""
    needed = [each for name in LAST_TO_GO for each in shown if each.column is COLUMNS[name]]
    room = width - 1
    kept: list[_Shown] = []
    for each in (*needed, *(each for each in shown if each not in needed)):
        widest = LEAST_WRAPPED if each.column.title in WRAPPED else width
        need = len(GAP) + min(each.width, widest)
        if need <= room or not kept:
            kept.append(each)
            room -= need
    return [each for each in shown if each in kept]


def _footer(
    summary: Summary, columns: Sequence[Column], left_out: Sequence[str], *, width: int | None, color: bool
) -> Iterator[str]:
    bold, dim = painter("bold", color=color), painter("dim", color=color)
    for word, value in facts(summary):
        first, *others = in_lines(value, (width or WIDEST) - 12)
        yield bold(f"{word:<12}") + first
        yield from (" " * 12 + line for line in others)
    yield ""
    said = list(remarks(summary, columns))
    if left_out:
        said.append(f"No room for {', '.join(left_out)}: `--columns` chooses, a wider terminal shows all.")
    for text in said:
        yield from map(dim, in_lines(text, width or WIDEST))
