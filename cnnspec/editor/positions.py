"""Offsets of a text as the lines and columns that the Language Server Protocol counts, from 0, in its own units."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final, NamedTuple

from cnnspec.source import Source

UNITS: Final = {"utf-8": (1, "utf-8"), "utf-16": (2, "utf-16-le"), "utf-32": (4, "utf-32-le")}
"""The bytes of a unit, by the name that the protocol has for it, and the encoding that makes them."""
STANDARD: Final = "utf-16"


class Position(NamedTuple):
    """A line, and how many units stand before a character in it."""

    line: int
    character: int


def position_of(source: Source, offset: int, encoding: str = STANDARD) -> Position:
    r"""Return the position of an offset.

    >>> position_of(Source("a.yaml", "one\n😋 two"), 6)
    Position(line=1, character=3)
    """
    line, column = source.position(min(max(offset, 0), len(source.text)))
    return Position(line - 1, _length(source.line(line)[: column - 1], encoding))


def offset_of(source: Source, position: Position, encoding: str = STANDARD) -> int:
    r"""Return the offset of a position; behind the end of a line it is that of the end.

    >>> offset_of(Source("a.yaml", "one\n😋 two"), Position(1, 3))
    6
    """
    lines = source.text.split("\n")
    if position.line >= len(lines):
        return len(source.text)
    start = sum(len(line) + 1 for line in lines[: position.line])
    line = lines[position.line].rstrip("\r")
    last = min(len(line), max(position.character, 0))  # a character takes one unit at least
    return start + bisect_left(range(last), position.character, key=lambda column: _length(line[:column], encoding))


def _length(text: str, encoding: str) -> int:
    size, codec = UNITS.get(encoding, UNITS[STANDARD])
    return len(text.encode(codec, "surrogatepass")) // size
