"""The lines of a text that is no spec yet: what is found wrong in them, and what they were meant to be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate
from typing import Final, NamedTuple

from cnnspec.errors import Diagnostic, shorten
from cnnspec.source import Source, Span

_BLOCK_TEXT: Final = re.compile(r"(?<![^:\s-])[|>][+-]?\d?$")
_QUOTED: Final = re.compile(r"""(?<![^\s\[{,:(=])(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')|\$\{[^{}]*\}""")
_COMMENT: Final = re.compile(r"(?<!\S)#.*")
GUESSED: Final = ("open", "quote", "mismatch")
"""Mistakes behind which a line may end in several ways."""
MOST_NAMED: Final = 8
"""Further lines that are named where the same is wrong in many."""


class Fault(NamedTuple):
    """What is wrong in a line, counted from 0, between two of its columns; `kind` is the same for the same mistake."""

    kind: str
    line: int
    start: int
    end: int
    message: str
    step: str


class Lines:
    """The lines as they stand and as they are mended so far; a line stays one line."""

    def __init__(self, source: Source) -> None:
        """Start without faults."""
        self.source = source
        self.original = source.text.split("\n")
        self.now = list(self.original)
        self.faults: list[Fault] = []

    def mend(self, kind: str, line: int, place: tuple[int, int], message: str, step: str, meant: str) -> None:
        """Keep a fault whose place is columns of the line as it is now, and let the line be what was meant."""
        start, end = (self._back(line, column) for column in place)
        self.faults.append(Fault(kind, line, start, max(end, start + 1), message, step))
        self.now[line] = meant

    def written(self) -> Iterator[tuple[int, str]]:
        """Yield the lines that say something, with their numbers: not those of a text that `|` or `>` begins."""
        depth = -1
        for number, line in enumerate(self.now):
            if not line.strip():
                continue
            if depth >= 0 and indent_of(line) > depth:
                continue
            depth = indent_of(line) if _BLOCK_TEXT.search(line.rstrip()) else -1
            if not line.lstrip().startswith("#"):
                yield number, line

    def is_guess(self, line: int) -> bool:
        """Tell whether a line, counted from 0, has an end of which only the writer knows where it belongs."""
        return any(fault.line == line and fault.kind in GUESSED for fault in self.faults)

    def mended(self) -> Source:
        """Return the text as it seems to be meant."""
        return Source(self.source.name, "\n".join(self.now))

    def diagnostics(self) -> list[Diagnostic]:
        """Return one diagnostic for each sort of mistake, at its first place."""
        starts = [0, *accumulate(len(line) + 1 for line in self.original)]
        found: dict[str, list[Fault]] = {}
        for fault in sorted(self.faults, key=lambda each: (each.line, each.start)):
            found.setdefault(fault.kind, []).append(fault)
        return [_diagnostic(self.source, starts, same) for same in found.values()]

    def back(self, span: Span, mended: Source) -> Span:
        """Return a place in the mended text as a place in the text as it stands."""
        starts = [0, *accumulate(len(line) + 1 for line in self.original)]
        ends = []
        for offset in (span.start, max(span.end - 1, span.start)):
            line, column = mended.position(offset)
            ends.append(starts[line - 1] + self._back(line - 1, column - 1))
        start = min(ends[0], max(len(self.source.text) - 1, 0))
        return Span(self.source, start, min(max(ends[1], start) + 1, max(len(self.source.text), start + 1)))

    def _back(self, line: int, column: int) -> int:
        """Return where a column of a line stood before the line was changed."""
        old, new = self.original[line], self.now[line]
        same = next((at for at, (left, right) in enumerate(zip(old, new, strict=False)) if left != right), len(old))
        if old == new or column <= same:
            return min(column, len(old))
        return min(max(len(old) - (len(new) - column), same), len(old))


def _diagnostic(source: Source, starts: list[int], same: list[Fault]) -> Diagnostic:
    first, *others = same
    numbers = list(dict.fromkeys(str(fault.line + 1) for fault in others if fault.line != first.line))
    named = ", ".join(numbers[:MOST_NAMED]) + (", …" if len(numbers) > MOST_NAMED else "")
    notes = (f"the same in line {named}" if len(numbers) == 1 else f"the same in lines {named}",) if numbers else ()
    at = min(starts[first.line] + first.start, max(len(source.text) - 1, 0))
    span = Span(source, at, max(min(starts[first.line] + first.end, len(source.text)), at + 1))
    return Diagnostic("E100", first.message, span, notes=notes, help=first.step)


def indent_of(line: str) -> int:
    """Return how many spaces a line begins with."""
    return len(line) - len(line.lstrip(" "))


def bare(line: str) -> str:
    """Return a line, character for character, without what quotes, expressions and comments hold.

    >>> bare('- conv: "a: b" # c: d')
    '- conv: qqqqqq       '
    """
    if '"' in line or "'" in line or "$" in line:
        line = _QUOTED.sub(lambda match: "q" * len(match[0]), line)
    return _COMMENT.sub(lambda match: " " * len(match[0]), line) if "#" in line else line


def shown(line: str) -> str:
    """Return a line as a message quotes it: without its indentation and its comment."""
    return shorten(line[: len(bare(line).rstrip())].strip(), 80).replace("`", "'")
