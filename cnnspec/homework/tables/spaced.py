"""Tables in plain text with two or more spaces, or tabs, between their columns: cells may be empty."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import Final, NamedTuple

from cnnspec.homework.tables import faults
from cnnspec.homework.tables.grid import CELL, CELLS, COLUMNS, Row
from cnnspec.homework.tables.rules import is_open, is_rule, join
from cnnspec.source import Source

_TAB: Final = "\x1f"
_SPACE: Final = "\x1e"
"""Stands for a space within brackets, which parts no columns."""
_PIECE: Final = re.compile(r"[^ \x1f]+(?: [^ \x1f]+)*")
_BRACKETS: Final = re.compile(r"[(\[][^()\[\]]*[)\]]")
_END: Final = re.compile(r"(?:total|sum|(?:non-)?trainable|params)\b", re.IGNORECASE)


class Piece(NamedTuple):
    """A cell and the columns of the terminal that it takes."""

    start: int
    end: int
    text: str


class Line(NamedTuple):
    """The pieces of a line, and whether it follows the one above without a blank line or a rule."""

    number: int
    pieces: list[Piece]
    follows: bool


def pieces(text: str) -> list[Piece]:
    """Return what stands between the gaps of a line.

    >>> [piece.text for piece in pieces("conv1 (Conv2D)   (28,  28, 8)")]
    ['conv1 (Conv2D)', '(28,  28, 8)']
    """
    text = _BRACKETS.sub(lambda found: found.group().replace(" ", _SPACE), text)
    wide = text.replace("\t", f"{_TAB}\t").expandtabs() if "\t" in text else text
    found = islice(_PIECE.finditer(wide), COLUMNS + 2)
    return [Piece(piece.start(), piece.end(), piece.group().replace(_SPACE, " ")) for piece in found]


def rows(source: Source, lines: Sequence[tuple[int, str]]) -> list[Row]:
    """Return the table that begins in the first of the numbered lines."""
    found = _lines(source, lines)
    columns = len(found[0].pieces)
    full = [line.pieces for line in found if len(line.pieces) == columns]
    extents = [(min(p.start for p in column), max(p.end for p in column)) for column in zip(*full, strict=True)]
    table: list[Row] = []
    for line in found:
        cells = _placed(line.pieces, extents)
        if table and line.follows and _goes_on(table[-1].cells, cells):
            joined = [join(*pair) if pair[1] else pair[0] for pair in zip(table[-1].cells, cells, strict=True)]
            table[-1] = Row(table[-1].line, joined)
        else:
            table.append(Row(line.number, cells))
    return table


def _lines(source: Source, lines: Sequence[tuple[int, str]]) -> list[Line]:
    """Return the lines of the table, without rules and blank lines."""
    found: list[Line] = []
    gap = ruled = False
    count = 0
    for number, text in lines:
        if not text.strip():
            gap = True
        elif is_rule(text):
            ruled = True
        else:
            line = Line(number, pieces(text), follows=not gap and not ruled)
            if found and _is_over(found, line, gap=gap):
                break
            found.append(line)
            count += len(line.pieces)
            if count > CELLS:
                raise faults.too_large(source, f"has more than {CELLS:,} cells", line=number)
            gap = ruled = False
    return found


def _is_over(found: list[Line], line: Line, *, gap: bool) -> bool:
    """Return whether a line is no row: a total below a gap or a rule, what has other columns, or a sentence."""
    header, row = found[0].pieces, line.pieces
    if not line.follows and len(found) > 1 and _END.match(row[0].text):
        return True
    if gap and len(found) > 2 and len(row) != len(header):
        return len(row) < 2 or not all(_is_aligned(piece, header) for piece in row)
    return len(row) == 1 and len(row[0].text.split()) > 3 and row[0].end > header[1].start


def _is_aligned(piece: Piece, header: list[Piece]) -> bool:
    return any(piece.start == title.start or piece.end == title.end for title in header)


def _placed(row: list[Piece], extents: list[tuple[int, int]]) -> list[str]:
    """Return the cells of a row with an empty one where a column has none, by the place of the pieces."""
    if len(row) >= len(extents):
        return [piece.text for piece in row]
    cells = [""] * len(extents)
    column = -1
    for index, piece in enumerate(row):
        free = range(column + 1, len(extents) - (len(row) - index) + 1)
        column = max(free, key=lambda place: min(piece.end, extents[place][1]) - max(piece.start, extents[place][0]))
        cells[column] = piece.text
    return cells


def _goes_on(above: list[str], cells: list[str]) -> bool:
    """Return whether all cells of a line go on with those above: an open bracket, or one that opens, or a lone cell."""
    filled = [(index, cell) for index, cell in enumerate(cells) if cell]
    if len(cells) != len(above) or any(len(cell) > CELL for cell in above):
        return False
    lone = len(filled) == 1 and (filled[0][0] > 0 or filled[0][1].startswith("("))
    return lone or all(is_open(above[index]) for index, _ in filled)
