"""A homework table as rows with cells in known columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final, NamedTuple

from cnnspec.analysis.quantities import Quantity, marked
from cnnspec.errors import CnnspecError, listing, shorten, suggest
from cnnspec.homework.languages import languages
from cnnspec.homework.tables.arrangement import KNOWN, Arrangement, arrange, upright
from cnnspec.homework.tables.columns import asked, scale_of
from cnnspec.homework.tables.grid import Grid

_TOTAL: Final = r"\W*((grand )?totals?\b.*|(sum|overall|all)\W*)"
GIVEN: Final = "(given)"
"""What stands behind the cells that a practice sheet tells."""
_FOOTER: Final = re.compile(r"\W*((non.?)?trainable|optimizer)\b.*param.*", re.IGNORECASE)


class StudentRow(NamedTuple):
    """One row: the label, the text of each marked column, its line in the file, and which columns the sheet tells."""

    label: str
    cells: dict[str, str]
    line: int
    given: frozenset[str] = frozenset()


class StudentTable(NamedTuple):
    """A table: the marked columns that it has, its rows, its row of totals, and remarks on its form.

    `quantities` has what each column asks for: one of parameters may count only what is learned. `scales` has the
    units of their numbers.
    """

    name: str
    quantities: Mapping[str, Quantity]
    rows: tuple[StudentRow, ...]
    total: StudentRow | None
    remarks: tuple[str, ...]
    scales: Mapping[str, int] = MappingProxyType({})


def make_student_table(grid: Grid, name: str) -> StudentTable:
    """Return the student's table that a grid holds; raise CnnspecError where no column can be marked."""
    marked_up = upright(grid)
    grid = marked_up._replace(rows=[[_bare(cell) for cell in row] for row in marked_up.rows])
    arrangement, titles = arrange(grid), grid.rows[0]
    places = {column: arrangement.columns[column][0] for column in marked() if column in arrangement.columns}
    if not arrangement.labels or not places:
        raise _no_columns(grid, name)
    quantities = _asked({column: titles[place] for column, place in places.items()})
    scales = {column: scale_of(titles[place]) for column, place in places.items()}
    lines = zip(grid.rows[1:], marked_up.rows[1:], grid.lines[1:], strict=True)
    rows = [_row(cells, written, arrangement, line) for cells, written, line in lines]
    rows = [row for row in rows if row.label.strip() or any(row.cells.values())]
    total = next((row for row in rows if _is_total(row)), None)
    rows = [row for row in rows if not _is_total(row) and not _FOOTER.fullmatch(row.label.strip())]
    remarks = (*grid.remarks, *arrangement.remarks)
    return StudentTable(name, quantities, tuple(rows), total, remarks, scales)


def _asked(titles: Mapping[str, str]) -> dict[str, Quantity]:
    """Return what columns ask for by their titles; of what has a column of its own, another title means the whole."""
    found = {column: asked(column, title) for column, title in titles.items()}
    return {column: quantity if quantity.name not in titles else marked()[column] for column, quantity in found.items()}


def _is_total(row: StudentRow) -> bool:
    """Return whether a row is labelled as that of totals."""
    return _totals().fullmatch(row.label.strip()) is not None


@cache
def _totals() -> re.Pattern[str]:
    """Return the labels of rows of totals, in English and in all other languages."""
    return re.compile(rf"{_TOTAL}|\W*({'|'.join(words.totals for words in languages())})", re.IGNORECASE)


def _bare(cell: str) -> str:
    return cell.rstrip().removesuffix(GIVEN) if GIVEN in cell else cell


def _row(cells: list[str], written: list[str], arrangement: Arrangement, line: int) -> StudentRow:
    texts = {column: arrangement.cell(cells, column) for column in arrangement.columns}
    given = frozenset(column for column in texts if arrangement.cell(written, column).rstrip().endswith(GIVEN))
    return StudentRow(arrangement.label(cells), texts, line, given)


def _no_columns(grid: Grid, name: str) -> CnnspecError:
    titles = listing(f"`{shorten(title)}`" for title in grid.rows[0])
    near = (suggest(title, KNOWN) for title in grid.rows[0] if title.lower() not in KNOWN)
    return CnnspecError.one(
        "E406",
        f"`{shorten(name)}` has no column that can be marked",
        notes=(
            f"its titles are {titles}",
            f"titles that are known: {listing(KNOWN)}",
        ),
        help=next(filter(None, near), "give the columns these titles"),
    )
