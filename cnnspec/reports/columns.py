"""The columns of a table: what a reader may choose, in which unit, and what is summed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from cnnspec.analysis.folding import Line
from cnnspec.analysis.measure import Totals
from cnnspec.errors import Diagnostic, UsageError, listing, printable, shorten, suggest
from cnnspec.ir.shapes import show

Cell = int | float | str | None


@dataclass(frozen=True)
class Column:
    """A title, what a line has there, and what the last line of the table says."""

    title: str
    value: Callable[[Line], Cell]
    total: Callable[[Totals], Cell] = lambda _: ""
    number: bool = False


def per_axis(attribute: str) -> Callable[[Line], Cell]:
    """Return the reading of one number of the receptive field, per axis: one where all axes agree."""

    def read(line: Line) -> Cell:
        if line.axes is None:
            return None
        values = [float(getattr(axis, attribute)) for axis in line.axes]
        if len(set(values)) > 1:
            return f"({', '.join(f'{value:g}' for value in values)})"
        return int(values[0]) if values[0].is_integer() else values[0]

    return read


def _total(_: Totals) -> Cell:
    return "Total"


COLUMNS: Final[dict[str, Column]] = {
    "layer": Column("Layer", lambda line: line.name, _total),
    "kind": Column("Kind", lambda line: line.kind),
    "configuration": Column("Configuration", lambda line: line.configuration),
    "inputs": Column("Inputs", lambda line: ", ".join(line.inputs)),
    "shape": Column("Activation shape", lambda line: show(line.shape)),
    "size": Column("Activation size", lambda line: line.activation_size, lambda t: t.activation_size, number=True),
    "params": Column("# Parameters", lambda line: line.params, lambda t: t.params, number=True),
    "weights": Column("Weights", lambda line: line.weights, number=True),
    "biases": Column("Biases", lambda line: line.biases, number=True),
    "trainable": Column("Trainable", lambda line: line.trainable_params, lambda t: t.trainable_params, number=True),
    "non_trainable": Column(
        "Non-trainable", lambda line: line.non_trainable_params, lambda t: t.non_trainable_params, number=True
    ),
    "macs": Column("MACs", lambda line: line.macs, lambda t: t.macs, number=True),
    "flops": Column("FLOPs", lambda line: line.flops, lambda t: t.flops, number=True),
    "receptive_field": Column("Receptive field", per_axis("pixels"), number=True),
    "jump": Column("Jump", per_axis("jump"), number=True),
    "start": Column("Start", per_axis("start"), number=True),
    "line": Column("Line", lambda line: line.line, number=True),
    "note": Column("Note", lambda line: line.note),
}
PLACES: Final = ("receptive_field", "jump", "start")
STANDARD: Final = ("layer", "configuration", "shape", "size", "params", "macs")


def choose(names: Sequence[str] | None, lines: Sequence[Line] = ()) -> list[Column]:
    """Return the columns of these names, or the standard ones; raise UsageError for an unknown name."""
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
    notes = ("note",) if any(line.note for line in lines) else ()
    return [COLUMNS[name] for name in names or (*STANDARD, *notes)]


def show_cell(cell: Cell) -> str:
    """Return a cell for a reader: numbers with separators, a dash for what has no value."""
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return printable(cell.replace("-", "−") if cell.startswith("(") else cell)
    return f"{cell:,}".replace("-", "−")
