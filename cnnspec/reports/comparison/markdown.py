"""The comparison as GitHub-flavoured Markdown, for a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from cnnspec.analysis.comparison import Comparison
from cnnspec.reports._format import TableFormat
from cnnspec.reports.comparison._rows import LAYER_TITLES, NUMBERS, layer_lines, titles, totals
from cnnspec.reports.markdown import escape

FORMAT: Final = TableFormat(suffix=".md")


def render(comparison: Comparison) -> str:
    """Return the totals side by side, and below them the layers that differ."""
    lines = _table(titles(comparison), totals(comparison), 1)
    if comparison.changes is not None:
        cells = (cells for _, cells in layer_lines(comparison.changes))
        lines += ["", *_table(LAYER_TITLES, cells, len(LAYER_TITLES) - len(NUMBERS))]
    return "\n".join(lines) + "\n"


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]], numbers: int) -> list[str]:
    """Return a table whose columns are numbers from one on."""
    sides = ["---:" if place >= numbers else "---" for place in range(len(titles))]
    return [_row(map(escape, titles)), _row(sides), *(_row(map(escape, row)) for row in rows)]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
