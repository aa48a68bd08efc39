"""Values separated by commas, semicolons or tabs; shapes may stand in them without quotes."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from cnnspec.homework.tables import faults
from cnnspec.homework.tables.grid import CELL, CELLS, COLUMNS, ROWS, Grid, Row, build
from cnnspec.homework.tables.headers import is_header
from cnnspec.homework.tables.reader import NARROWER, Reader
from cnnspec.source import Source

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

DELIMITERS: Final = (",", ";", "\t")
_TOLD: Final = re.compile(r"sep=([,;|\t])", re.IGNORECASE)
_SAMPLE: Final = 200
_UPPER: Final = 20
_WIDEST: Final = 512
"""Pieces of one row: 64 shapes of 8 axes."""
_BRACKETS: Final = re.compile(r"[(\[{][^()\[\]{}]*[)\]}]")
_HIDDEN: Final = "\x1f"
"""Stands for a delimiter within brackets; no text that is read contains it."""


class Record(NamedTuple):
    """One row: its first line, its cells, and whether delimiters in brackets were kept in them."""

    line: int
    cells: list[str]
    mended: bool


def read(source: Source) -> Grid:
    """Return the table of a text with delimiters."""
    lines = source.text.split("\n")
    _refuse_long(source, lines)
    delimiter, lines = _delimiter(source.name, lines)
    records = _bounded(source, lines, delimiter)
    if records:
        _refuse_open_quote(source, lines, records[-1].line, delimiter)
    mended = [record.line for record in records if record.mended]
    remarks = (_remark(mended, delimiter),) if mended else ()
    reader, rows = TABS if delimiter == "\t" else READER, [Row(record.line, record.cells) for record in records]
    return build(source, reader, rows, remarks=remarks)


def looks_separated(source: Source) -> bool:
    """Return whether all rows of a text, or a header and most rows, have the same number of separated cells."""
    lines = source.text.split("\n")[:_SAMPLE]
    if max(map(len, lines)) > CELL * COLUMNS:
        return False
    share, columns, delimiter = max((*_fit(lines, delimiter), delimiter) for delimiter in DELIMITERS)
    if share < 1:
        upper = (line.split(delimiter) for line in lines[:_UPPER])
        return any(is_header(cells) and len(cells) <= columns for cells in upper)
    return columns > 1


def _refuse_long(source: Source, lines: Sequence[str]) -> None:
    most = CELL * COLUMNS
    for number, line in enumerate(lines, 1):
        if len(line) > most:
            raise faults.too_large(source, f"has a line of more than {most:,} characters", line=number)


def _delimiter(name: str, lines: list[str]) -> tuple[str, list[str]]:
    """Return the delimiter that gives most rows the same number of cells; Excel's line `sep=;` tells it."""
    told = _TOLD.fullmatch(lines[0])
    if told:
        return told.group(1), ["", *lines[1:]]
    order = DELIMITERS[::-1] if name.lower().endswith((".tsv", ".tab")) else DELIMITERS
    return max(order, key=lambda delimiter: _fit(lines[:_SAMPLE], delimiter)), lines


def _fit(lines: Sequence[str], delimiter: str) -> tuple[float, int]:
    """Return the share of rows with the most frequent number of cells, and that number; nothing for one cell."""
    counts: list[int] = []
    with suppress(csv.Error):
        counts = [len(record.cells) for record in _records(lines, delimiter) if len(record.cells) <= _WIDEST]
    columns, frequency = Counter(counts).most_common(1)[0] if counts else (0, 0)
    return (frequency / len(counts), columns) if columns > 1 else (0.0, 0)


def _bounded(source: Source, lines: Sequence[str], delimiter: str) -> list[Record]:
    """Return all rows; raise CnnspecError where they, or one of them, are more than a table has."""
    found: list[Record] = []
    count = 0
    try:
        for record in _records(lines, delimiter):
            if len(record.cells) > _WIDEST:
                raise faults.too_large(source, f"has more than {COLUMNS} columns", line=record.line)
            found.append(record)
            count += len(record.cells)
            if count > 2 * CELLS:
                raise faults.too_large(source, f"has more than {CELLS:,} cells")
            if len(found) > ROWS:
                raise faults.too_large(source, f"has more than {ROWS:,} rows", line=record.line)
    except csv.Error:
        message = f"has a cell of more than {CELL:,} characters; perhaps a quote is never closed"
        raise faults.too_large(source, message, line=found[-1].line if found else 1) from None
    return found


def _records(lines: Sequence[str], delimiter: str) -> Iterator[Record]:
    """Yield the rows that are not empty."""
    reader = _parse(lines, delimiter)
    first, columns = 1, 0
    for cells in reader:
        if any(cells):
            mended = _mend(lines[first - 1 : reader.line_num], delimiter, cells, columns)
            columns = columns or len(mended or cells)
            yield Record(first, mended or cells, mended is not None)
        first = reader.line_num + 1


def _mend(lines: Sequence[str], delimiter: str, cells: list[str], columns: int) -> list[str] | None:
    """Return the cells of a row split outside brackets, where the plain split tears a shape apart."""
    if len(cells) > _WIDEST or not any(map(_torn, cells)):
        return None
    text = "\n".join(lines)
    if len(cells) == columns and '"' in text:
        return None
    hidden = _BRACKETS.sub(lambda found: found.group().replace(delimiter, _HIDDEN), text)
    mended = [cell.replace(_HIDDEN, delimiter) for row in _parse(hidden.split("\n"), delimiter) for cell in row]
    return None if any(map(_torn, mended)) else mended


def _torn(cell: str) -> bool:
    return any(cell.count(left) != cell.count(right) for left, right in ("()", "[]", "{}"))


def _parse(lines: Sequence[str], delimiter: str) -> CsvReader:
    return csv.reader((f"{line}\n" for line in lines), delimiter=delimiter, skipinitialspace=True)


def _refuse_open_quote(source: Source, lines: Sequence[str], first: int, delimiter: str) -> None:
    """Raise CnnspecError where the last row goes on to the end of the file because its quote is never closed."""
    rest = (f"{line}\n" for line in lines[first - 1 :])
    try:
        list(csv.reader(rest, delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error as error:
        if "end of data" in str(error):
            span = faults.line_span(source, first)
            start = span.start + max(0, span.text.find('"')) if span else None
            message = "has a quote that is never closed"
            raise faults.unreadable(source, message, start=start, step="close the quote or remove it") from None


def _remark(lines: Sequence[int], delimiter: str) -> str:
    verb = "has" if len(lines) == 1 else "have"
    signs = {",": "commas", ";": "semicolons", "\t": "tabs"}.get(delimiter, "separators")
    return f"{faults.places('row', lines)} {verb} unquoted {signs}; they were read as part of a shape"


READER: Final = Reader(
    name="csv",
    called="comma-separated values",
    suffixes=("csv", "tsv", "tab"),
    looked_for="rows of cells separated by `,`, `;` or tabs, below a row with the names of the columns",
    order=60,
    looks_like=looks_separated,
    place="row",
    ragged_step="put numbers with commas in quotes",
)
TABS: Final = READER._replace(name="tsv", called="tab-separated values", ragged_step=NARROWER)
