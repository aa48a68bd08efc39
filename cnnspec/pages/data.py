"""A measured network as the data of a page: what the table shows, and how every number of it comes about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from cnnspec.analysis.columns import COLUMNS, show_cell, standard
from cnnspec.analysis.explanation import Explanation, Step, explain, shape_steps
from cnnspec.analysis.folding import TableRow, fold
from cnnspec.analysis.measure import Row, Summary
from cnnspec.analysis.quantities import MEMORY, QUANTITIES, SHAPE, Quantity
from cnnspec.errors import printable
from cnnspec.explaining.derivation import legend, line
from cnnspec.ir.window import Window

if TYPE_CHECKING:
    from fractions import Fraction

FIELD: Final = "receptive_field"
LARGEST: Final = 2**53
"""The largest integer that every reader of JSON keeps exactly."""

Item = TypeVar("Item")
Words = tuple[tuple[int, ...], ...]
"""Which texts name the steps of each column."""


class Pool(Generic[Item]):
    """What many layers have in common, each once."""

    def __init__(self) -> None:
        """Begin without any."""
        self.places: dict[Item, int] = {}

    def place(self, item: Item) -> int:
        """Return where an item stands."""
        return self.places.setdefault(item, len(self.places))


def network(summary: Summary, *, derived: bool = True) -> dict[str, Any]:
    """Return what a page shows of a network, as plain data; its script reads it.

    A page that can ask for the derivations one by one is sooner there without them.
    """
    rows = fold(summary)
    keys = _keys(summary, rows)
    texts, windows, words = Pool[str](), Pool[Window](), Pool[Words]()
    entries, shown = rows[: len(summary.inputs)], rows[len(summary.inputs) :]
    layers = [
        _layer(before, row, keys, windows) | (_derivation(row.members[0], keys, texts, words) if derived else {})
        for before, row in zip(rows[len(entries) - 1 :], shown, strict=False)
    ]
    return {
        "name": printable(summary.name),
        "columns": [_column(key) for key in keys],
        "inputs": [
            {"name": printable(entry.name), "shape": list(entry.shape), "cells": _cells(entry, keys)}
            for entry in entries
        ],
        "layers": layers,
        "totals": [_plain(COLUMNS[key].total(summary)) for key in keys],
        "texts": [printable(text) for text in texts.places],
        "words": list(words.places),
        "windows": [window._asdict() for window in windows.places],
    }


def derivation(summary: Summary, name: str) -> dict[str, Any]:
    """Return how the numbers of one layer come about, with its own texts; raise NoLayerError for an unknown name."""
    texts, words = Pool[str](), Pool[Words]()
    found = _derivation(summary[name], _keys(summary, fold(summary)), texts, words)
    return found | {"texts": [printable(text) for text in texts.places], "words": next(iter(words.places))}


def _keys(summary: Summary, rows: Sequence[TableRow]) -> list[str]:
    """Return the names of the columns that have numbers."""
    keys = [name for name in standard(rows) if name in QUANTITIES and _has_column(QUANTITIES[name])]
    return keys + [FIELD] * any(row.view.axes for row in summary.rows)


def _has_column(quantity: Quantity) -> bool:
    """Tell whether a quantity has a column of its own: of those in bytes, what is live at once has one."""
    return not quantity.traced or quantity is MEMORY


def _column(key: str) -> dict[str, Any]:
    quantity = QUANTITIES.get(key)
    unit = " in bytes" if quantity and quantity.traced else ""
    found: dict[str, Any] = {"key": key, "title": f"{COLUMNS[key].title}{unit}"}
    if quantity is not SHAPE:
        found["number"] = True
    if quantity and quantity is not SHAPE:
        found["bar"] = True
    if quantity and quantity.once:
        found["once"] = True
    if quantity and quantity.together is not sum:
        found["most"] = True
    shows = {SHAPE.name: "window", FIELD: "field"}.get(key)
    return found | ({"shows": shows} if shows else {})


def _derivation(row: Row, keys: Sequence[str], texts: Pool[str], words: Pool[Words]) -> dict[str, Any]:
    """Return the steps of each column; what they find, in words, is the same for many layers."""
    explanation = explain(row)
    by_column = _by_column(explanation, keys)
    found: dict[str, Any] = {
        "words": words.place(tuple(tuple(texts.place(step.quantity) for step in steps) for steps in by_column)),
        "steps": [[texts.place(line(step)) for step in steps] for steps in by_column],
        "does": texts.place(explanation.sentence),
    }
    if said := legend(step for steps in by_column for step in steps):
        found["legend"] = [texts.place(entry) for entry in said]
    return found


def _layer(before: TableRow, shown: TableRow, keys: Sequence[str], windows: Pool[Window]) -> dict[str, Any]:
    """Return a layer; what it reads is left out where that is of the shape of the row before."""
    row = shown.members[0]
    window = row.node.layer.sliding(row.node.input_shapes[0])
    found: dict[str, Any] = {
        "name": printable(row.name),
        "is": printable(shown.configuration),
        "shape": list(row.shape),
        "cells": _cells(shown, keys),
    }
    if row.node.input_shapes != (before.shape,):
        found["reads"] = [list(shape) for shape in row.node.input_shapes]
    if row.node.scope:
        found["blocks"] = [[printable(copy.name), printable(copy.block)] for copy in row.node.scope]
    if row.node.note:
        found["note"] = printable(row.node.note)
    if row.node.layer.is_view:
        found["view"] = True
    if window:
        found["window"] = windows.place(window)
    if row.view.axes and not row.view.misaligned:
        axes = row.view.axes if len(set(row.view.axes)) > 1 else row.view.axes[:1]
        found["sees"] = [[axis.pixels, *map(_short, (axis.jump, axis.start))] for axis in axes]
    return found


def _cells(row: TableRow, keys: Sequence[str]) -> list[int | str | None]:
    """Return what the columns say; shapes are there already."""
    return [None if key == SHAPE.name else _plain(COLUMNS[key].value(row)) for key in keys]


def _plain(cell: float | str | None) -> int | str | None:
    """Return a cell as JSON holds it exactly: large integers are texts of digits."""
    if cell is None or (isinstance(cell, int) and abs(cell) < LARGEST):
        return cell
    return str(cell) if isinstance(cell, int) else show_cell(cell)


def _short(value: float | Fraction) -> float:
    """Return a number as an integer where it is one."""
    return int(value) if value == int(value) else float(value)


def _by_column(explanation: Explanation, keys: Sequence[str]) -> list[list[Step]]:
    """Return the steps of a derivation that give the number of each column, and at last those of no column."""
    words = {quantity.word: name for name, quantity in QUANTITIES.items() if quantity.word}
    left_out = {quantity.word for quantity in QUANTITIES.values() if not _has_column(quantity)}
    sizes = len(list(shape_steps(explanation.row)))
    found: dict[str, list[Step]] = {key: [] for key in (*keys, "")}
    for at, step in enumerate(explanation.steps):
        if at >= sizes and step.quantity in left_out:
            continue
        key = SHAPE.name if at < sizes else words.get(step.quantity, FIELD)
        found[key if key in found else ""].append(step)
    return list(found.values())
