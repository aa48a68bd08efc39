"""The table as GitHub-flavoured Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from cnnspec.analysis.columns import choose, rows_of, show_cell
from cnnspec.analysis.measure import Summary
from cnnspec.errors import printable
from cnnspec.reports._footer import facts, remarks
from cnnspec.reports._format import TableFormat

FORMAT: Final = TableFormat(suffix=".md")


def render(summary: Summary, *, columns: Sequence[str] | None = None, depth: int | None = None, sort: str = "") -> str:
    """Return the table as Markdown, with the totals below it."""
    table_rows = rows_of(summary, depth, sort)
    chosen = choose(columns, table_rows)
    rows = [[escape(show_cell(column.value(row))) for column in chosen] for row in table_rows]
    totals = [escape(show_cell(column.total(summary))) for column in chosen]
    rows.append([f"**{cell}**" if cell else "" for cell in totals])
    lines = [f"### {escape(summary.name)}", "", _row([column.title for column in chosen])]
    lines.append(_row(["---:" if column.number else "---" for column in chosen]))
    lines += [_row(row) for row in rows]
    lines += ["", *(f"- {word}: {escape(value)}" for word, value in facts(summary))]
    lines += ["", *(escape(remark) for remark in remarks(summary, chosen))]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return re.sub(r"([\\`*_\[\]<>|#$&])", r"\\\1", printable(text))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
