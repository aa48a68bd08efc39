"""Brackets and quotes that are opened and never closed, or closed by another sign."""

from __future__ import annotations

import re
from typing import Final

from cnnspec.text.lines import Lines, bare, indent_of, shown

_PAIRS: Final = {"{": "}", "[": "]"}
_BEFORE: Final = ":,[{("
_QUOTE: Final = re.compile(r"(?:[:,\[{-]\s+|[\[{,]|^\s*)([\"'])")
_NEW: Final = re.compile(r"\s*(- |[A-Za-z_]\w*:(\s|$))")


def check_brackets(lines: Lines) -> None:
    """Find where a quote or a bracket is opened that nothing closes, and close it at the end of its line."""
    open_: list[tuple[str, int, int]] = []
    for number, _ in list(lines.written()):
        line = lines.now[number]
        if open_ and _NEW.match(line) and indent_of(line) <= indent_of(lines.now[open_[0][1]]):
            _close(lines, open_)
        if not open_:
            _quote(lines, number, line)
        open_ = _walk(lines, number, open_)
    _close(lines, open_)


def _walk(lines: Lines, number: int, open_: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Return what is open behind a line, and mend what is closed by another sign."""
    plain = bare(lines.now[number])
    opened, at = list(open_), 0
    was_open, end = bool(open_), len(plain.rstrip(" ]}"))
    while at < len(plain):
        char = plain[at]
        if char in _PAIRS and (opened or _begins(plain, at)):
            opened.append((char, number, at))
            was_open = True
        elif char in _PAIRS.values() and opened:
            if _PAIRS[opened[-1][0]] == char:
                opened.pop()
            else:
                opened = _mismatch(lines, number, at, opened)
                return _walk(lines, number, list(open_)) if opened is open_ else opened
        elif char in _PAIRS.values() and was_open and at + 1 >= end:
            line = lines.now[number]
            meant = line[:at] + line[at + 1 :]
            step = f"remove it: `{shown(meant)}`"
            lines.mend("closes", number, (at, at + 1), f"`{char}` closes nothing", step, meant)
            return opened
        at += 1
    return opened


def _begins(plain: str, at: int) -> bool:
    """Tell whether a value begins at a place: at the start of the line, behind a dash, or behind a sign."""
    while at and plain[at - 1].isspace():
        at -= 1
    return not at or plain[at - 1] in _BEFORE or (plain[at - 1] == "-" and not plain[:at].strip("- "))


def _mismatch(lines: Lines, number: int, at: int, opened: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Mend a bracket that is closed by the other sign; return what is open behind the line."""
    char, start, column = opened[-1]
    line = lines.now[number]
    below = opened[-2][0] if len(opened) > 1 else ""
    wanted = _PAIRS[char]
    keeps = _PAIRS.get(below) == line[at]
    meant = line[:at] + wanted + (line[at:] if keeps else line[at + 1 :])
    message = f"`{char}` is closed by `{line[at]}`"
    place = (column, column + 1) if start == number else (at, at + 1)
    lines.mend("mismatch", number, place, message, f"close it with `{wanted}`: `{shown(meant)}`", meant)
    return opened[:-2] if keeps else opened[:-1]


def _close(lines: Lines, open_: list[tuple[str, int, int]]) -> None:
    """Close all brackets that are open, at the end of the line that opened the last of them."""
    if not open_:
        return
    char, number, column = open_[-1]
    line = lines.now[number]
    end = len(bare(line).rstrip())
    closing = "".join(_PAIRS[bracket] for bracket, _, _ in reversed(open_))
    meant = f"{line[:end].rstrip(', ')}{closing}{line[end:]}"
    message = f"`{char}` is opened here and never closed"
    lines.mend(
        "open", number, (column, column + 1), message, f"close it with `{_PAIRS[char]}`: `{shown(meant)}`", meant
    )
    open_.clear()


def _quote(lines: Lines, number: int, line: str) -> None:
    """Find a quote that begins a value and has no other one in its line."""
    plain = bare(line)
    match = _QUOTE.search(plain)
    if match is None:
        return
    at, sign = match.start(1), match[1]
    inside = plain[:at].count("{") + plain[:at].count("[") > plain[:at].count("}") + plain[:at].count("]")
    stop = re.search(r"[,\]}]", plain[at:]) if inside else None
    end = at + stop.start() if stop else len(plain.rstrip())
    meant = f"{line[:end]}{sign}{line[end:]}"
    message = f"a quote `{sign}` is opened here and never closed"
    lines.mend("quote", number, (at, at + 1), message, f"close it with `{sign}`: `{shown(meant)}`", meant)
