"""Items and keys that do not stand below those they belong to."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from cnnspec.text.lines import Lines, bare, indent_of

_ITEM: Final = re.compile(r"( *)((?:- +)+)(.*)")
_KEY: Final = re.compile(r"""(?:[A-Za-z_$][\w -]*|q+):(?:\s|$)""")


class Level(NamedTuple):
    """A column in which items or keys stand, the line that began it, and whether its last line waits for a block."""

    column: int
    is_list: bool
    line: int
    waits: bool


def check_indentation(lines: Lines) -> None:
    """Find the first line of every block that stands in a column of its own, and move it below the others."""
    levels: list[Level] = []
    depth = 0
    for number, _ in list(lines.written()):
        plain = bare(lines.now[number])
        inside = depth > 0
        depth = max(depth + sum(map(plain.count, "{[")) - sum(map(plain.count, "}]")), 0)
        if inside:
            continue
        content = plain.strip()
        is_item = content == "-" or content.startswith("- ")
        if is_item or _KEY.match(content):
            levels = _placed(lines, number, levels, is_item=is_item)


def _placed(lines: Lines, number: int, levels: list[Level], *, is_item: bool) -> list[Level]:
    """Return the levels that are open behind a line, which is moved where it fits none."""
    column = indent_of(lines.now[number])
    kept = [level for level in levels if level.column <= column]
    top = kept[-1] if kept else None
    if not _fits(kept, levels, column, is_item=is_item):
        near = _nearest(levels, column, is_item=is_item)
        if near is None:
            return _opened(lines, number, kept)
        _move(lines, number, column, near, is_item=is_item)
        return _placed(lines, number, levels, is_item=is_item)
    if top and top.column == column and top.is_list and not is_item:
        kept = kept[:-1]
    return _opened(lines, number, [level for level in kept if (level.column, level.is_list) != (column, is_item)])


def _fits(kept: list[Level], levels: list[Level], column: int, *, is_item: bool) -> bool:
    if not levels or any(level.column == column and level.is_list == is_item for level in kept):
        return True
    last = levels[-1]
    if last.waits and (column > last.column or (is_item and column == last.column)):
        return True
    # A list may stand in the column of its key.
    return is_item and any(level.column == column and level.waits for level in kept[-1:])


def _nearest(levels: list[Level], column: int, *, is_item: bool) -> Level | None:
    """Return the level of the same sort whose column is nearest, the innermost of several."""
    same = [level for level in reversed(levels) if level.is_list == is_item and level.column != column]
    return min(same, key=lambda level: abs(level.column - column), default=None)


def _move(lines: Lines, number: int, column: int, near: Level, *, is_item: bool) -> None:
    line, by = lines.now[number], near.column - column
    text = line.strip()
    word = "-" if is_item else re.split(r":(?:\s|$)", text)[0][:40]
    above = "those above" if is_item else f"`{_first(lines.now[near.line])}` above"
    message = f"this `{word}` stands in column {column + 1}, {above} in column {near.column + 1}"
    step = f"let it begin in column {near.column + 1} too"
    lines.mend("column", number, (column, column + len(word)), message, step, " " * near.column + line.lstrip(" "))
    for below in range(number + 1, len(lines.now)):
        other = lines.now[below]
        if other.strip() and (indent_of(other) <= column or _stands_beside(other, near)):
            return
        if other.strip():
            lines.now[below] = " " * max(indent_of(other) + by, 0) + other.lstrip(" ")


def _stands_beside(line: str, level: Level) -> bool:
    return indent_of(line) == level.column and line.lstrip(" ").startswith("- ") == level.is_list


def _first(line: str) -> str:
    return re.split(r":(?:\s|$)", line.strip().lstrip("- "))[0][:40]


def _opened(lines: Lines, number: int, kept: list[Level]) -> list[Level]:
    """Return levels with those that a line begins: of its dashes, and of its key."""
    plain = bare(lines.now[number]).rstrip()
    column, levels = indent_of(plain), list(kept)
    while match := re.match(r"-( +|$)", plain[column:]):
        levels.append(Level(column, True, number, not plain[column + match.end() :]))
        column += match.end()
    if _KEY.match(plain[column:]):
        levels = [level for level in levels if level.column != column or level.is_list]
        levels.append(Level(column, False, number, plain.endswith(":")))
    return levels
