"""The table as a LaTeX tabular with booktabs rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cnnspec.analysis.columns import choose, rows_of, show_cell
from cnnspec.analysis.measure import Summary
from cnnspec.latex_text import escape
from cnnspec.reports._format import TableFormat

FORMAT: Final = TableFormat(suffix=".tex")


NEEDS: Final = "% needs \\usepackage{booktabs}\n% needs \\usepackage{graphicx}\n"
FITTED: Final = (
    "\\noindent\\resizebox{\\ifdim\\width>\\columnwidth\\columnwidth\\else\\width\\fi}{!}"
    "{%\n\\setlength{\\tabcolsep}{4pt}%\n"
)
"""What makes a table that is wider than its column as wide as that, and leaves others alone."""


def render(summary: Summary, *, columns: Sequence[str] | None = None, depth: int | None = None, sort: str = "") -> str:
    """Return the table as a tabular that fits its column; comments say which packages the document needs."""
    return f"{NEEDS}{FITTED}{tabular(summary, columns=columns, depth=depth, sort=sort)}}}\n"


def tabular(summary: Summary, *, columns: Sequence[str] | None = None, depth: int | None = None, sort: str = "") -> str:
    """Return the table as a tabular alone."""
    table_rows = rows_of(summary, depth, sort)
    chosen = choose(columns, table_rows)
    alignment = "".join("r" if column.number else "l" for column in chosen)
    lines = [
        rf"\begin{{tabular}}{{@{{}}{alignment}@{{}}}}",
        r"\toprule",
        _row([column.title for column in chosen]),
        r"\midrule",
    ]
    lines += [_row([show_cell(column.value(row)) for column in chosen]) for row in table_rows]
    totals = _row([show_cell(column.total(summary)) for column in chosen])
    return "\n".join([*lines, r"\midrule", totals, r"\bottomrule", r"\end{tabular}"]) + "\n"


def _row(cells: Sequence[str]) -> str:
    return " & ".join(map(escape, cells)) + r" \\"
