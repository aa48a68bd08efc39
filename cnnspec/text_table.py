"""Aligned tables of plain text: in time that grows with the rows, however many they are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple

from rich.cells import cell_len, chop_cells
from rich.color import ColorSystem
from rich.style import Style

GAP: Final = "   "


class Column(NamedTuple):
    """A title, what stands at the foot, the side, and whether cells may take several lines."""

    title: str
    foot: str = ""
    number: bool = False
    wraps: bool = False


class Line(NamedTuple):
    """The cells of a row, and its style where colours are wanted."""

    cells: Sequence[str]
    style: str = ""


def lay_out(columns: Sequence[Column], lines: Sequence[Line], *, width: int | None, color: bool) -> Iterator[str]:
    """Yield a head, a rule, the lines and the foot; wide columns share what is missing of the `width`."""
    widths = _fitted(columns, [_widest(column, index, lines) for index, column in enumerate(columns)], width)
    bold = painter("bold", color=color)
    yield from map(bold, _rows(columns, [column.title for column in columns], widths))
    yield f" {'─' * (sum(widths) + len(GAP) * (len(widths) - 1))}"
    painters = {style: painter(style, color=color) for style in {line.style for line in lines}}
    for line in lines:
        yield from map(painters[line.style], _rows(columns, line.cells, widths))
    yield ""
    yield from map(bold, _rows(columns, [column.foot for column in columns], widths))


def _widest(column: Column, index: int, lines: Iterable[Line]) -> int:
    return max(length(column.title), length(column.foot), *(length(line.cells[index]) for line in lines), 0)


def length(text: str) -> int:
    """Return how many places of a terminal a text takes."""
    return len(text) if text.isascii() else cell_len(text)


def _fitted(columns: Sequence[Column], widths: Sequence[int], width: int | None) -> list[int]:
    """Return widths that fit, if they can: what wraps gives way first, the widest before the others."""
    found = list(widths)
    if width is None:
        return found
    room = width - 1 - len(GAP) * (len(found) - 1)
    for giving in ([column.wraps for column in columns], [True for _ in columns]):
        if sum(found) > room:
            found = _capped(found, giving, room)
    return found


def _capped(widths: Sequence[int], giving: Sequence[bool], room: int) -> list[int]:
    """Return widths of which those that give are cut to one that is as wide as there is room, or 1."""

    def cut(most: int) -> list[int]:
        return [min(width, most) if gives else width for width, gives in zip(widths, giving, strict=True)]

    return cut(bisect_right(range(2, max(widths) + 1), room, key=lambda most: sum(cut(most))) + 1)


def _rows(columns: Sequence[Column], cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """Yield the lines of one row: as many as its highest cell has."""
    texts = [
        [cell] if length(cell) <= width else _wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)
    ]
    for at in range(max(map(len, texts))):
        parts = (
            _padded(text[at] if at < len(text) else "", width, right=column.number)
            for column, text, width in zip(columns, texts, widths, strict=True)
        )
        yield f" {GAP.join(parts)}".rstrip()


def _padded(text: str, width: int, *, right: bool) -> str:
    padding = " " * (width - length(text))
    return padding + text if right else text + padding


def _wrapped(text: str, width: int) -> list[str]:
    """Return a text in lines of words; a word that is too long is cut."""
    lines = [""]
    for word in text.split():
        for part in chop_cells(word, width) if length(word) > width else [word]:
            longer = f"{lines[-1]} {part}".lstrip()
            lines = [*lines, part] if length(longer) > width and lines[-1] else [*lines[:-1], longer]
    return lines


def painter(style: str, *, color: bool) -> Callable[[str], str]:
    """Return what gives a text a style, where colours are wanted."""
    if not color or not style:
        return str
    return partial(Style.parse(style).render, color_system=ColorSystem.STANDARD)
