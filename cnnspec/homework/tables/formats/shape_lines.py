"""What a loop over layers prints, a line each: `Conv2d output shape: torch.Size([1, 6, 28, 28])`, as d2l's does."""

from __future__ import annotations

import re
from typing import Final

from cnnspec.homework.tables import faults
from cnnspec.homework.tables.grid import CELL, Grid, Row, build
from cnnspec.homework.tables.reader import Reader
from cnnspec.source import Source

_LINE: Final = re.compile(
    r"\s*(?P<label>[^\W\d][^\n:]{0,60}?)\s+output shape\s*:"
    r"\s*(?:torch\.Size|TensorShape)?\(?(?P<shape>[(\[][^()\[\]]+[)\]])\)?\s*",
    re.IGNORECASE,
)
_TITLES: Final = ("Layer", "Output shape")
_ENOUGH: Final = 2
_LINES: Final = 5_000


def read(source: Source) -> Grid:
    """Return a row for every such line."""
    found = [(number, line) for number, text in enumerate(_lines(source), 1) if (line := _LINE.fullmatch(text[:CELL]))]
    if len(found) < _ENOUGH:
        raise faults.no_table(source, READER)
    rows = [Row(number, [line["label"], line["shape"]]) for number, line in found]
    return build(source, READER, [Row(found[0][0], list(_TITLES)), *rows])


def _lines(source: Source) -> list[str]:
    return source.text.split("\n", _LINES)[:_LINES]


def looks_like(source: Source) -> bool:
    """Tell whether most lines are such."""
    lines = [line for line in _lines(source)[:200] if line.strip()]
    found = sum(1 for line in lines if len(line) <= CELL and _LINE.fullmatch(line))
    return found >= _ENOUGH and 2 * found >= len(lines)


READER: Final = Reader(
    name="shape_lines",
    called="lines with shapes",
    suffixes=(),
    looked_for="lines such as `Conv2d output shape: torch.Size([1, 6, 28, 28])`",
    order=34,
    looks_like=looks_like,
)
