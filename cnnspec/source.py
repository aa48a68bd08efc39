"""Text and places in it: the only module that turns an offset into a line and a column."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple


class Source(NamedTuple):
    """A text with the name under which the user knows it."""

    name: str
    text: str

    def __repr__(self) -> str:
        return f"<cnnspec.Source {self.name}: {len(self.text):,} characters>"

    def position(self, offset: int) -> tuple[int, int]:
        r"""Return the line and the column of an offset, both counted from 1.

        >>> Source("a.yaml", "one\ntwo").position(5)
        (2, 2)
        """
        starts = _line_starts(self.text)
        line = bisect_right(starts, max(offset, 0))
        return line, offset - starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Return the text of a line, counted from 1, without its line end."""
        starts = _line_starts(self.text)
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")


@lru_cache(maxsize=8)
def _line_starts(text: str) -> list[int]:
    return [0, *accumulate(len(line) + 1 for line in text.split("\n")[:-1])]


class Span(NamedTuple):
    """The characters from `start` up to, not including, `end` of a source."""

    source: Source
    start: int
    end: int

    @property
    def position(self) -> tuple[int, int]:
        """The line and the column of the first character, both counted from 1."""
        return self.source.position(self.start)

    @property
    def place(self) -> str:
        """The place as compilers write it, with line and column."""
        return ":".join(map(str, (self.source.name, *self.position)))

    @property
    def text(self) -> str:
        """The characters themselves."""
        return self.source.text[self.start : self.end]

    @property
    def rest_of_line(self) -> Span:
        """Everything from the first character to the end of its line, one character at least."""
        line, column = self.position
        length = len(self.source.line(line)) - column + 1
        return Span(self.source, self.start, self.start + max(length, 1))
