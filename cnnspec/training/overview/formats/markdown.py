"""Runs as GitHub-flavoured Markdown."""

from __future__ import annotations

from typing import Final

from cnnspec.reports._format import TableFormat
from cnnspec.reports.markdown import escape
from cnnspec.training.overview.formats._rows import cells, footer, results, titles
from cnnspec.training.overview.groups import Overview

FORMAT: Final = TableFormat(suffix=".md")


def render(overview: Overview) -> str:
    """Return a table with a line for each group."""
    head = titles(overview)
    numbers = results(overview)
    sides = ["---:" if title in numbers else "---" for title in head]
    rows = [[*map(escape, head)], sides, *([*map(escape, cells(overview, group))] for group in overview.groups)]
    note = footer(overview)
    return "".join(f"| {' | '.join(row)} |\n" for row in rows) + (f"\n{note}\n" if note else "")
