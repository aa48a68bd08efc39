"""Which row of a table is its header, and how much it looks like the header of a shape table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_WORDS: Final = re.compile(
    r"layer|shape|size|param|weight|bias|activation|output|dim|kernel|filter|volume|\bmac|flops|name|type|neuron",
    re.IGNORECASE,
)
_DATA: Final = re.compile(r"\s*[\d(\[$-]")

_TITLE: Final = 100
"""Characters of a cell in which a title would stand."""
_UPPER: Final = 20
"""Rows in which the header is looked for: titles may stand above it."""


def score(cells: Sequence[str]) -> int:
    """Return how many cells have a word that stands above the columns of shape tables.

    >>> score(["Layer", "Activation shape", "Remark"])
    2
    """
    return sum(1 for cell in cells if _WORDS.search(cell, 0, _TITLE))


def is_header(cells: Sequence[str]) -> bool:
    """Return whether the cells name the columns of a shape table: they do so in words, not in numbers."""
    return score(cells) > 1 and not any(map(_DATA.match, cells))


def find_header(rows: Sequence[Sequence[str]]) -> int:
    """Return the index of the first of the upper rows that looks like a header, else of the first with two cells."""
    upper = rows[:_UPPER]
    likely = (index for index, cells in enumerate(upper) if is_header(cells))
    filled = (index for index, cells in enumerate(upper) if sum(1 for cell in cells if cell.strip()) > 1)
    return next(likely, next(filled, 0))


def best(tables: Sequence[Sequence[Sequence[str]]]) -> int:
    """Return the index of the table whose header looks most like one of a shape table, the first of equals."""
    return max(range(len(tables)), key=lambda index: (_worth(tables[index]), -index))


def _worth(rows: Sequence[Sequence[str]]) -> tuple[bool, int]:
    header = rows[find_header(rows)] if rows else []
    return len(rows) > 1 and len(header) > 1, score(header)
