"""What every reader returns, and the way from raw cells to it: limits, the header, ragged rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from cnnspec.errors import CnnspecError
from cnnspec.homework.tables import faults
from cnnspec.homework.tables.headers import find_header
from cnnspec.homework.tables.reader import Reader
from cnnspec.source import Source

ROWS: Final = 5_000
COLUMNS: Final = 64
CELLS: Final = 100_000
CELL: Final = 2_000
"""The most characters that a cell may have."""
_RAW: Final = 100_000
"""The most characters of a cell with its markup."""
INVISIBLE: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))


class Grid(NamedTuple):
    """A table of text cells: the first row is the header, and all rows have its length.

    `lines` has the line (in a spreadsheet, the row) of every row, counted from 1; `remarks` tell what was not read
    as it stood.
    """

    rows: list[list[str]]
    format: str
    lines: list[int]
    remarks: tuple[str, ...] = ()


class Row(NamedTuple):
    """The raw cells of one row and its line, counted from 1."""

    line: int
    cells: list[str]


def squeeze(cell: str) -> str:
    r"""Return a cell in one line, without spaces around it and without signs that nobody sees.

    >>> squeeze(" (28,\u00a0 28,\n8)\u200b ")
    '(28, 28, 8)'
    """
    text = " ".join(cell.split())
    if text.isprintable() or len(text) > CELL:
        return text
    text = " ".join(cell.translate(INVISIBLE).split())
    return "".join(char if char.isprintable() else "�" for char in text)


def build(
    source: Source,
    reader: Reader,
    rows: Sequence[Row],
    *,
    clean: Callable[[str], str] = squeeze,
    remarks: tuple[str, ...] = (),
) -> Grid:
    """Return the grid of raw rows of a format; raise CnnspecError where they are no table, too many or ragged."""
    filled = [Row(row.line, _cut(row.cells, COLUMNS)) for row in rows if any(cell.strip() for cell in row.cells)]
    _refuse_large(source, reader, filled)
    cleaned = [Row(row.line, [clean(cell) for cell in row.cells]) for row in filled]
    for row in cleaned:
        if max(map(len, row.cells)) > CELL:
            raise _long_cell(source, reader, row.line)
    return _assemble(source, reader, [row for row in cleaned if any(row.cells)], remarks)


def _refuse_large(source: Source, reader: Reader, rows: list[Row]) -> None:
    if len(rows) > ROWS:
        raise faults.too_large(source, f"has more than {ROWS:,} rows", line=rows[ROWS].line)
    for row in rows:
        if len(row.cells) > COLUMNS:
            raise faults.too_large(source, f"has more than {COLUMNS} columns", line=row.line)
        if any(len(cell) > _RAW and sum(map(len, cell.split())) > _RAW for cell in row.cells):
            raise _long_cell(source, reader, row.line)
    if sum(len(row.cells) for row in rows) > CELLS:
        raise faults.too_large(source, f"has more than {CELLS:,} cells")


def _long_cell(source: Source, reader: Reader, line: int) -> CnnspecError:
    message = f"has a cell of more than {CELL:,} characters in {reader.place} {line}"
    return faults.too_large(source, message, line=line)


def _cut(cells: list[str], width: int) -> list[str]:
    """Return the cells without the empty ones behind the last filled one and behind a width."""
    length = len(cells)
    while length > width and not cells[length - 1].strip():
        length -= 1
    return cells[:length]


def _assemble(source: Source, reader: Reader, rows: list[Row], remarks: tuple[str, ...]) -> Grid:
    table = rows[find_header([row.cells for row in rows]) :]
    width = len(table[0].cells) if table else 0
    table = [Row(row.line, _cut(row.cells, width)) for row in table]
    if len(table) < 2 or sum(map(bool, table[0].cells)) < 2:
        found = "only one column was found" if len(table) > 1 else "only one row was found" if table else ""
        raise faults.no_table(source, reader, found)
    long = [(row.line, len(row.cells)) for row in table if len(row.cells) > width]
    if long:
        raise faults.ragged(source, reader, long, width)
    word = reader.place
    short = [row.line for row in table if len(row.cells) < width]
    if table[0].line != rows[0].line:
        remarks += (f"what stands above the header in {word} {table[0].line} was not read",)
    if short:
        verb = "has" if len(short) == 1 else "have"
        remarks += (f"{faults.places(word, short)} {verb} fewer cells than the header; the missing ones are empty",)
    padded = [row.cells + [""] * (width - len(row.cells)) for row in table]
    kept = [index for index, column in enumerate(zip(*padded, strict=True)) if any(column)]
    lines = [row.line for row in table]
    return Grid([[cells[index] for index in kept] for cells in padded], reader.name, lines, remarks)
