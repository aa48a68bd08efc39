"""The table as comma-separated values: raw integers, no totals, a header with the columns' short names."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Final

from cnnspec.analysis.columns import COLUMNS, Cell, choose, rows_of
from cnnspec.analysis.measure import Summary
from cnnspec.reports._format import TableFormat

FORMAT: Final = TableFormat(suffix=".csv")


def render(summary: Summary, *, columns: Sequence[str] | None = None, depth: int | None = None, sort: str = "") -> str:
    """Return the table as CSV."""
    table_rows = rows_of(summary, depth, sort)
    chosen = choose(columns, table_rows)
    output = StringIO()
    writer = csv.writer(output, lineterminator="\n")
    titles = {column.title: name for name, column in COLUMNS.items()}
    writer.writerow(titles[column.title] for column in chosen)
    for row in table_rows:
        writer.writerow(harmless(column.value(row)) for column in chosen)
    return output.getvalue()


def harmless(cell: Cell) -> Cell:
    """Return a cell that no terminal acts on and no spreadsheet takes for a formula, which gets an apostrophe."""
    if not isinstance(cell, str):
        return cell
    text = "".join(char if char.isprintable() or char in "\n\r\t" else "�" for char in cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
