"""The search for numbers that fit: the simplest first, item by item, each tried in the whole spec."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from cnnspec.analysis.budgets import check
from cnnspec.analysis.measure import Summary, measure
from cnnspec.errors import SpecError, UsageError
from cnnspec.ir.graph import Graph
from cnnspec.solving.unknowns import Statement, Unknown, restored

MOST_LAYERS: Final = 200_000
"""Layers that are computed in a search, over all that is tried."""
SHAPES: Final = "E3"
"""How the codes of faults begin that other numbers may mend."""
Loader = Callable[[str], Graph]
"""Returns the graph of a text, or raises SpecError."""
Tell = Callable[[int, int], None]
"""Takes how many values are tried, and how many at most."""


class Solution(NamedTuple):
    """Values of the unknowns that fit, the network with them, and their places among the values that are tried."""

    values: tuple[int, ...]
    summary: Summary
    places: tuple[int, ...]


class Search(NamedTuple):
    """What was found among how many that were tried; `complete` tells whether these were all there are."""

    statement: Statement
    solutions: tuple[Solution, ...]
    tried: int
    complete: bool


def search(
    statement: Statement, load: Loader, most: int | None = None, tell: Tell = lambda _tried, _most: None
) -> Search:
    """Return the values that fit, the simplest first.

    `most` is how many are tried; unless given, as many as a bounded number of layers allows. `tell` hears of each.
    Raises SpecError where the spec has faults that no number mends, UsageError where there is nothing to find or to
    hold.
    """
    if not statement.unknowns:
        raise UsageError.one("E707", "the spec leaves no number open", help="write `?` for one: `conv: 10 ?/2 pad=?`")
    if not statement.has_conditions:
        step = "write `expect: 19x19x20` below a layer, or `expect: {params: <= 5M}` at the top of the file"
        raise UsageError.one("E707", "nothing says which numbers fit", help=step)
    layers = _demand_sound(statement, load)
    trial = _Trial(statement, load, most or max(MOST_LAYERS // max(layers, 1), 100), tell)
    solutions = sorted(trial.extend(), key=lambda solution: (sum(solution.places), solution.places))
    return Search(statement, tuple(solutions), trial.tried, not trial.cut)


def _demand_sound(statement: Statement, load: Loader) -> int:
    """Return how many layers the spec has, or a guess; raise SpecError for faults that are not of its numbers."""
    first = tuple(each.values[0] for each in statement.unknowns)
    try:
        return len(load(filled(statement, first)).nodes)
    except SpecError as error:
        lasting = [fault for fault in error.diagnostics if not fault.code.startswith(SHAPES)]
        if lasting:
            raise restored(SpecError(lasting), statement.source) from None
        return statement.source.text.count("\n")


class _Trial:
    """One search: how much of it is done, and whether it was cut short."""

    def __init__(self, statement: Statement, load: Loader, most: int, tell: Tell) -> None:
        self.tell = tell
        self.statement = statement
        self.load = load
        self.most = most
        self.tried = 0
        self.cut = False
        self.groups = _groups(statement)

    def extend(self, group: int = 0, places: tuple[int, ...] = ()) -> Iterator[Solution]:
        """Yield the solutions that begin with these places, one for each unknown of the groups before."""
        unknowns = self.groups[group]
        last = group == len(self.groups) - 1
        for chosen in simplest_first([len(each.values) for each in unknowns]):
            if self.tried == self.most:
                self.cut = True
                return
            self.tried += 1
            self.tell(self.tried, self.most)
            extended = (*places, *chosen)
            if not last:
                if self._holds_before(group + 1, extended):
                    yield from self.extend(group + 1, extended)
            elif summary := self._fitting(extended):
                yield Solution(self._numbers(extended), summary, extended)

    def _numbers(self, places: tuple[int, ...]) -> tuple[int, ...]:
        """Return the values at places, and the first ones of the unknowns behind them."""
        padded = (*places, *[0] * (len(self.statement.unknowns) - len(places)))
        return tuple(each.values[place] for each, place in zip(self.statement.unknowns, padded, strict=True))

    def _holds_before(self, group: int, places: tuple[int, ...]) -> bool:
        """Tell whether nothing is wrong in front of the item of a group."""
        numbers = self._numbers(places)
        longer = sum(len(str(number)) - 1 for number in numbers[: len(places)])
        end = self.groups[group][0].item + longer
        try:
            self.load(filled(self.statement, numbers))
        except SpecError as error:
            return all(fault.span is None or fault.span.start >= end for fault in error.diagnostics)
        return True

    def _fitting(self, places: tuple[int, ...]) -> Summary | None:
        try:
            summary = measure(self.load(filled(self.statement, self._numbers(places))))
        except SpecError:
            return None
        return None if any(fault.severity == "error" for fault in check(summary)) else summary


def _groups(statement: Statement) -> list[list[Unknown]]:
    """Return the unknowns item by item: what is wrong in front of an item does not depend on the numbers behind it.

    In a block it does, so that all unknowns of a spec with blocks are one group.
    """
    if statement.has_blocks:
        return [list(statement.unknowns)]
    return [list(group) for _, group in groupby(statement.unknowns, lambda unknown: unknown.item)]


def filled(statement: Statement, values: Sequence[int]) -> str:
    """Return the text of a spec with numbers for its unknowns."""
    text, done, parts = statement.source.text, 0, []
    for unknown, value in zip(statement.unknowns, values, strict=True):
        parts += [text[done : unknown.offset], str(value)]
        done = unknown.offset + 1
    return "".join([*parts, text[done:]])


def simplest_first(sizes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield all places in lists of these sizes, those with the smallest sum first.

    >>> list(simplest_first([2, 2]))
    [(0, 0), (0, 1), (1, 0), (1, 1)]
    """
    for total in range(sum(sizes) - len(sizes) + 1):
        yield from _with_sum(sizes, total)


def _with_sum(sizes: Sequence[int], total: int) -> Iterator[tuple[int, ...]]:
    if len(sizes) == 1:
        if total < sizes[0]:
            yield (total,)
        return
    rest = sum(sizes[1:]) - len(sizes[1:])
    for first in range(max(0, total - rest), min(total, sizes[0] - 1) + 1):
        for others in _with_sum(sizes[1:], total - first):
            yield (first, *others)


def lines_of(statement: Statement) -> dict[int, list[Unknown]]:
    """Return the unknowns by the lines that they stand in, counted from 1."""
    lines: dict[int, list[Unknown]] = {}
    for unknown in statement.unknowns:
        lines.setdefault(statement.source.position(unknown.offset)[0], []).append(unknown)
    return lines
