"""What can be wrong with a homework file, as diagnostics E401 to E405."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cnnspec.errors import SHOWN, CnnspecError, Diagnostic, shorten
from cnnspec.homework.tables.reader import Reader
from cnnspec.source import Source, Span

BYTES: Final = 5_000_000
MARKS: Final = 400_000
"""The most delimiters of a markup that are read: more than any table of the allowed size has."""


def no_table(source: Source, reader: Reader, found: str = "") -> CnnspecError:
    """Return E401, with what was looked for and perhaps what was found instead."""
    notes = (f"looked for {reader.looked_for}", *([found] if found else []))
    return CnnspecError.one("E401", f"no table was found in `{shorten(source.name)}`", notes=notes)


def ragged(source: Source, reader: Reader, rows: Sequence[tuple[int, int]], width: int) -> CnnspecError:
    """Return E402 for rows, given as their line and their number of cells, that are longer than the header."""
    return CnnspecError(
        [
            Diagnostic(
                code="E402",
                message=f"{reader.place} {line} has {count} cells, but the table has {width} columns",
                span=line_span(source, line),
                help=reader.ragged_step,
            )
            for line, count in rows[:SHOWN]
        ]
    )


def too_large(source: Source, message: str, *, line: int = 0) -> CnnspecError:
    """Return E403; the message goes on behind the name of the file."""
    span = line_span(source, line) if line else None
    return CnnspecError.one("E403", f"`{shorten(source.name)}` {message}", span=span)


def unreadable(
    source: Source, message: str, *, start: int | None = None, note: str = "", step: str = ""
) -> CnnspecError:
    """Return E404; the message goes on behind the name of the file, `start` is an offset into its text."""
    span = None if start is None else Span(source, start, start + 1)
    notes = (note,) if note else ()
    return CnnspecError.one("E404", f"`{shorten(source.name)}` {message}", span=span, notes=notes, help=step)


def refuse_size(content: bytes, name: str) -> None:
    """Raise CnnspecError where a file is larger than any homework."""
    if len(content) > BYTES:
        raise too_large(Source(name, ""), f"is {len(content):,} bytes long, more than the limit of {BYTES:,}")


def refuse_many(source: Source, marks: Sequence[str], limit: int = MARKS) -> None:
    """Raise CnnspecError where a text has so many delimiters that it is no homework and slow to read."""
    count = sum(source.text.count(mark) for mark in marks)
    if count > limit:
        signs = " and ".join(f"`{mark}`" for mark in marks)
        raise too_large(source, f"has {count:,} of the signs {signs}, more than the limit of {limit:,}")


def places(word: str, lines: Sequence[int]) -> str:
    """Return lines as one text, at most ten of them.

    >>> places("row", [3, 5, 9])
    'rows 3, 5 and 9'
    """
    shown = [str(line) for line in lines[:10]]
    if len(lines) > len(shown):
        shown.append(f"{len(lines) - len(shown)} more")
    *others, last = shown
    return f"{word}s {', '.join(others)} and {last}" if others else f"{word} {last}"


def line_span(source: Source, line: int) -> Span | None:
    """Return the characters of a line, or None where the file is no text."""
    if not source.text:
        return None
    start = sum(len(text) + 1 for text in source.text.split("\n", line)[: line - 1])
    end = source.text.find("\n", start)
    return Span(source, start, len(source.text) if end < 0 else end)
