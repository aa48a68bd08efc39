"""The comparison as comma-separated values: a row for each network, or for each layer where these are asked for."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Final

from cnnspec.analysis.columns import Cell
from cnnspec.analysis.comparison import Comparison
from cnnspec.ir.shapes import show
from cnnspec.reports._format import TableFormat
from cnnspec.reports.comparison._rows import facts_of
from cnnspec.reports.csv import harmless

FORMAT: Final = TableFormat(suffix=".csv")


def render(comparison: Comparison) -> str:
    """Return raw integers below a header with the names of the JSON document."""
    output = StringIO()
    rows = _networks(comparison) if comparison.changes is None else _layers(comparison)
    csv.writer(output, lineterminator="\n").writerows(map(harmless, row) for row in rows)
    return output.getvalue()


def _networks(comparison: Comparison) -> Iterator[list[Cell]]:
    figures = comparison.figures
    yield ["network", "input_shapes", *(figure.name for figure in figures), "output_shapes"]
    for place, side in enumerate(comparison.sides):
        numbers = [None if figure.least[place] else figure.values[place] for figure in figures]
        yield [side.label, " ".join(map(show, side.inputs)), *numbers, " ".join(map(show, side.outputs))]


def _layers(comparison: Comparison) -> Iterator[list[Cell]]:
    changes = comparison.changes or ()
    keys = next(([*facts] for change in changes for row in change[1:] if (facts := facts_of(row))), [])
    yield ["status", *(f"{side}_{key}" for side in ("left", "right") for key in keys)]
    for change in changes:
        both = [facts_of(row) or dict.fromkeys(keys) for row in (change.left, change.right)]
        yield [change.status.value, *(_cell(facts[key]) for facts in both for key in keys)]


def _cell(value: object) -> Cell:
    return show(tuple(value)) if isinstance(value, list) else value if isinstance(value, int | str) else None
