"""Lists of sentences, a layer each: `Conv1: output 28x28x8, parameters (5*5*3+1)*8 = 608`."""

from __future__ import annotations

import re
from typing import Final

from cnnspec.homework.tables import faults
from cnnspec.homework.tables.columns import LAYER, recognise
from cnnspec.homework.tables.grid import CELL, Grid, Row, build
from cnnspec.homework.tables.reader import Reader
from cnnspec.source import Source

_LINE: Final = re.compile(r"[\s*\-•–.\d)]{0,12}(?P<label>[^\W\d][^:\n]{0,40}):\s+(?P<rest>\S.*)")
_PART: Final = re.compile(r"[,;](?=\s*[^\W\d])")
_NAMED: Final = re.compile(r"\s*(?P<title>[^\d(=:]{1,60}?)\s*[:=]?\s*(?P<value>[\d(].*)")
_ENOUGH: Final = 2
_LINES: Final = 5_000


def read(source: Source) -> Grid:
    """Return a row for every line that says something of a layer; what it says names the columns."""
    found = [(number, *named) for number, line in _lines(source) if (named := _named(line))]
    if len(found) < _ENOUGH:
        raise faults.no_table(source, READER)
    columns = list(dict.fromkeys(column for _, _, cells in found for column in cells))
    titles = {column: next(cells[column][0] for _, _, cells in found if column in cells) for column in columns}
    rows = [
        Row(number, [label, *(cells[column][1] if column in cells else "" for column in columns)])
        for number, label, cells in found
    ]
    return build(source, READER, [Row(rows[0].line, [LAYER, *titles.values()]), *rows])


def _lines(source: Source) -> list[tuple[int, str]]:
    return list(enumerate(source.text.split("\n", _LINES)[:_LINES], 1))


def _named(line: str) -> tuple[str, dict[str, tuple[str, str]]] | None:
    """Return what a line says of a layer: its label, and titles with values by the columns that they mean."""
    found = _LINE.fullmatch(line) if len(line) <= CELL else None
    if found is None:
        return None
    cells: dict[str, tuple[str, str]] = {}
    for part in _PART.split(found["rest"]):
        named = _NAMED.fullmatch(part)
        column = recognise(named["title"]) if named else None
        if named and column and column != LAYER:
            cells.setdefault(column, (named["title"].strip(), named["value"].strip()))
    return (found["label"].strip(), cells) if cells else None


def looks_like(source: Source) -> bool:
    """Tell whether several lines say something of a layer, and hardly a line does not."""
    lines = [line for _, line in _lines(source)[:200] if line.strip()]
    found = sum(1 for line in lines if _named(line))
    return found >= _ENOUGH and 2 * found >= len(lines)


READER: Final = Reader(
    name="sentences",
    called="a list",
    suffixes=(),
    looked_for="lines such as `Conv1: output 28x28x8, parameters 608`",
    order=44,
    looks_like=looks_like,
)
