"""Where the edges of a graph run beside the rows of its table: in lanes, as in `git log --graph`.

A lane holds tracks: an edge on its way, then the layers of a branch, then the edge to the join. The first reader of a
row is on its track, every other one opens a track; a row that reads several is on the oldest. A track lies right of the
one that it leaves, and of all shorter ones that it passes: nested skips lie from the inside out without crossings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


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
    """Return the lanes of rows, each of which reads rows above it."""
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
    """Put tracks side by side, each right of all that were put at one of its rows; return how many lanes they need."""
    taken: dict[int, int] = {}
    most = first
    for track in tracks:
        rows = range(track.start, track.last + 1)
        track.offset = max([first, *(taken.get(row, first) for row in rows)])
        most = max(most, track.offset + track.width)
        taken.update(dict.fromkeys(rows, track.offset + track.width))
    return max(most, 1)
