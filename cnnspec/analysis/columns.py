"""The columns of a table: what a reader may choose, in which unit, and what is summed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from cnnspec.analysis.folding import TableRow
from cnnspec.analysis.measure import Summary
from cnnspec.analysis.quantities import MACS, OPERATIONS, PLACES, QUANTITIES, SHAPE, Place, Quantity
from cnnspec.errors import Diagnostic, UsageError, listing, printable, shorten, suggest
from cnnspec.ir.shapes import show

Cell = int | float | str | None


@dataclass(frozen=True)
class Column:
    """A title, what a row has there, and what the last row of the table says."""

    title: str
    value: Callable[[TableRow], Cell]
    total: Callable[[Summary], Cell] = lambda _: ""
    number: bool = False


def _of_quantity(quantity: Quantity) -> Column:
    """Return the column of a quantity; a shape is shown as a text."""

    def read(row: TableRow) -> Cell:
        value = row.value(quantity)
        return show(value) if isinstance(value, tuple) else value

    def total(summary: Summary) -> Cell:
        return total_cell(quantity, summary) if quantity.total else ""

    return Column(quantity.title, read, total, number=quantity is not SHAPE)


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


COLUMNS: Final[dict[str, Column]] = {
    "layer": Column("Layer", lambda row: row.name, lambda _: "Total"),
    "kind": Column("Kind", lambda row: row.kind),
    "configuration": Column("Configuration", lambda row: row.configuration),
    "inputs": Column("Inputs", lambda row: ", ".join(row.inputs)),
    **{name: _of_quantity(quantity) for name, quantity in QUANTITIES.items()},
    **{name: _of_place(place) for name, place in PLACES.items()},
    "line": Column("Line", lambda row: row.line, number=True),
    "note": Column("Note", lambda row: row.note),
}
STANDARD: Final = ("layer", "configuration", "shape", "size", "params", "macs")


def choose(names: Sequence[str] | None, rows: Sequence[TableRow] = ()) -> list[Column]:
    """Return the columns of these names, or the standard ones; raise UsageError for an unknown name.

    A text names columns as the command does: separated by commas.
    """
    names = [name.strip() for name in names.split(",")] if isinstance(names, str) else names
    unknown = [name for name in names or () if name not in COLUMNS]
    if unknown:
        raise UsageError(
            [
                Diagnostic(
                    code="E701",
                    message=f"unknown column `{shorten(name)}`",
                    notes=(f"columns are {listing(COLUMNS)}",),
                    help=suggest(name, COLUMNS),
                )
                for name in unknown
            ]
        )
    return [COLUMNS[name] for name in names or standard(rows)]


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
