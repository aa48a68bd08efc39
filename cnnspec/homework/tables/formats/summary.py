"""Summaries that frameworks print, where a page or a chat has left one space between their columns."""

from __future__ import annotations

import re
from typing import Final

from cnnspec.homework.tables import faults, spaced
from cnnspec.homework.tables.barred import has_bar
from cnnspec.homework.tables.grid import CELL, Grid, Row, build
from cnnspec.homework.tables.reader import Reader
from cnnspec.source import Source

_HEADER: Final = re.compile(r"\W*layer\b.{0,40}\boutput shape\b.{0,40}\bparam", re.IGNORECASE)
_ROW: Final = re.compile(
    r"\W{0,20}(?P<label>\w[^\n]{0,80}?)\s*(?P<shape>[(\[]{1,2}\s*(?:none|-1|\?|\d)[^()\[\]]{0,60}[)\]]{1,2})"
    r"\s*(?P<params>[\d,.]{1,20}|--)?(?:\s.*)?",
    re.IGNORECASE,
)
_TITLES: Final = ("Layer (type)", "Output Shape", "Param #")
_ENOUGH: Final = 2


def read(source: Source) -> Grid:
    """Return the rows of a summary: what stands in front of a shape, the shape, and the number behind it."""
    lines = source.text.split("\n")
    first = _header(lines)
    if first is None:
        raise faults.no_table(source, READER)
    found = [(number, _ROW.fullmatch(line)) for number, line in enumerate(lines[first + 1 :], first + 2)]
    rows = [Row(number, [row["label"], row["shape"], row["params"] or ""]) for number, row in found if row]
    return build(source, READER, [Row(first + 1, list(_TITLES)), *rows])


def _header(lines: list[str]) -> int | None:
    """Return the first line that names the columns of a summary, with too little between them to part them."""
    for index, line in enumerate(lines[:1_000]):
        if len(line) <= CELL and _HEADER.match(line) and not has_bar(line) and len(spaced.pieces(line)) < len(_TITLES):
            return index
    return None


def looks_like(source: Source) -> bool:
    """Tell whether a text has such a header, and rows below it."""
    lines = source.text.split("\n", 2_000)
    first = _header(lines)
    rows = lines[first + 1 : first + 200] if first is not None else []
    return sum(1 for line in rows if len(line) <= CELL and _ROW.fullmatch(line)) >= _ENOUGH


READER: Final = Reader(
    name="summary",
    called="a printed summary",
    suffixes=(),
    looked_for="lines with a layer, a shape in parentheses and a number, below `Layer (type) Output Shape Param #`",
    order=42,
    looks_like=looks_like,
)
