"""Tables of a LaTeX document."""

from __future__ import annotations

import re
from typing import Final

from cnnspec.homework.tables import faults
from cnnspec.homework.tables.grid import COLUMNS, Grid, Row, build, squeeze
from cnnspec.homework.tables.headers import best
from cnnspec.homework.tables.reader import Reader
from cnnspec.homework.tables.tex import plain
from cnnspec.source import Source

_MARKS: Final = ("\\begin{tabular", "\\begin{longtable", "\\begin{array")

_ARGUMENTS: Final = {
    "tabular": 1,
    "tabular*": 2,
    "tabularx": 2,
    "tabulary": 2,
    "longtable": 1,
    "array": 1,
    "supertabular": 1,
    "xltabular": 2,
}
"""The environments that are tables, and how many arguments stand in front of their rows."""
_NAMES: Final = "|".join(map(re.escape, _ARGUMENTS))
_COMMENT: Final = re.compile(r"(?<!\\)((?:\\\\)*+)(%[^\n]*)")
_TOKEN: Final = re.compile(
    rf"\\(?P<edge>begin|end)\{{(?P<name>{_NAMES})\}}"
    r"|(?P<row>\\\\\*?(?:\[-?[\d.]+ ?[a-z]{2}\])?|\\(?:tabularnewline|cr)(?![A-Za-z]))"
    r"|(?P<header>\\end(?:first|last)?(?:head|foot)(?![A-Za-z]))"
    r"|\\.|[{}&]",
    re.DOTALL,
)
_GROUP: Final = re.compile(r"\s*+(?:\[[^\[\]\n]{0,40}\]\s*+)?\{(?:[^{}&]++|\{(?:[^{}&]++|\{[^{}&]*+\})*+\})*+\}")
_LEAD: Final = re.compile(
    r"(?:\s|\\(?:hline|toprule|midrule|bottomrule)(?![A-Za-z])"
    r"|\\(?:cline|rowcolor|cmidrule(?:\([lr]*\))?)\s*+\{[^{}]*+\})*"
)
"""Rules above a row."""
_MULTICOLUMN: Final = re.compile(r"\s*+\\multicolumn\s*+\{\s*+(\d{1,6})\s*+\}")


def read(source: Source) -> Grid:
    """Return the table of a document whose header looks most like one of a shape table."""
    faults.refuse_many(source, ("&", "\\", "{", "}"))
    text = _COMMENT.sub(lambda found: found.group(1) + " " * len(found.group(2)), source.text)
    scan = _Scan(source, text)
    for token in _TOKEN.finditer(text):
        scan.take(token)
    scan.end_row(len(text))
    if not scan.tables:
        raise faults.no_table(source, READER)
    return build(source, READER, scan.tables[_best(scan.tables)], clean=_clean)


def _clean(cell: str) -> str:
    return squeeze(plain(cell))


def _best(tables: list[list[Row]]) -> int:
    if len(tables) == 1:
        return 0
    shown = [[[_clean(cell) for cell in row.cells] for row in rows[:20]] for rows in tables]
    return best([[cells for cells in table if any(cells)] for table in shown])


class _Scan:
    """One walk over the tokens: the tables found, the open row, and how many braces and tables are open in a cell."""

    def __init__(self, source: Source, text: str) -> None:
        self.source = source
        self.text = text
        self.tables: list[list[Row]] = []
        self.inside = False
        self.depth = 0
        self.start = self.first = 0
        self.cells: list[str] = []
        self.header: int | None = None

    def take(self, token: re.Match[str]) -> None:
        """Take the next token into account: only those outside braces and inner tables part cells and rows."""
        edge, sign = token["edge"], token.group()
        if not self.inside:
            if edge == "begin":
                self._begin(token)
        elif edge == "begin" or sign == "{":
            self.depth += 1
        elif (edge == "end" or sign == "}") and self.depth:
            self.depth -= 1
        elif edge == "end":
            self.end_row(token.start())
            self.inside = False
        elif not self.depth:
            self._part(token)

    def _begin(self, token: re.Match[str]) -> None:
        self.tables.append([])
        self.inside, self.depth, self.header = True, 0, None
        self.start = token.end()
        for _ in range(_ARGUMENTS[token["name"]]):
            group = _GROUP.match(self.text, self.start)
            self.start = group.end() if group else self.start
        self.first = self.start

    def _part(self, token: re.Match[str]) -> None:
        if token["row"]:
            self.end_row(token.start())
            self.start = self.first = token.end()
        elif token["header"]:
            self._end_header()
            self.start = self.first = token.end()
        elif token.group() == "&":
            self._end_cell(token.start())
            self.start = token.end()

    def _end_header(self) -> None:
        """Forget what a longtable repeats on every page: only its first header is a row of the table."""
        self.cells = []
        rows = self.tables[-1]
        if self.header is None:
            self.header = len(rows)
        del rows[self.header :]

    def _end_cell(self, end: int) -> None:
        cell = self.text[self.start : end]
        wide = _MULTICOLUMN.match(cell)
        self.cells += [cell, *[""] * (min(int(wide.group(1)), COLUMNS + 1) - 1 if wide else 0)]

    def end_row(self, end: int) -> None:
        """Keep the open row of the open table."""
        if not self.inside:
            return
        self._end_cell(end)
        lead = _LEAD.match(self.text, self.first)
        line, _ = self.source.position(lead.end() if lead else self.first)
        self.tables[-1].append(Row(line, self.cells))
        self.cells = []


def looks_like(source: Source) -> bool:
    """Tell whether a text has a table of LaTeX in it."""
    return any(mark in source.text for mark in _MARKS)


READER: Final = Reader(
    name="latex",
    called="LaTeX",
    suffixes=("tex", "latex"),
    looked_for="a `tabular`, `tabularx`, `longtable` or `array` with `&` between its cells",
    order=20,
    looks_like=looks_like,
)
