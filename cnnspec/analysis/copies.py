"""Copies of blocks folded for a drawing, and the different forms that the copies of one block have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from cnnspec.analysis.folding import TableRow, block_row, node_row
from cnnspec.analysis.measure import Row, Summary
from cnnspec.ir.graph import Copy


class Folded(NamedTuple):
    """A row of a table and how deep the block is nested whose copies are folded in it: 0 where it is a node."""

    row: TableRow
    level: int = 0


@dataclass(frozen=True, slots=True)
class Form:
    """The copies of a block that have the same layers with the same connections; `rows` are those of the first."""

    block: str
    level: int
    copies: tuple[str, ...]
    of: int
    rows: tuple[Row, ...]
    structure: Hashable = ()


def fold_copies(summary: Summary, rows: Sequence[Row], level: int = 1) -> Iterator[Folded]:
    """Yield a row per node, and one for copies of a block, nested so many levels deep, that follow each other.

    These are made by one `repeat`, or have the same output shape, and each reads the one before. What is there once is
    not folded, and the blocks in it are folded in its place.
    """
    copies = [(key, list(members)) for key, members in groupby(rows, lambda row: row.node.scope[level - 1 : level])]
    times = Counter(key[0].block for key, _ in copies if key)
    run: list[list[Row]] = []
    for key, members in copies:
        if run and not (key and _goes_on(run[-1], members, level)):
            yield Folded(block_row(summary, [row for each in run for row in each], level), level)
            run = []
        if not key:
            yield from (Folded(node_row(summary, row)) for row in members)
        elif times[key[0].block] == 1:
            yield from fold_copies(summary, members, level + 1)
        else:
            run.append(members)
    if run:
        yield Folded(block_row(summary, [row for each in run for row in each], level), level)


def _goes_on(above: list[Row], rows: list[Row], level: int) -> bool:
    """Tell whether a copy belongs to the row of the one above it."""
    before, copy = above[-1].node.scope[level - 1], rows[0].node.scope[level - 1]
    if before.block != copy.block or (before.run != copy.run and above[-1].shape != rows[-1].shape):
        return False
    return not _outside(rows).isdisjoint(row.name for row in above)


def _outside(rows: Iterable[Row]) -> set[str]:
    """Return what nodes read of others."""
    rows = list(rows)
    return {name for row in rows for name in row.node.inputs} - {row.name for row in rows}


def forms_of(folded: Iterable[Folded]) -> list[Form]:
    """Return the forms that the copies in folded rows have, in the order of their first copies."""
    found: dict[tuple[Any, ...], list[tuple[Copy, list[Row]]]] = {}
    times: Counter[str] = Counter()
    for row, level in folded:
        for key, rows in _copies_in(row, level):
            times[key.block] += 1
            found.setdefault((level, key.block, *_structure(rows, level)), []).append((key, rows))
    return [
        Form(block, level, tuple(copy.name for copy, _ in copies), times[block], tuple(copies[0][1]), tuple(structure))
        for (level, block, *structure), copies in found.items()
    ]


def _copies_in(row: TableRow, level: int) -> Iterator[tuple[Copy, list[Row]]]:
    """Yield the copies that are folded in a row, each with its nodes."""
    if level:
        for copy, rows in groupby(row.members, lambda each: each.node.scope[level - 1]):
            yield copy, list(rows)


def _structure(rows: list[Row], level: int) -> Iterator[object]:
    """Yield per node what makes a copy another than one of other numbers: its kind, what it reads, its inner blocks."""
    places = {row.name: place for place, row in enumerate(rows)}
    outside: dict[str, int] = {}
    for row in rows:
        reads = tuple(
            places[name] if name in places else -1 - outside.setdefault(name, len(outside)) for name in row.node.inputs
        )
        yield row.kind, reads, tuple(copy.block for copy in row.node.scope[level:])
