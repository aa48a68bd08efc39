"""Aligned tables of plain text: in time that grows with the rows, however many they are."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from typing import Final, NamedTuple

from rich.cells import cell_len, chop_cells
from rich.color import ColorSystem
from rich.style import Style

from cnnspec.errors import wrapped

Paint = Callable[[str], str]
GAP: Final = "   "
_JOINT: Final = re.compile(r"(?<=[^\W\d]-)(?=[^\W\d])|(?<=\w[._/])(?=[^\W\d_])")
"""Where a word may be cut: behind a hyphen between letters, and behind a dot, an underscore or a slash."""


class Column(NamedTuple):
    """A title, what stands at the foot if there is one, the side, and whether cells may take several lines."""

    title: str
    foot: str | None = None
    number: bool = False
    wraps: bool = False


class Line(NamedTuple):
    """The cells of a row, and where colours are wanted its style, or one for each cell."""

    cells: Sequence[str]
    style: str | tuple[str, ...] = ""


def lay_out(
    columns: Sequence[Column], lines: Sequence[Line], *, width: int | None = None, color: bool = False, edge: str = " "
) -> Iterator[str]:
    """Yield a head, a rule, the lines and the foot behind an `edge`; wide columns share what `width` is too little."""
    widths = _fitted(columns, [_widest(column, index, lines) for index, column in enumerate(columns)], width)
    paint = cache(partial(painter, color=color))
    head, foot = (
        Line([column.title for column in columns], "bold"),
        Line([column.foot or "" for column in columns], "bold"),
    )
    rule = edge + "─" * (sum(widths) + len(GAP) * (len(widths) - 1))
    yield from _rows(columns, head, widths, paint, edge)
    yield rule
    for line in lines:
        yield from _rows(columns, line, widths, paint, edge)
    if any(column.foot is not None for column in columns):
        yield ""
        yield from _rows(columns, foot, widths, paint, edge)


def _widest(column: Column, index: int, lines: Iterable[Line]) -> int:
    return max(length(column.title), length(column.foot or ""), *(length(line.cells[index]) for line in lines), 0)


def length(text: str) -> int:
    """Return how many places of a terminal a text takes."""
    return len(text) if text.isascii() else cell_len(text)


def _fitted(columns: Sequence[Column], widths: Sequence[int], width: int | None) -> list[int]:
    """Return widths that fit, if they can: what wraps gives way first, numbers last, the widest before others."""
    found = list(widths)
    if width is None:
        return found
    room = width - 1 - len(GAP) * (len(found) - 1)
    for giving in (
        [column.wraps for column in columns],
        [not column.number for column in columns],
        [True for _ in columns],
    ):
        if sum(found) > room:
            found = _capped(found, giving, room)
    return found


def _capped(widths: Sequence[int], giving: Sequence[bool], room: int) -> list[int]:
    """Return widths of which those that give are cut to one that is as wide as there is room, or 1."""

    def cut(most: int) -> list[int]:
        return [min(width, most) if gives else width for width, gives in zip(widths, giving, strict=True)]

    return cut(bisect_right(range(2, max(widths) + 1), room, key=lambda most: sum(cut(most))) + 1)


def _rows(
    columns: Sequence[Column], line: Line, widths: Sequence[int], paint: Callable[[str], Paint], edge: str
) -> Iterator[str]:
    """Yield the lines of one row: as many as its highest cell has."""
    texts = [
        [cell] if length(cell) <= width else in_lines(cell, width)
        for cell, width in zip(line.cells, widths, strict=True)
    ]
    styles = line.style if isinstance(line.style, tuple) else ("",) * len(columns)
    whole = paint("" if isinstance(line.style, tuple) else line.style)
    for at in range(max(map(len, texts))):
        parts = (
            _padded(text[at] if at < len(text) else "", width, column.number, paint(style))
            for column, text, width, style in zip(columns, texts, widths, styles, strict=True)
        )
        yield whole(f"{edge}{GAP.join(parts)}".rstrip())


def _padded(text: str, width: int, right: bool, paint: Paint = str) -> str:  # noqa: FBT001 - a place has two parts
    padding = " " * (width - length(text))
    return padding + paint(text) if right else paint(text) + padding


def aligned(rows: Sequence[Sequence[str]], numbers: Sequence[bool], gap: str = "  ") -> list[str]:
    """Return rows as lines whose cells stand below each other, `numbers` to the right; nothing is wrapped.

    >>> aligned([["conv", "9"], ["fc", "10"]], [False, True])
    ['conv   9', 'fc    10']
    """
    widths = [max(map(length, column)) for column in zip(*rows, strict=True)]
    places = list(zip(widths, numbers, strict=True))
    lines = ((_padded(cell, *place) for cell, place in zip(row, places, strict=True)) for row in rows)
    return [gap.join(cells).rstrip() for cells in lines]


def in_lines(text: str, width: int) -> list[str]:
    """Return a text in lines of words; a word that is too long is cut, behind a hyphen or a dot if it has one.

    >>> in_lines("12 Non-trainable", 12), in_lines("stage1.block2.conv_1", 14)
    (['12 Non-', 'trainable'], ['stage1.block2.', 'conv_1'])
    """
    lines = [""]
    for word in text.split():
        first, *others = _cut(word, width) if length(word) > width else [word]
        longer = f"{lines[-1]} {first}".lstrip()
        lines = [*lines, first] if length(longer) > width and lines[-1] else [*lines[:-1], longer]
        lines += others
    return lines


def _cut(word: str, width: int) -> list[str]:
    """Return the parts of a word for lines of their own, each as long as there is room."""
    lines = [""]
    for whole in _JOINT.split(word):
        for part in chop_cells(whole, width) if length(whole) > width else [whole]:
            if lines[-1] and length(lines[-1] + part) > width:
                lines.append(part)
            else:
                lines[-1] += part
    return lines


def folded(text: str, width: int | None) -> str:
    r"""Return a line in lines of words that leave the last place free, indented as it is; what is aligned stays whole.

    >>> folded("  dense: 15,681 = 1,568·10 + 1", 20)
    '  dense: 15,681 =\n  1,568·10 + 1'
    """
    if width is None or "  " in text.strip():
        return text
    indent = text[: len(text) - len(text.lstrip())]
    return indent + wrapped(indent, text.lstrip(), width - 1, len(indent), _shown)


def _shown(text: str) -> int:
    """Return how many places a text takes without what colours it."""
    return length(re.sub(r"\x1b\[[\d;]*m", "", text))


def painter(style: str, *, color: bool) -> Paint:
    """Return what gives a text a style, where colours are wanted."""
    if not color or not style:
        return str
    return partial(Style.parse(style).render, color_system=ColorSystem.STANDARD)
