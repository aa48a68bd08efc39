"""Tables in plain text with bars between their columns, such as those of Keras 3."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

from cnnspec.homework.tables import faults
from cnnspec.homework.tables.grid import CELLS, Row
from cnnspec.homework.tables.rules import is_rule, join
from cnnspec.source import Source

_BARS: Final = re.compile("[|│┃║]")
Group = list[Row]
"""The lines between two rules."""


def has_bar(text: str) -> bool:
    """Return whether a line has a bar."""
    return _BARS.search(text) is not None


def cells(text: str) -> list[str]:
    """Return what stands between the bars of a line: the last bar ends a cell where the first begins one.

    >>> cells("| a | b |"), cells("a | b"), cells("a |")
    (['a', 'b'], ['a', 'b'], ['a', ''])
    """
    parts = [part.strip() for part in _BARS.split(text.strip())]
    if parts[0]:
        return parts
    return parts[1:] if parts[-1] else parts[1:-1]


def rows(source: Source, lines: Sequence[tuple[int, str]]) -> list[Row]:
    """Return the table that begins in the first of the numbered lines."""
    first, *groups = _groups(source, lines)
    if not groups:
        return first
    header = [_joined(first)] if _is_wrapped(first) else first
    body = [row for group in groups for row in group]
    if len(groups) > 1 and all(map(_is_wrapped, groups)) and len(body) <= 3 * len(groups):
        body = [_joined(group) for group in groups]
    return [*header, *body]


def _groups(source: Source, lines: Sequence[tuple[int, str]]) -> list[Group]:
    """Return the lines with bars, divided at rules, up to a line without bars; blank lines may part like rows."""
    groups: list[Group] = [[]]
    count, gap = 0, False
    for number, text in lines:
        if not text.strip():
            gap = True
        elif is_rule(text):
            groups.append([])
        else:
            row = Row(number, cells(text))
            if not has_bar(text) or (gap and _is_other(groups, row)):
                break
            groups[-1].append(row)
            count, gap = count + len(row.cells), False
            if count > CELLS:
                raise faults.too_large(source, f"has more than {CELLS:,} cells", line=number)
    return [group for group in groups if group]


def _is_other(groups: list[Group], row: Row) -> bool:
    """Return whether a row below a gap belongs to another table: two rows stand above, and it has other columns."""
    return sum(map(len, groups[-3:])) > 2 and len(row.cells) != len(groups[0][0].cells)


def _is_wrapped(group: Group) -> bool:
    """Return whether the lines of a group may be one row: each below the first leaves a cell of it as it is."""
    return all(
        any(above and not below for above, below in zip_longest(group[0].cells, row.cells, fillvalue=""))
        for row in group[1:]
    )


def _joined(group: Group) -> Row:
    joined = group[0].cells
    for row in group[1:]:
        joined = [join(above, below) for above, below in zip_longest(joined, row.cells, fillvalue="")]
    return Row(group[0].line, joined)
