"""A measured network as the data of a page: what the table shows, and how every number of it comes about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from cnnspec.analysis.columns import COLUMNS, show_cell, standard
from cnnspec.analysis.explanation import Explanation, Step, explain, shape_steps
from cnnspec.analysis.folding import TableRow, fold, node_row
from cnnspec.analysis.measure import Row, Summary
from cnnspec.analysis.quantities import QUANTITIES, SHAPE
from cnnspec.errors import printable
from cnnspec.explaining.derivation import legend, line

FIELD: Final = "receptive_field"
LARGEST: Final = 2**53
"""The largest integer that every reader of JSON keeps exactly."""


class Texts:
    """Texts that many layers have in common, each once."""

    def __init__(self) -> None:
        """Begin without any."""
        self.places: dict[str, int] = {}

    def place(self, text: str) -> int:
        """Return where a text stands."""
        return self.places.setdefault(printable(text), len(self.places))


def network(summary: Summary) -> dict[str, Any]:
    """Return what a page shows of a network, as plain data; its script reads it."""
    rows = fold(summary)
    keys = [name for name in standard(rows) if name in QUANTITIES]
    keys += [FIELD] if any(row.view.axes for row in summary.rows) else []
    texts = Texts()
    layers = [_layer(summary, row, keys, texts) for row in summary.rows]
    entries = rows[: len(summary.inputs)]
    return {
        "name": printable(summary.name),
        "columns": [_column(key) for key in keys],
        "inputs": [
            {"name": printable(entry.name), "shape": list(entry.shape), "cells": _cells(entry, keys)}
            for entry in entries
        ],
        "layers": layers,
        "totals": [_plain(COLUMNS[key].total(summary)) for key in keys],
        "texts": list(texts.places),
    }


def _column(key: str) -> dict[str, Any]:
    quantity = QUANTITIES.get(key)
    found: dict[str, Any] = {"key": key, "title": COLUMNS[key].title}
    if quantity is not SHAPE:
        found["number"] = True
    if quantity and quantity is not SHAPE:
        found["bar"] = True
    if quantity and quantity.once:
        found["once"] = True
    shows = {SHAPE.name: "window", FIELD: "field"}.get(key)
    return found | ({"shows": shows} if shows else {})


def _layer(summary: Summary, row: Row, keys: Sequence[str], texts: Texts) -> dict[str, Any]:
    explanation = explain(row)
    shown = node_row(summary, row)
    window = row.node.layer.sliding(row.node.input_shapes[0])
    found: dict[str, Any] = {
        "name": printable(row.name),
        "configuration": printable(shown.configuration),
        "reads": [list(shape) for shape in row.node.input_shapes],
        "shape": list(row.shape),
        "cells": _cells(shown, keys),
        "steps": [
            [texts.place(text) for step in steps for text in (step.quantity, line(step))]
            for steps in _by_column(explanation, keys)
        ],
        "does": texts.place(explanation.sentence),
        "blocks": [[printable(copy.name), printable(copy.block)] for copy in row.node.scope],
    }
    if said := legend(explanation):
        found["legend"] = [texts.place(entry) for entry in said]
    if row.node.note:
        found["note"] = printable(row.node.note)
    if row.node.layer.is_view:
        found["view"] = True
    if window:
        found["window"] = window._asdict()
    if row.view.axes and not row.view.misaligned:
        found["sees"] = [[axis.pixels, float(axis.jump), float(axis.start)] for axis in row.view.axes]
    return found


def _cells(row: TableRow, keys: Sequence[str]) -> list[int | str | None]:
    return [_plain(COLUMNS[key].value(row)) for key in keys]


def _plain(cell: float | str | None) -> int | str | None:
    """Return a cell as JSON holds it exactly: large integers are texts of digits."""
    if cell is None or (isinstance(cell, int) and abs(cell) < LARGEST):
        return cell
    return str(cell) if isinstance(cell, int) else show_cell(cell)


def _by_column(explanation: Explanation, keys: Sequence[str]) -> list[list[Step]]:
    """Return the steps of a derivation that give the number of each column, and at last those of no column."""
    words = {quantity.word: name for name, quantity in QUANTITIES.items() if quantity.word}
    sizes = len(list(shape_steps(explanation.row)))
    found: dict[str, list[Step]] = {key: [] for key in (*keys, "")}
    for at, step in enumerate(explanation.steps):
        key = SHAPE.name if at < sizes else words.get(step.quantity, FIELD)
        found[key if key in found else ""].append(step)
    return list(found.values())
