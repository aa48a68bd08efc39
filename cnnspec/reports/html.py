"""The table as HTML: a page, or an element for notebooks and other pages."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from cnnspec.analysis.columns import Column, choose, rows_of, show_cell
from cnnspec.analysis.measure import Summary
from cnnspec.errors import printable
from cnnspec.reports._footer import facts, remarks
from cnnspec.reports._format import TableFormat
from cnnspec.reports._page import page

FORMAT: Final = TableFormat(suffix=".html")


def render(summary: Summary, *, columns: Sequence[str] | None = None, depth: int | None = None, sort: str = "") -> str:
    """Return the table as a whole page."""
    return page(summary.name, element(summary, columns=columns, depth=depth, sort=sort))


def element(summary: Summary, *, columns: Sequence[str] | None = None, depth: int | None = None, sort: str = "") -> str:
    """Return the table as one HTML element without styles of its own beside the alignment of numbers."""
    table_rows = rows_of(summary, depth, sort)
    chosen = choose(columns, table_rows)
    head = _row("th", chosen, [column.title for column in chosen])
    body = "\n".join(_row("td", chosen, [show_cell(c.value(row)) for c in chosen]) for row in table_rows)
    foot = _row("th", chosen, [show_cell(column.total(summary)) for column in chosen])
    notes = "<br>\n".join(escape(text) for text in [*(f"{word}: {value}" for word, value in facts(summary))])
    small = "<br>\n".join(escape(remark) for remark in remarks(summary, chosen))
    return (
        f"<table>\n<caption>{escape(printable(summary.name))}</caption>\n<thead>\n{head}\n</thead>\n<tbody>\n{body}\n</tbody>\n"
        f"<tfoot>\n{foot}\n</tfoot>\n</table>\n<p>{notes}</p>\n<p><small>{small}</small></p>\n"
    )


def _row(tag: str, columns: Sequence[Column], cells: Sequence[str]) -> str:
    written = "".join(
        f'<{tag} style="text-align: {"right" if column.number else "left"}">{escape(cell)}</{tag}>'
        for column, cell in zip(columns, cells, strict=True)
    )
    return f"<tr>{written}</tr>"
