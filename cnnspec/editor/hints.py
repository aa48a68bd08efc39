"""What stands at the end of a layer's line: its shape and its parameters, of all copies together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from cnnspec.analysis.columns import show_cell, total_cell
from cnnspec.analysis.measure import Row
from cnnspec.analysis.quantities import MACS, PARAMS, Quantity
from cnnspec.editor.document import Document
from cnnspec.ir.shapes import Shape, show

UNITS = {PARAMS: "parameters", MACS: "MACs"}


class Hint(NamedTuple):
    """A text behind the last character of a line, and more of it for who points at it."""

    offset: int
    text: str
    more: str = ""


class Made(NamedTuple):
    """What one word of the text makes: so many times, with these shapes at first and at last, in these rows."""

    offset: int
    times: int
    first: Shape
    last: Shape
    rows: list[Row]

    @property
    def text(self) -> str:
        """The hint of a line that has this word alone."""
        times = f"×{self.times} " if self.times > 1 else ""
        shapes = show(self.last) if self.first == self.last else f"{show(self.first)} … {show(self.last)}"
        return f"{times}→ {shapes}{_amounts(self.rows, (PARAMS,))}"


def hints(document: Document) -> list[Hint]:
    """Return the hints of all lines that make layers, and the totals at the list of layers.

    A faulty text has those of the layers above its first error, and no totals.

    Several layers on one line have the shape behind the last of them, and the sum of their parameters.
    """
    return sorted([*_totals(document), *_lines(document)])


def _lines(document: Document) -> Iterator[Hint]:
    words_in_order = sorted(made(document), key=lambda word: word.offset)
    for end, each in groupby(words_in_order, lambda word: _end_of_line(document, word.offset)):
        words = list(each)
        rows = [row for word in words for row in word.rows]
        text = words[0].text if len(words) == 1 else f"→ {show(words[-1].last)}{_amounts(rows, (PARAMS,))}"
        yield Hint(end, text, _amounts(rows, (PARAMS, MACS)).removeprefix(" · "))


def made(document: Document) -> Iterator[Made]:
    """Yield what every word of the text makes; a call of a block makes whole copies."""
    for offset, copies in document.copies.items():
        groups = list(copies.values())
        rows = [row for group in groups for row in group]
        yield Made(offset, len(groups), groups[0][-1].shape, groups[-1][-1].shape, rows)
    for offset, rows in document.rows.items():
        if offset not in document.copies:
            yield _layer(offset, rows)


def _layer(offset: int, rows: list[Row]) -> Made:
    """Return what the word of a kind makes: the same kinds in every copy, as those of `conv: 8 3x3 bn relu`."""
    times = sum(row.kind == rows[0].kind for row in rows)
    ends = [row.shape for row in rows if row.kind == rows[-1].kind]
    return Made(offset, times, ends[0], ends[-1], rows)


def _totals(document: Document) -> Iterator[Hint]:
    summary = document.summary
    for item in document.outline.items:
        if summary and item.head.text == "layers":
            parts = [f"{show_cell(total_cell(each, summary))} {unit}" for each, unit in UNITS.items()]
            yield Hint(_end_of_line(document, item.start), f"= {' · '.join(parts)}")


def _amounts(rows: Sequence[Row], quantities: Iterable[Quantity]) -> str:
    """Return sums of quantities as a text that begins with a separator; nothing of what is 0."""
    parts = [_amount(rows, each) for each in quantities if not each.is_known(rows) or each.sum(rows)]
    return "".join(f" · {part}" for part in parts)


def _amount(rows: Sequence[Row], quantity: Quantity) -> str:
    unit = UNITS[quantity]
    return f"{show_cell(quantity.sum(rows))} {unit}" if quantity.is_known(rows) else f"{unit} unknown"


def _end_of_line(document: Document, offset: int) -> int:
    text = document.text
    end = text.find("\n", offset)
    return offset + len(text[offset : end if end >= 0 else None].rstrip())
