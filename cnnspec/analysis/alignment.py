"""Which layer of one network is which of another: what is equal first, then what is of one kind."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, NamedTuple

from cnnspec.analysis.measure import Row

MOST_COMPARED: Final = 1_000_000
"""Pairs of layers that are compared with each other; of longer stretches only names are."""


class Pair(NamedTuple):
    """A layer of the first network and the one of the second that stands in its place; None where there is none."""

    left: Row | None
    right: Row | None


def align(left: Sequence[Row], right: Sequence[Row]) -> list[Pair]:
    """Return the layers of two networks in pairs, in the order of both."""
    start = _common(left, right)
    end = _common(left[start:][::-1], right[start:][::-1])
    inner = left[start : len(left) - end], right[start : len(right) - end]
    pairs = [*zip(left[:start], right[:start], strict=True), *_middle(*inner)]
    return [Pair(*pair) for pair in (*pairs, *zip(left[len(left) - end :], right[len(right) - end :], strict=True))]


def _common(left: Sequence[Row], right: Sequence[Row]) -> int:
    """Return how many layers at the start of both are equal."""
    pairs = enumerate(zip(left, right, strict=False))
    differ = (place for place, (one, other) in pairs if one.node.layer != other.node.layer)
    return next(differ, min(len(left), len(right)))


def _middle(left: Sequence[Row], right: Sequence[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    if len(left) * len(right) > MOST_COMPARED:
        yield from _by_name(left, right)
        return
    for same, some, others in _stretches(left, right, lambda row: row.node.layer):
        if same:
            yield from zip(some, others, strict=True)
        else:
            yield from _by_kind(some, others)


def _by_kind(left: Sequence[Row], right: Sequence[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    for same, some, others in _stretches(left, right, lambda row: row.kind):
        if same:
            yield from zip(some, others, strict=True)
        else:
            yield from ((row, None) for row in some)
            yield from ((None, row) for row in others)


def _by_name(left: Sequence[Row], right: Sequence[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    """Yield pairs of one name; a layer whose name stands elsewhere in the other network is one that it lacks."""
    places = {row.name: place for place, row in enumerate(right)}
    done = 0
    for row in left:
        place = places.get(row.name, -1)
        if place < done:
            yield row, None
            continue
        yield from ((None, other) for other in right[done:place])
        yield row, right[place]
        done = place + 1
    yield from ((None, other) for other in right[done:])


def _stretches(
    left: Sequence[Row], right: Sequence[Row], key: Callable[[Row], Hashable]
) -> Iterator[tuple[bool, Sequence[Row], Sequence[Row]]]:
    """Yield stretches of both, and whether their keys are equal."""
    matcher = SequenceMatcher(None, [key(row) for row in left], [key(row) for row in right], autojunk=False)
    for tag, left_start, left_end, right_start, right_end in matcher.get_opcodes():
        yield tag == "equal", left[left_start:left_end], right[right_start:right_end]
