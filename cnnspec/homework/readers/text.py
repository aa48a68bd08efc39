"""Tables in plain text: columns parted by spaces, tabs or bars, as terminals show them."""

from __future__ import annotations

import re
from typing import Final

from cnnspec.homework.readers import barred, faults, spaced
from cnnspec.homework.readers.grid import CELL, COLUMNS, Grid, build
from cnnspec.homework.readers.headers import is_header, score
from cnnspec.homework.readers.textline import Line, parse
from cnnspec.source import Source

_WORD: Final = re.compile(r"layer|shape|size|param|output", re.IGNORECASE)


def read(source: Source) -> Grid:
    """Return the table below the line that looks most like a header."""
    most = CELL * COLUMNS
    texts = source.text.split("\n")
    for number, text in enumerate(texts, 1):
        if len(text) > most:
            raise faults.too_large(source, f"has a line of more than {most:,} characters", line=number)
    lines = [parse(number, text) for number, text in enumerate(texts, 1)]
    first = _header(lines)
    if first is None:
        raise faults.no_table(source, "text")
    header = lines[first]
    rows = barred.rows(lines[first:]) if header.barred else spaced.rows(lines[first:])
    return build(source, "text", rows)


def _header(lines: list[Line]) -> int | None:
    """Return the index of the line that looks most like a header, else of the first of two lines with columns."""
    ...
