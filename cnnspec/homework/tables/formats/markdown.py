"""Pipe tables of a Markdown text, whatever stands around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape
from typing import Final

from cnnspec.homework.tables import faults
from cnnspec.homework.tables.grid import Grid, Row, build, squeeze
from cnnspec.homework.tables.headers import best
from cnnspec.homework.tables.reader import Reader
from cnnspec.homework.tables.tex import untex
from cnnspec.source import Source

_BELOW_HEADER: Final = re.compile(r"[ >\t]*+\|?[ \t]*+:?-++:?[ \t]*+\|[-| :\t]*+")
_RULE: Final = "|:+=-> \t"
"""The signs of a line that parts the header from the rows."""
_LONG_RULE: Final = re.compile(r"-{3}|={3}|\+")
_BACKSLASH: Final = "\x1e"
_BAR: Final = "\x1f"
_ESCAPE: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
_FIRST: Final = 0xE000
"""Escaped signs rest in the private area of Unicode while markers are taken away."""
_ESCAPED: Final = re.compile(f"[{chr(_FIRST + 0x21)}-{chr(_FIRST + 0x7E)}]")
_BREAK: Final = re.compile(r"<br ?/?>", re.IGNORECASE)
_ENDLESS: Final = re.compile(r"&#\d{9,};?")
_MARKERS: Final = (
    (re.compile(r"~~[^~]*~~"), ""),
    (re.compile(r"``?([^`]+)``?"), r"\1"),
    (re.compile(r"(?<![\w)*])\*{1,3}(?=[^\s*])([^*]+)\*{1,3}(?![\w(*])"), r"\1"),
    (re.compile(r"(?<![\w)])_{1,3}(?=[^\s_])([^_]+)_{1,3}(?![\w(])"), r"\1"),
)
_WRAPPERS: Final = ("***", "___", "**", "__", "*", "_")


def read(source: Source) -> Grid:
    """Return the table whose header looks most like one of a shape table."""
    tables = list(_tables(source.text.split("\n")))
    if not tables:
        raise faults.no_table(source, READER)
    chosen = best([[row.cells for row in rows] for rows in tables])
    return build(source, READER, tables[chosen], clean=plain)


def plain(cell: str) -> str:
    r"""Return a cell without its markers.

    >>> plain(r"**(5\*5\*3 + 1)\*8** = `608`")
    '(5*5*3 + 1)*8 = 608'
    """
    text = _ESCAPE.sub(lambda found: chr(_FIRST + ord(found.group(1))), untex(cell))
    text = unescape(_ENDLESS.sub(" ", _BREAK.sub(" ", text))).strip()
    for wrapper in _WRAPPERS:
        if text.startswith(wrapper) and text.endswith(wrapper) and len(text) > 2 * len(wrapper):
            inner = text[len(wrapper) : -len(wrapper)]
            text = inner if wrapper not in inner else text
    for marker, shown in _MARKERS:
        text = marker.sub(shown, text)
    return squeeze(_ESCAPED.sub(lambda found: chr(ord(found.group()) - _FIRST), text))


def _tables(lines: Sequence[str]) -> Iterator[list[Row]]:
    """Yield the rows of every block of lines with bars: from above the first rule on, or all if there is no rule."""
    rows: list[Row] = []
    ruled = False
    for number, line in enumerate((*lines, ""), 1):
        rule = _is_rule(line)
        if "|" not in line and not (rule and "+" in line):
            if len(rows) > 1:
                yield rows
            rows, ruled = [], False
        elif rule and not ruled:
            rows, ruled = rows[-1:], bool(rows)
        elif not (rule and _LONG_RULE.search(line)):
            rows.append(Row(number, _split(line)))


def _is_rule(line: str) -> bool:
    return not line.strip(_RULE) and ("-" in line or "=" in line)


def _split(line: str) -> list[str]:
    """Return the cells between the bars of a line that are not escaped."""
    text = line.strip().lstrip("> \t").replace("\\\\", _BACKSLASH).replace("\\|", _BAR)
    cells = (text[1:].removesuffix("|") if text.startswith("|") else text).split("|")
    return [cell.replace(_BAR, "|").replace(_BACKSLASH, "\\\\") for cell in cells]


def looks_like(source: Source) -> bool:
    """Tell whether a text has the line below a header."""
    return any("|" in line and _BELOW_HEADER.fullmatch(line) for line in source.text.split("\n"))


READER: Final = Reader(
    name="markdown",
    called="Markdown",
    suffixes=("md", "markdown"),
    looked_for="a table with `|` between its cells",
    order=40,
    looks_like=looks_like,
)
