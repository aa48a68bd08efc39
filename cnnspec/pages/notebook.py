"""What a notebook shows of a network: a table with bars in which every row opens its derivation, and set formulas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, Final, Self

from cnnspec.analysis.columns import Column, choose, show_cell
from cnnspec.analysis.explanation import Explanation, explain
from cnnspec.analysis.folding import TableRow, fold
from cnnspec.analysis.measure import Row, Summary
from cnnspec.analysis.quantities import MACS, PARAMS, SIZE
from cnnspec.drawing.palette import CONVOLUTION
from cnnspec.drawing.palette import MACS as MACS_COLOUR
from cnnspec.drawing.palette import PARAMS as PARAMS_COLOUR
from cnnspec.errors import printable
from cnnspec.explaining.derivation import render, render_memory
from cnnspec.reports._footer import facts, remarks
from cnnspec.reports.explanation import latex, markdown

MOST: Final = 100
"""From so many layers on, copies of blocks are one row each."""
BARS: Final = {
    SIZE.title: CONVOLUTION.side.light,
    PARAMS.title: PARAMS_COLOUR.light,
    MACS.title: MACS_COLOUR.light,
}
"""The columns with bars, and their colours: those of drawings."""
_PRE: Final = "width:0;overflow:visible;margin:.3em 0;text-align:left"
"""A derivation lies over the room to its right, so that its column stays as wide as the names."""


def table(summary: Summary) -> str:
    """Return the table as HTML without a script and without a background: one element a row that opens a derivation."""
    rows = fold(summary, 1 if len(summary.rows) > MOST else None)
    columns = choose(None, rows)
    scales = [max((_number(column, row) for row in rows if not row.folded), default=0) for column in columns]
    head = "".join(_cell("th", column, escape(column.title)) for column in columns)
    body = "\n".join(f"<tr>{''.join(_cells(row, columns, scales))}</tr>" for row in rows)
    foot = "".join(_cell("th", column, escape(show_cell(column.total(summary)))) for column in columns)
    below = [f"{word}: {value}" for word, value in facts(summary)]
    small = "<br>\n".join(escape(printable(text)) for text in (*below, *remarks(summary, columns)))
    return (
        f"<table>\n<caption>{escape(printable(summary.name))}</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody>\n<tfoot><tr>{foot}</tr></tfoot>\n</table>\n<p><small>{small}</small></p>\n"
    )


def _cells(row: TableRow, columns: Sequence[Column], scales: Sequence[float]) -> Iterable[str]:
    for index, (column, most) in enumerate(zip(columns, scales, strict=True)):
        text = escape(show_cell(column.value(row)))
        if not index and len(row.members) == 1 and not row.folded:
            said = escape(render(explain(row.members[0])))
            text = f'<details><summary>{text}</summary><pre style="{_PRE}">{said}</pre></details>'
        yield _cell("td", column, text + _bar(column, row, most))


def _cell(tag: str, column: Column, content: str) -> str:
    side = "right" if column.number else "left"
    return f'<{tag} style="text-align:{side};vertical-align:top">{content}</{tag}>'


def _number(column: Column, row: TableRow) -> float:
    value = column.value(row)
    return value if isinstance(value, int | float) else 0


def _bar(column: Column, row: TableRow, most: float) -> str:
    """Return a line below a number, as long as its share of the largest of the layers."""
    value = _number(column, row)
    if column.title not in BARS or not value or not most or row.folded:
        return ""
    look = f"height:3px;min-width:1px;margin-left:auto;width:{100 * value / most:.1f}%;background:{BARS[column.title]}"
    return f'<div style="{look}"></div>'


class Derivations(str):
    """Derivations as text, which a notebook sets as formulas."""

    __slots__ = ("explanations",)
    explanations: tuple[Explanation, ...]

    @classmethod
    def of(cls, text: str, explanations: Iterable[Explanation]) -> Self:
        """Return a text with what it says as data."""
        made = cls(text)
        made.explanations = tuple(explanations)
        return made

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {
            "text/plain": str(self),
            "text/markdown": "\n".join(map(markdown.derivation, self.explanations)),
            "text/latex": "\n".join(map(latex.derivation, self.explanations)),
        }


def derivations(rows: Summary | Sequence[Row]) -> Derivations:
    """Return how the numbers of rows come about; of a whole network, that of its memory too where it was asked for."""
    every = [explain(row) for row in (rows.rows if isinstance(rows, Summary) else rows)]
    parts = [render(each) for each in every]
    if isinstance(rows, Summary) and rows.footprint.asked:
        parts.append(render_memory(rows))
    return Derivations.of("\n".join(parts), every)
