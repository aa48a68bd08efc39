"""Quiet aligned tables, and numbers as their cells show them."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import Final, NamedTuple

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cnnspec.errors import printable

UNKNOWN: Final = "–"


class Column(NamedTuple):
    """A column's title, and whether it holds numbers."""

    title: str
    number: bool = True


def tabulate(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], *, last: Sequence[str] = (), color: bool = False
) -> str:
    """Return rows as a table that is as wide as its content; `last` is set apart below them."""
    table = Table(
        box=box.SIMPLE_HEAD,
        show_footer=bool(last),
        padding=(0, 1),
        pad_edge=False,
        show_edge=False,
        header_style="bold",
    )
    for index, column in enumerate(columns):
        footer = Text(last[index] if last else "", style="bold")
        table.add_column(
            Text(column.title), footer, justify="right" if column.number else "left", no_wrap=True, overflow="fold"
        )
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    width = sum(max(cell_len(cell) for cell in cells) + 4 for cells in zip(*_all(columns, rows, last), strict=True))
    output = StringIO()
    console = Console(file=output, width=width, color_system="standard" if color else None, force_terminal=color)
    console.print(table)
    return "\n".join(line.rstrip() for line in output.getvalue().splitlines()) + "\n"


def percent(value: float | None, decimals: int = 2) -> str:
    """Return a share in per cent; nothing that is not whole is shown as 100 %.

    >>> percent(0.98765), percent(0.999999), percent(1.0), percent(None)
    ('98.77 %', '99.99 %', '100.00 %', '–')
    """
    if value is None:
        return UNKNOWN
    shown = 100 * value if value >= 1 else min(100 * value, 100 - 10.0**-decimals)
    return f"{shown:.{decimals}f} %"


def decimal(value: float | None) -> str:
    """Return a number with four significant digits."""
    return UNKNOWN if value is None else f"{value:.4g}"


def _all(columns: Sequence[Column], rows: Sequence[Sequence[str]], last: Sequence[str]) -> list[Sequence[str]]:
    return [[column.title for column in columns], *rows, *([last] if last else [])]
