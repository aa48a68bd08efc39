"""The table for a terminal, and for a file that a terminal's reader looks at."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cnnspec.analysis.folding import TableRow, fold
from cnnspec.analysis.measure import Summary
from cnnspec.errors import printable
from cnnspec.reports.columns import COLUMNS, Column, choose, show_cell
from cnnspec.reports.footer import facts, remarks

LAST_TO_GO = ("layer", "params", "shape", "size", "macs", "configuration", "note")
"""The columns of a narrow terminal, the most needed first."""
WRAPPED = ("Configuration", "Inputs", "Note")
"""The columns whose text may take several lines."""


def render(
    summary: Summary,
    *,
    columns: Sequence[str] | None = None,
    depth: int | None = None,
    width: int | None = None,
    color: bool = False,
) -> str:
    """Return the table as text; without a width it is as wide as its content."""
    rows = fold(summary, depth)
    chosen = choose(columns, rows)
    left_out: list[str] = []
    if width is not None:
        chosen, left_out = fitting(chosen, rows, summary, width)
    natural = _natural_width(chosen, rows, summary)
    table = build(summary, chosen, rows)
    output = StringIO()
    console = Console(
        file=output, width=width or natural, color_system="standard" if color else None, force_terminal=color
    )
    console.print(table)
    _print_footer(console, summary, chosen, left_out)
    return "\n".join(line.rstrip() for line in output.getvalue().splitlines()) + "\n"


def renderable(summary: Summary, width: int) -> Table:
    """Return the table with its standard columns, as far as a rich console has room for them."""
    rows = fold(summary)
    return build(summary, fitting(choose(None, rows), rows, summary, width)[0], rows)


def build(summary: Summary, columns: Sequence[Column], rows: Sequence[TableRow]) -> Table:
    """Return the table as a rich renderable."""
    table = Table(
        title=Text(printable(summary.name), style="bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_footer=True,
        header_style="bold",
        footer_style="bold",
        padding=(0, 1),
        pad_edge=False,
    )
    for column in columns:
        table.add_column(
            Text(column.title),
            Text(show_cell(column.total(summary))),
            justify="right" if column.number else "left",
            overflow="fold",
            no_wrap=column.title not in WRAPPED,
        )
    for row in rows:
        style = "dim" if row.kind == "input" else "cyan" if row.folded else ""
        table.add_row(*(Text(show_cell(column.value(row))) for column in columns), style=style)
    return table


def _natural_width(columns: Sequence[Column], rows: Sequence[TableRow], summary: Summary) -> int:
    widths = [_column_width(column, rows, summary) for column in columns]
    return max(sum(widths) + 3 * len(widths) + 2, 100)


def _column_width(column: Column, rows: Sequence[TableRow], summary: Summary) -> int:
    cells = [column.title, show_cell(column.total(summary)), *(show_cell(column.value(row)) for row in rows)]
    return max(map(cell_len, cells))


def fitting(
    columns: list[Column], rows: Sequence[TableRow], summary: Summary, width: int
) -> tuple[list[Column], list[str]]:
    """Return the columns that a terminal has room for, the most needed first, and the titles of the others."""
    needed = [COLUMNS[name] for name in LAST_TO_GO if COLUMNS[name] in columns]
    room = width - 1
    kept: list[Column] = []
    for column in (*needed, *(column for column in columns if column not in needed)):
        widest = 16 if column.title in WRAPPED else width
        need = 3 + min(_column_width(column, rows, summary), widest)
        if need <= room or not kept:
            kept.append(column)
            room -= need
    left_out = [column.title for column in columns if column not in kept]
    return [column for column in columns if column in kept], left_out


def _print_footer(console: Console, summary: Summary, columns: Sequence[Column], left_out: Sequence[str]) -> None:
    for word, value in facts(summary):
        console.print(Text(f"{word:<12}", style="bold").append(value, style="not bold"), soft_wrap=True)
    console.print()
    for remark in remarks(summary, columns):
        console.print(Text(remark, style="dim"), soft_wrap=True)
    if left_out:
        titles = ", ".join(left_out)
        console.print(
            Text(f"No room for {titles}: `--columns` chooses, a wider terminal shows all.", style="dim"), soft_wrap=True
        )
