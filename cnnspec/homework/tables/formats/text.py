"""Tables in plain text, as terminals show them: `spaced` and `barred` have the two ways to part columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from cnnspec.homework.tables import barred, faults, spaced
from cnnspec.homework.tables.grid import CELL, COLUMNS, Grid, build
from cnnspec.homework.tables.headers import is_header, score
from cnnspec.homework.tables.reader import Reader
from cnnspec.homework.tables.rules import is_rule
from cnnspec.source import Source

_COLOUR: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_WORD: Final = re.compile(r"layer|shape|size|param|output|name", re.IGNORECASE)
_CANDIDATES: Final = 50
_SEARCHED: Final = 10_000
"""Lines in which two rows of equal length are looked for, where no line looks like a header."""


def read(source: Source) -> Grid:
    """Return the table below the line that looks most like a header."""
    texts = _COLOUR.sub("", source.text).replace("\u00a0", " ").split("\n")
    most = CELL * COLUMNS
    for number, text in enumerate(texts, 1):
        if len(text) > most:
            raise faults.too_large(source, f"has a line of more than {most:,} characters", line=number)
    first = _header(texts)
    if first is None:
        raise faults.no_table(source, READER)
    lines = list(enumerate(texts[first:], first + 1))
    reader = barred if barred.has_bar(texts[first]) else spaced
    return build(source, READER, reader.rows(source, lines))


def _cells(text: str) -> list[str]:
    if is_rule(text):
        return []
    return barred.cells(text) if barred.has_bar(text) else [piece.text for piece in spaced.pieces(text)]


def _header(texts: Sequence[str]) -> int | None:
    """Return the index of the line that looks most like a header, else of the first of two like lines with columns."""
    likely = [index for index, text in enumerate(texts) if _WORD.search(text)][:_CANDIDATES]
    headers = [index for index in likely if is_header(_cells(texts[index]))]
    if headers:
        return max(headers, key=lambda index: (score(_cells(texts[index])), -index))
    counts = [(index, len(_cells(text))) for index, text in enumerate(texts[:_SEARCHED]) if text.strip()]
    filled = [(index, count) for index, count in counts if count]
    return next((index for (index, count), (_, other) in pairwise(filled) if count == other > 1), None)


def looks_like(_: Source) -> bool:
    """Take every text that is nothing else."""
    return True


READER: Final = Reader(
    name="text",
    called="text",
    suffixes=(),
    looked_for="columns separated by two or more spaces, tabs or bars, below a line with their names",
    order=90,
    looks_like=looks_like,
    vague=("txt",),
)
