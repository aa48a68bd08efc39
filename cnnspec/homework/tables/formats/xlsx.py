"""Workbooks, through openpyxl: an archive of XML, checked for what would fill the memory before it is read."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from io import BytesIO
from itertools import islice, repeat, zip_longest
from typing import Any, Final, NamedTuple

from cnnspec.errors import CnnspecError, listing, shorten
from cnnspec.homework.tables import faults
from cnnspec.homework.tables.grid import ROWS, Grid, Row, build
from cnnspec.homework.tables.headers import best
from cnnspec.homework.tables.reader import Reader
from cnnspec.homework.tables.sheet_formulas import Cells, NotComputedError, Place, name_of
from cnnspec.homework.tables.workbook_archive import Archive, examine
from cnnspec.source import Source

_SHEETS: Final = 20
_WIDEST: Final = 256
"""Columns of a sheet that are looked at; the table may begin far from the left."""
_MOST_ROWS: Final = 2 * ROWS
"""The rows of all sheets together that are looked at: several names may mean the same large sheet."""
_BLANK: Final = 1_000
"""Empty rows after which a sheet is not read on."""


def read(content: bytes, name: str) -> Grid:
    """Return the first table of a workbook: values, and where a formula has none, its text."""
    source = Source(name, "")
    archive = examine(content, source)
    openpyxl = _openpyxl(name)
    try:
        sheets = _sheets(openpyxl, content, archive, source)
    except CnnspecError:
        raise
    except Exception as error:  # noqa: BLE001 - openpyxl raises whatever a broken part makes of its code
        reason = f"{type(error).__name__}: {shorten(error, 100)}"
        raise faults.unreadable(source, "is a broken workbook", note=reason) from None
    if not sheets:
        raise faults.no_table(source, READER, "it has no sheet")
    tables = [[row.cells for row in sheet.rows] for sheet in sheets]
    sheet = sheets[best(tables)]
    others = len(sheets) > 1 and sum(1 for table in tables if table) > 1
    remarks = (f"the sheet `{shorten(sheet.title)}` was read", *sheet.remarks) if others else sheet.remarks
    return build(source, READER, sheet.rows, remarks=remarks)


class _Sheet(NamedTuple):
    """A sheet: its title, its rows, and what is said of its formulas."""

    title: str
    rows: list[Row]
    remarks: tuple[str, ...]


def _openpyxl(name: str) -> Any:
    try:
        return import_module("openpyxl")
    except ImportError:
        message = f"reading `{shorten(name)}` needs openpyxl"
        raise CnnspecError.one("E405", message, help='pip install "cnnspec[xlsx]"') from None


def _sheets(openpyxl: Any, content: bytes, archive: Archive, source: Source) -> list[_Sheet]:
    """Return the sheets; their formulas are read only where there are some."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True).worksheets
        formulas = repeat(None)
        if archive.formulas:
            formulas = openpyxl.load_workbook(BytesIO(content), read_only=True).worksheets
        found: list[_Sheet] = []
        left = _MOST_ROWS
        for sheet, other in islice(zip(values, formulas, strict=False), _SHEETS):
            rows, remarks = _rows(sheet, other)
            left -= len(rows)
            if left < 0:
                raise faults.too_large(source, f"has more than {_MOST_ROWS:,} rows in its sheets")
            found.append(_Sheet(sheet.title, rows, remarks))
        return found


def _rows(sheet: Any, formulas: Any | None) -> tuple[list[Row], tuple[str, ...]]:
    """Return the rows of a sheet that are not empty, without the empty columns on their left, and remarks."""
    rows: list[Row] = []
    values: dict[Place, object] = {}
    open_formulas: dict[Place, str] = {}
    blank = 0
    for number, (cells, written) in enumerate(zip_longest(_cells(sheet), _cells(formulas), fillvalue=()), 1):
        texts = []
        for column, (value, formula) in enumerate(zip_longest(cells, written), 1):
            texts.append(_text(value, formula))
            if formulas is not None and value is not None:
                values[number, column] = value
            elif formulas is not None and texts[-1].startswith("="):
                open_formulas[number, column] = texts[-1]
        blank = 0 if any(texts) else blank + 1
        if not blank:
            rows.append(Row(number, texts))
        if blank > _BLANK or len(rows) > ROWS:
            break
    remarks = _compute(rows, Cells(values, open_formulas), open_formulas)
    left = min((next(index for index, cell in enumerate(row.cells) if cell) for row in rows), default=0)
    return [Row(row.line, row.cells[left:]) for row in rows], remarks


def _compute(rows: list[Row], cells: Cells, formulas: Mapping[Place, str]) -> tuple[str, ...]:
    """Put the values of formulas that speak of cells into the rows; return what is said of it."""
    computed: list[str] = []
    others: list[str] = []
    for row in rows:
        for index, text in enumerate(row.cells):
            place = (row.line, index + 1)
            if place not in formulas or not (any(map(str.isalpha, text)) and any(map(str.isdigit, text))):
                continue  # a formula of numbers alone is read as one that a student wrote, one without any is a text
            try:
                row.cells[index] = _text(cells.computed(place), None)
                computed.append(name_of(place))
            except NotComputedError:
                others.append(name_of(place))
    said = []
    if computed:
        said.append(f"the workbook has formulas without values, which were computed: {listing(computed, 8)}")
    if others:
        step = "only sums and products of cells are computed; open it in a spreadsheet program and save it again"
        said.append(f"the workbook has formulas without values: {listing(others, 8)}; {step}")
    return tuple(said)


def _cells(sheet: Any | None) -> Iterator[Iterable[Any]]:
    """Yield the values of a sheet's rows; what the sheet says of its own size may be wrong."""
    if sheet is None:
        return iter(())
    sheet.reset_dimensions()
    rows: Iterator[Iterable[Any]] = sheet.iter_rows(max_col=_WIDEST, values_only=True)
    return rows


def _text(value: object, formula: object) -> str:
    """Return a cell as it is shown: whole numbers without a point, and what was not computed as its formula."""
    shown = formula if value is None else value
    if shown is None:
        return ""
    if isinstance(shown, bool):
        return str(shown).upper()
    if isinstance(shown, float) and shown.is_integer() and abs(shown) < 1e15:
        return str(int(shown))
    return str(getattr(shown, "text", shown))


def looks_like(_: Source) -> bool:
    """Refuse every text: a workbook is none."""
    return False


READER: Final = Reader(
    member="xl/workbook.xml",
    name="xlsx",
    called="an xlsx workbook",
    suffixes=("xlsx", "xlsm"),
    looked_for="a sheet with a row of column names and rows below it",
    order=99,
    looks_like=looks_like,
    place="row",
)
