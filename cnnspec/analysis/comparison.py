"""Networks side by side: their totals, how many times the first one's the others' are, and which layers differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from cnnspec.analysis.alignment import Pair, align
from cnnspec.analysis.measure import Row, Summary
from cnnspec.analysis.quantities import QUANTITIES, is_asked
from cnnspec.ir.shapes import Shape


class Side(NamedTuple):
    """A network with the words that its user wrote for it."""

    label: str
    summary: Summary

    @property
    def inputs(self) -> tuple[Shape, ...]:
        """The shapes that enter it."""
        return tuple(entry.shape for entry in self.summary.inputs)

    @property
    def outputs(self) -> tuple[Shape, ...]:
        """The shapes that leave it."""
        graph = self.summary.graph
        return tuple(graph[name].shape for name in graph.outputs)


class Figure(NamedTuple):
    """A total of every network; `least` tells of each whether some layers' share of it is not known."""

    name: str
    title: str
    values: tuple[int, ...]
    least: tuple[bool, ...]

    def ratio(self, place: int) -> float | None:
        """Return how many times the first network's it is, None where one of both is not known or the first is 0."""
        first = self.values[0]
        return None if not first or self.least[0] or self.least[place] else self.values[place] / first


class Status(StrEnum):
    """What became of a layer on the way from one network to the other."""

    EQUAL = "equal"
    CHANGED = "changed"
    REMOVED = "removed"
    ADDED = "added"


class Change(NamedTuple):
    """A layer in both networks, or in one of them."""

    status: Status
    left: Row | None
    right: Row | None

    def difference(self, name: str) -> int:
        """Return by how much a quantity is larger in the second network."""
        value = QUANTITIES[name].value
        counts = [int(value(row)) if row else 0 for row in (self.left, self.right)]  # type: ignore[arg-type] # no shape
        return counts[1] - counts[0]


class Comparison(NamedTuple):
    """Networks side by side; `changes` are the layers of the first two where these were asked for."""

    sides: tuple[Side, ...]
    figures: tuple[Figure, ...]
    changes: tuple[Change, ...] | None = None


def compare(sides: Sequence[Side], *, layers: bool = False) -> Comparison:
    """Return the totals of networks, and the layers of the first two in pairs where these are asked for."""
    changes = tuple(_changes(sides[0].summary, sides[1].summary)) if layers else None
    return Comparison(tuple(sides), tuple(_figures([side.summary for side in sides])), changes)


def _figures(summaries: Sequence[Summary]) -> Iterator[Figure]:
    yield Figure("layers", "Layers", tuple(len(summary) for summary in summaries), (False,) * len(summaries))
    for quantity in QUANTITIES.values():
        if quantity.total and all(is_asked(quantity, summary) for summary in summaries):
            values = tuple(quantity.total_of(summary) for summary in summaries)
            least = tuple(not quantity.is_known(summary.rows) for summary in summaries)
            yield Figure(quantity.key, quantity.title, values, least)


def _changes(left: Summary, right: Summary) -> Iterator[Change]:
    for pair in align(left.rows, right.rows):
        yield Change(_status(pair), pair.left, pair.right)


def _status(pair: Pair) -> Status:
    if pair.left is None:
        return Status.ADDED
    if pair.right is None:
        return Status.REMOVED
    return Status.EQUAL if _facts(pair.left) == _facts(pair.right) else Status.CHANGED


def _facts(row: Row) -> tuple[object, ...]:
    """Return what makes a layer the same in two networks, whatever it is called there."""
    return (row.node.layer, *(quantity.of(row) for quantity in QUANTITIES.values()))
