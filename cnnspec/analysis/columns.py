"""The columns of a table: what a reader may choose, in which unit, and what is summed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from cnnspec.analysis.folding import TableRow, fold
from cnnspec.analysis.measure import Summary
from cnnspec.analysis.quantities import MACS, OPERATIONS, PARAMS, PLACES, QUANTITIES, SHAPE, SIZE, Place, Quantity
from cnnspec.errors import Diagnostic, UsageError, listing, printable, shorten, suggest
from cnnspec.ir.shapes import show

Cell = int | float | str | None
SHORT: Final = {SHAPE.name: "Shape", SIZE.name: "Size", PARAMS.name: "Params"}
"""Titles where there is little room."""


@dataclass(frozen=True)
class Column:
    """A title, what a row has there, and what the last row of the table says."""

    title: str
    value: Callable[[TableRow], Cell]
    total: Callable[[Summary], Cell] = lambda _: ""
    number: bool = False
    short: str = ""
    among: Callable[[Sequence[TableRow]], Callable[[TableRow], Cell]] | None = None
    """What reads a row where that depends on all rows of the table."""


def _of_quantity(quantity: Quantity) -> Column:
    """Return the column of a quantity; a shape is shown as a text."""

    def read(row: TableRow) -> Cell:
        value = row.value(quantity)
        return show(value) if isinstance(value, tuple) else value

    def total(summary: Summary) -> Cell:
        return total_cell(quantity, summary) if quantity.total else ""

    return Column(quantity.title, read, total, number=quantity is not SHAPE, short=SHORT.get(quantity.name, ""))


def total_cell(quantity: Quantity, summary: Summary) -> Cell:
    """Return the total of a quantity; what is not known of some layers makes it a least number."""
    total = quantity.total_of(summary)
    return total if quantity.is_known(summary.rows) else f"≥ {total:,}"


def _of_place(place: Place) -> Column:
    """Return the column of what is measured per axis: one number where all axes agree."""

    def read(row: TableRow) -> Cell:
        axes = row.view.axes if row.view else None
        if axes is None:
            return None
        values = [float(place.value(axis)) for axis in axes]
        if len(set(values)) > 1:
            return f"({', '.join(f'{value:g}' for value in values)})"
        return int(values[0]) if values[0].is_integer() else values[0]

    return Column(place.title, read, number=True)


def _share(quantity: Quantity) -> Column:
    """Return the column of what each row has of the sum of all rows, in percent."""

    def among(rows: Sequence[TableRow]) -> Callable[[TableRow], Cell]:
        whole = sum(_count(row, quantity) for row in rows)
        return lambda row: round(100 * _count(row, quantity) / whole, 1) if whole else 0.0

    title = f"{SHORT.get(quantity.name, quantity.title)} %"
    return Column(title, lambda _: None, number=True, among=among)


def _count(row: TableRow, quantity: Quantity) -> int:
    value = row.value(quantity)
    return value if isinstance(value, int) else 0


COLUMNS: Final[dict[str, Column]] = {
    "layer": Column("Layer", lambda row: row.name, lambda _: "Total"),
    "kind": Column("Kind", lambda row: row.kind),
    "configuration": Column("Configuration", lambda row: row.configuration),
    "inputs": Column("Inputs", lambda row: ", ".join(row.inputs)),
    **{name: _of_quantity(quantity) for name, quantity in QUANTITIES.items()},
    **{name: _of_place(place) for name, place in PLACES.items()},
    **{f"{each.name}_share": _share(each) for each in (PARAMS, MACS)},
    "line": Column("Line", lambda row: row.line, number=True),
    "note": Column("Note", lambda row: row.note),
}
STANDARD: Final = ("layer", "configuration", "shape", "size", "params", "macs")


OTHER_NAMES: Final = {
    "rf": "receptive_field",
    "config": "configuration",
    "parameters": "params",
    "name": "layer",
    "share": f"{PARAMS.name}_share",
}
"""Short and other names of columns."""


def choose(names: Sequence[str] | None, rows: Sequence[TableRow] = ()) -> list[Column]:
    """Return the columns of these names, or the standard ones; raise UsageError for an unknown name.

    A text names columns as the command does: separated by commas. `+name` and `-name` change the standard ones.
    """
    names = [name.strip() for name in names.split(",")] if isinstance(names, str) else names or ()
    plain = {name: name.lstrip("+-") for name in names}
    known = {name: OTHER_NAMES.get(word, word) for name, word in plain.items()}
    unknown = [word for name, word in plain.items() if known[name] not in COLUMNS]
    if unknown:
        raise UsageError([_unknown(name) for name in unknown])
    added = [known[name] for name in names if name[0] not in "+-"]
    left = added or standard(rows)
    chosen = [name for name in left if name not in {known[other] for other in names if other[0] == "-"}]
    chosen += [known[name] for name in names if name[0] == "+" and known[name] not in chosen]
    if not chosen:
        raise UsageError.one("E703", "no column is left")
    return [_among(COLUMNS[name], rows) for name in chosen]


def _unknown(name: str) -> Diagnostic:
    return Diagnostic(
        code="E701",
        message=f"unknown column `{shorten(name)}`",
        notes=(f"columns are {listing(COLUMNS)}",),
        help=suggest(name, COLUMNS),
    )


def _among(column: Column, rows: Sequence[TableRow]) -> Column:
    return replace(column, value=column.among(rows)) if column.among else column


def rows_of(summary: Summary, depth: int | None = None, sort: str = "") -> list[TableRow]:
    """Return the rows of a table, folded to a depth, sorted by a column: the largest number first."""
    rows = fold(summary, depth)
    if not sort:
        return rows
    (column,) = choose([sort], rows)
    if column.title == SHAPE.title:
        column = COLUMNS[SIZE.name]
    if column.number:
        return sorted(rows, key=lambda row: -_number(column.value(row)))
    return sorted(rows, key=lambda row: str(column.value(row) or ""))


def _number(cell: Cell) -> float:
    return cell if isinstance(cell, int | float) else -1


def standard(rows: Sequence[TableRow]) -> list[str]:
    """Return the names of the columns that a table has unless others are chosen."""
    measured = [row.members[-1] for row in rows if row.members][:1]
    operations = any(map(OPERATIONS.asked, measured))
    names = [OPERATIONS.name if operations and name == MACS.name else name for name in STANDARD]
    names += [each.name for each in QUANTITIES.values() if each.traced and any(map(each.asked, measured))]
    return [*names, "note"] if any(row.note for row in rows) else names


def show_cell(cell: Cell) -> str:
    """Return a cell for a reader: numbers with separators, a dash for what has no value."""
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return printable(cell.replace("-", "−") if cell.startswith("(") else cell)
    return f"{cell:,}".replace("-", "−")
