"""Tables of a web page, through the parser of the standard library."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

from cnnspec.homework.tables import faults
from cnnspec.homework.tables.grid import COLUMNS, ROWS, Grid, Row, build, squeeze
from cnnspec.homework.tables.headers import best
from cnnspec.homework.tables.reader import Reader
from cnnspec.homework.tables.tex import untex
from cnnspec.source import Source

_TAGS: Final = 100_000
_UNSEEN: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|template)\b.*?(?:</\1[^>]*>?|\Z)|<[!?][^>]*(?:>|\Z)|&#\d{9,};?",
    re.DOTALL | re.IGNORECASE,
)
"""What no reader of the page sees, and numbers of characters that do not exist."""
_ATTRIBUTES: Final = re.compile(r"[\s/]")
_BREAKS: Final = frozenset({"br", "p", "div", "li", "hr"})


def read(source: Source) -> Grid:
    """Return the table of a page whose header looks most like one of a shape table."""
    text = _UNSEEN.sub(_blank, source.text)
    _refuse_costly(source, text)
    parser = _Tables()
    parser.feed(text)
    tables = [[row for row in rows if row.cells] for rows in parser.tables]
    if not tables:
        raise faults.no_table(source, READER)
    chosen = best([[row.cells for row in rows] for rows in tables])
    return build(source, READER, tables[chosen], clean=lambda cell: squeeze(untex(cell)))


def _blank(found: re.Match[str]) -> str:
    """Return as many lines as a text has, so that the lines below keep their numbers."""
    return " " + "\n" * found.group().count("\n")


def _refuse_costly(source: Source, text: str) -> None:
    tags = text.count("<")
    inside = re.sub(r">[^<]*", "", text)
    if tags > _TAGS or inside.count("=") + len(_ATTRIBUTES.findall(inside)) > 5 * _TAGS:
        raise faults.too_large(source, f"has more than {_TAGS:,} tags, or too many attributes in them")


class _Table:
    """One table while it is read: its rows, the open cell, and what spans down from the rows above."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.cell: list[str] | None = None
        self.down: dict[int, int] = {}
        self.span = (1, 1)

    def open_row(self, line: int) -> None:
        """Begin a row; the columns that a cell above reaches down to are empty."""
        self.close_cell()
        self.rows.append(Row(line, []))
        self._skip_spanned()

    def open_cell(self, line: int, span: tuple[int, int]) -> None:
        """Begin a cell that is `span` columns wide and rows high."""
        if not self.rows:
            self.open_row(line)
        self.close_cell()
        self.cell, self.span = [], span

    def close_cell(self) -> None:
        """End the open cell, if there is one."""
        if self.cell is None:
            return
        cells, (wide, high) = self.rows[-1].cells, self.span
        if high > 1:
            self.down.update(dict.fromkeys(range(len(cells), len(cells) + wide), high - 1))
        cells.extend(["".join(self.cell), *[""] * min(wide - 1, max(COLUMNS - len(cells), 0))])
        self.cell = None
        self._skip_spanned()

    def _skip_spanned(self) -> None:
        """Leave the columns empty into which a cell above reaches, up to one column more than a table may have."""
        cells = self.rows[-1].cells
        while len(cells) <= COLUMNS and self.down.get(len(cells)):
            self.down[len(cells)] -= 1
            cells.append("")


class _Tables(HTMLParser):
    """All tables of a page; a table within a cell is a table of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[_Table] = []
        self.tables: list[list[Row]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open tables, rows and cells, which need not be closed."""
        line = self.getpos()[0]
        if tag == "table":
            self.open.append(_Table())
            self.tables.append(self.open[-1].rows)
        elif self.open and tag == "tr":
            self.open[-1].open_row(line)
        elif self.open and tag in {"td", "th"}:
            values = dict(attrs)
            span = _number(values.get("colspan"), COLUMNS + 1), _number(values.get("rowspan"), ROWS)
            self.open[-1].open_cell(line, span)
        elif tag == "sup":
            self.handle_data("^")
        elif tag in _BREAKS:
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        """Close what a tag ends."""
        if not self.open:
            return
        if tag in {"td", "th", "tr", "table"}:
            self.open[-1].close_cell()
        if tag == "table":
            self.open.pop()
        elif tag in _BREAKS:
            self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        """Keep what stands in a cell."""
        if self.open and self.open[-1].cell is not None:
            self.open[-1].cell.append(data)


def _number(text: str | None, most: int) -> int:
    """Return how many columns or rows a cell spans: one where its attribute is no such number."""
    return max(1, min(int(text), most)) if text and text.isascii() and text.isdigit() and len(text) < 10 else 1


def looks_like(source: Source) -> bool:
    """Tell whether a text has a table of a page in it."""
    return "<table" in source.text.lower()


READER: Final = Reader(
    name="html",
    called="HTML",
    suffixes=("html", "htm"),
    looked_for="a `<table>` with rows `<tr>` and cells `<td>`",
    order=10,
    looks_like=looks_like,
)
