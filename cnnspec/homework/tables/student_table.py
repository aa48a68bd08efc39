"""A homework table as rows with cells in known columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from cnnspec.analysis.quantities import PARAMS, SHAPE, SIZE, Quantity, marked
from cnnspec.errors import CnnspecError, listing, shorten
from cnnspec.homework.tables.columns import LAYER, asked, recognise
from cnnspec.homework.tables.grid import Grid

_TOTAL: Final = re.compile(r"\W*((grand )?totals?\b.*|(sum|overall|all)\W*)", re.IGNORECASE)
_FOOTER: Final = re.compile(r"\W*((non.?)?trainable|optimizer)\b.*param.*", re.IGNORECASE)


class StudentRow(NamedTuple):
    """One row: the label, the text of each marked column, and its line in the file."""

    label: str
    cells: dict[str, str]
    line: int


class StudentTable(NamedTuple):
    """A table: the marked columns that it has, its rows, its row of totals, and remarks on its form.

    `quantities` has what each column asks for: one of parameters may count only what is learned.
    """

    name: str
    quantities: Mapping[str, Quantity]
    rows: tuple[StudentRow, ...]
    total: StudentRow | None
    remarks: tuple[str, ...]


def make_student_table(grid: Grid, name: str) -> StudentTable:
    """Return the student's table that a grid holds; raise CnnspecError where no column can be marked."""
    titles = [recognise(title) for title in grid.rows[0]]
    if LAYER not in titles:
        titles[0] = LAYER if titles[0] is None else titles[0]
    quantities = {column: asked(column, grid.rows[0][titles.index(column)]) for column in marked() if column in titles}
    if LAYER not in titles or not quantities:
        raise _no_columns(grid, name)
    rows = [_row(cells, titles, line) for cells, line in zip(grid.rows[1:], grid.lines[1:], strict=True)]
    rows = [row for row in rows if row.label.strip() or any(row.cells.values())]
    total = next((row for row in rows if _TOTAL.fullmatch(row.label.strip())), None)
    unknown = [
        shorten(title) for title, column in zip(grid.rows[0], titles, strict=True) if column is None and title.strip()
    ]
    ignored = (f"these columns are not marked: {listing(unknown)}",) if unknown else ()
    rows = [row for row in rows if not _TOTAL.fullmatch(row.label.strip()) and not _FOOTER.fullmatch(row.label.strip())]
    return StudentTable(name, quantities, tuple(rows), total, (*grid.remarks, *ignored))


def _row(cells: list[str], titles: list[str | None], line: int) -> StudentRow:
    values: dict[str, str] = {}
    for text, column in zip(cells, titles, strict=True):
        if column is not None:
            values.setdefault(column, text)
    return StudentRow(values.pop(LAYER, ""), values, line)


def _no_columns(grid: Grid, name: str) -> CnnspecError:
    titles = listing(f"`{shorten(title)}`" for title in grid.rows[0])
    known = (title.lower() for title in (LAYER, SHAPE.title, SIZE.title, PARAMS.title))
    return CnnspecError.one(
        "E406",
        f"`{shorten(name)}` has no column that can be marked",
        notes=(
            f"its titles are {titles}",
            f"titles that are known: {listing(known)}",
        ),
        help="give the columns these titles",
    )
