"""Where the edges of a graph run beside the rows of its table: in lanes, as in `git log --graph`.

A lane holds tracks: an edge on its way, then the layers of a branch, then the edge to the join. The first reader of a
row is on its track, every other one opens a track; a row that reads several is on the oldest. A track lies right of the
one that it leaves, and of all that it encloses: nested skips lie from the inside out without crossings.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, NamedTuple

from cnnspec.errors import UsageError

MOST_PASSED: Final = 300_000
"""How many rows all edges may pass together: a hundred lanes beside 3,000 rows."""


class Edge(NamedTuple):
    """An edge between two rows and its lane; one that is `open` leaves the track of its source."""

    source: int
    target: int
    lane: int
    open: bool


class Lanes(NamedTuple):
    """The lane of every row, every edge once, and how many lanes there are."""

    rows: tuple[int, ...]
    edges: tuple[Edge, ...]
    width: int


class _Track:
    """A track: the rows that it takes, the track that it leaves, how many lanes it has with those that leave it."""

    __slots__ = ("last", "offset", "parent", "start", "width")

    def __init__(self, start: int, parent: int | None) -> None:
        self.start = start
        self.last = start
        self.parent = parent
        self.offset = 0
        self.width = 1


def lay_out(sources: Sequence[Sequence[int]]) -> Lanes:
    """Return the lanes of rows, each of which reads rows above it; raise UsageError where nobody could follow them."""
    if sum(row - source for row, read in enumerate(sources) for source in read) > MOST_PASSED:
        message = "the drawing would have too many edges beside each other"
        raise UsageError.one("E705", message, help="draw a part with `--select`")
    readers: list[list[int]] = [[] for _ in sources]
    for row, read in enumerate(sources):
        for source in dict.fromkeys(read):
            readers[source].append(row)
    tracks: list[_Track] = []
    own: list[int] = []
    on: dict[tuple[int, int], int] = {}
    for row, read in enumerate(sources):
        if read:
            own.append(min(on[source, row] for source in read))
        else:
            own.append(len(tracks))
            tracks.append(_Track(row, None))
        for source in read:
            track = tracks[on[source, row]]
            track.last = max(track.last, row)
        for index, reader in enumerate(readers[row]):
            on[row, reader] = own[row] if index == 0 else len(tracks)
            if index:
                tracks.append(_Track(row + 1, own[row]))
    lanes = _pack(tracks)
    edges = tuple(Edge(*pair, lanes[track], lanes[track] != lanes[own[pair[0]]]) for pair, track in on.items())
    return Lanes(tuple(lanes[track] for track in own), edges, max(lanes, default=0) + 1)


def _pack(tracks: list[_Track]) -> list[int]:
    """Return the lane of every track."""
    children: dict[int | None, list[int]] = {}
    for index, track in enumerate(tracks):
        children.setdefault(track.parent, []).append(index)
    for index in reversed(range(len(tracks))):  # those that leave a track are younger
        track = tracks[index]
        leaving = [tracks[child] for child in children.get(index, ())]
        track.width = _place(sorted(leaving, key=lambda child: child.last - child.start), 1)
        track.last = max([track.last, *(child.last for child in leaving)])
    _place([tracks[index] for index in children.get(None, ())], 0)
    lanes: list[int] = []
    for track in tracks:
        lanes.append(track.offset + (0 if track.parent is None else lanes[track.parent]))
    return lanes


def _place(tracks: list[_Track], first: int) -> int:
    """Put tracks side by side, each in the first free lanes right of what it encloses; return how many they need."""
    taken: dict[int, int] = {}  # the lanes of a row, as bits
    inner: dict[int, tuple[list[int], list[int]]] = {}  # of the tracks from a row on: their last rows, where they end
    most = max(first, 1)
    for track in tracks:
        rows = range(track.start, track.last + 1)
        busy = 0
        track.offset = first
        for row in rows:
            busy |= taken.get(row, 0)
            lasts, ends = inner.get(row, ((), ()))
            if enclosed := bisect_right(lasts, track.last):
                track.offset = max(track.offset, ends[enclosed - 1])
        lanes = (1 << track.width) - 1
        while busy & (lanes << track.offset):
            track.offset += 1
        end = track.offset + track.width
        most = max(most, end)
        for row in rows:
            taken[row] = taken.get(row, 0) | (lanes << track.offset)
        lasts, ends = inner.setdefault(track.start, ([], []))
        at = bisect_right(lasts, track.last)
        lasts.insert(at, track.last)
        ends.insert(at, max([end, *ends[at - 1 : at]]))
        for later in range(at + 1, len(ends)):
            ends[later] = max(ends[later], end)
    return most
