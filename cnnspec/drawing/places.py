"""Where stations stand on the paper: in columns and lanes, or, where a network comes down and up again, in a U."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from cnnspec.drawing.lanes import Lanes, lay_out
from cnnspec.drawing.palette import INK, QUIET
from cnnspec.drawing.part import show_shape
from cnnspec.drawing.scene import Words
from cnnspec.drawing.solids import Box, Scale, axes
from cnnspec.drawing.stations import Station
from cnnspec.drawing.svg import fit, measure

RADIUS: Final = 9
"""That of a join's circle."""
SIZE: Final = 10.5
LINE: Final = 14
NARROW: Final = 80
"""The width of labels, where no word is wider."""
WIDEST: Final = 190
APART: Final = 12
"""What is between labels."""
GAP: Final = 30
"""What is between volumes: room for arrows and windows."""
RATIO: Final = 1.5
"""By how much a map must shrink or grow for another level of a U."""


class Label(NamedTuple):
    """The lines under a station, the first in bold, and how wide they are."""

    lines: tuple[str, ...]
    width: float

    @property
    def height(self) -> float:
        """How high the lines are together."""
        return LINE * len(self.lines)

    def at(self, x: float, y: float) -> Iterator[Words]:
        """Yield the lines around x, the first with its baseline at y."""
        for index, line in enumerate(self.lines):
            colour = QUIET if index else INK
            yield Words(x, y + LINE * index, line, SIZE, colour, "middle", bold=not index)


def label_of(station: Station) -> Label:
    """Return the label of a station: its shape, its caption, and the words of quiet layers, broken where it is long."""
    shape = show_shape(station.shape)
    room = max(measure(shape, SIZE, bold=True), NARROW, *(measure(line, SIZE) for line in station.caption))
    room = min(room, WIDEST)
    lines = [fit(line, room, SIZE) for line in station.caption]
    row = ""
    for word in station.words:
        longer = f"{row} {word}".strip()
        if row and measure(longer, SIZE) > room:
            lines.append(row)
            longer = fit(word, room, SIZE)
        row = longer
    lines += [row] if row else []
    width = max(measure(shape, SIZE, bold=True), *(measure(line, SIZE) for line in lines))
    return Label((fit(shape, WIDEST, SIZE), *lines), width)


@dataclass(slots=True)
class Place:
    """Where a station stands: the middle of what is seen of it, and the baseline of the first line of its label."""

    station: Station
    box: Box
    label: Label
    x: float = 0
    y: float = 0
    baseline: float = 0

    @property
    def left(self) -> float:
        """Where its front begins."""
        return self.x - self.box.width / 2

    @property
    def right(self) -> float:
        """Where it ends, its depth included."""
        return self.x + self.box.width / 2

    @property
    def extent(self) -> float:
        """How wide it is with its label."""
        return max(self.box.width, self.label.width)


class Plan(NamedTuple):
    """All places, the lanes of the edges, the height of each lane or level, and where the plan ends."""

    places: list[Place]
    lanes: Lanes
    heights: list[float]
    levels: list[int]
    right: float
    bottom: float

    @property
    def is_u(self) -> bool:
        """Whether it is a U."""
        return bool(self.levels)


def plan(stations: Sequence[Station], scale: Scale, left: float, top: float) -> Plan:
    """Return the places of stations below and right of a point."""
    circle = Box(2 * RADIUS, 2 * RADIUS, 0, 0)
    places = [Place(each, circle if each.circle else scale.box(each), label_of(each)) for each in stations]
    lanes = lay_out([[source for source, _ in each.sources] for each in stations])
    levels = _levels(stations, lanes)
    if levels:
        heights, bottom = _down(places, levels, top)
        _along_u(places, levels, left)
    else:
        heights, bottom = _up(places, lanes, top)
        _in_columns(places, lanes, left)
    right = max(max(place.right, place.x + place.label.width / 2) for place in places)
    return Plan(places, lanes, heights, levels, right, bottom)


def _levels(stations: Sequence[Station], lanes: Lanes) -> list[int]:
    """Return how far down each station of a U is, nothing where there is none: copies must stay on their level."""
    levels = [0]
    for before, station in pairwise(stations):
        shrinks = _side(before) / _side(station) if len(station.shape) > 1 < len(before.shape) else 1
        levels.append(levels[-1] + (shrinks >= RATIO) - (shrinks <= 1 / RATIO))
    skips = [edge for edge in lanes.edges if edge.target != edge.source + 1]
    follows = all(any(source == at for source, _ in each.sources) for at, each in enumerate(stations[1:]))
    level = all(levels[edge.source] == levels[edge.target] for edge in skips)
    rises = any(after < before for before, after in pairwise(levels))
    return levels if skips and follows and level and rises and min(levels) == 0 else []


def _side(station: Station) -> float:
    height, width, _ = axes(station.shape)
    return max(height, width)


def _row(places: Sequence[Place], top: float) -> tuple[float, float]:
    """Put places on one line below a height, their labels on one baseline; return that line and where they end."""
    tall = max((place.box.tall for place in places), default=0)
    for place in places:
        place.y = top + tall / 2
        place.baseline = top + tall + 19
    return top + tall / 2, top + tall + 8 + max((place.label.height for place in places), default=0)


def _down(places: Sequence[Place], levels: Sequence[int], top: float) -> tuple[list[float], float]:
    heights = []
    for level in range(max(levels) + 1):
        y, end = _row([place for place, own in zip(places, levels, strict=True) if own == level], top)
        heights.append(y)
        top = end + 24
    return heights, top - 24


def _up(places: Sequence[Place], lanes: Lanes, top: float) -> tuple[list[float], float]:
    """Put each lane above the one before; one without a station is as high as its edges need."""
    heights = [0.0] * lanes.width
    for lane in reversed(range(lanes.width)):
        here = [place for place, own in zip(places, lanes.rows, strict=True) if own == lane]
        if here:
            heights[lane], end = _row(here, top)
            top = end + 16
        else:
            heights[lane], top = top + 12, top + 24
    return heights, top - 16


def _along_u(places: Sequence[Place], levels: Sequence[int], left: float) -> None:
    """Put places side by side; what goes down stands below the one before it."""
    places[0].x = left + places[0].extent / 2
    for (before, place), (above, level) in zip(pairwise(places), pairwise(levels), strict=True):
        place.x = before.x if level > above else before.x + _distance(before, place, single=True)
        place.x = max(place.x, left + place.extent / 2)


def _in_columns(places: Sequence[Place], lanes: Lanes, left: float) -> None:
    """Put each place in the column behind the last one that it reads, or in one of its own where two would collide."""
    numbers: list[int] = []
    for place in places:
        numbers.append(1 + max((numbers[source] for source, _ in place.station.sources), default=-1))
    if not _is_clear(numbers, lanes):
        numbers = list(range(len(places)))
    columns: list[list[Place]] = [[] for _ in range(max(numbers) + 1)]
    for number, place in zip(numbers, places, strict=True):
        columns[number].append(place)
    single = all(len(each) == 1 for each in columns)
    x = left + max(place.extent for place in columns[0]) / 2
    for index, here in enumerate(columns):
        if index:
            x += max(_distance(before, place, single=single) for before in columns[index - 1] for place in here)
        for place in here:
            place.x = x


def _is_clear(numbers: Sequence[int], lanes: Lanes) -> bool:
    """Tell whether in these columns no place stands on another, or on an edge that it does not end."""
    taken = set(zip(numbers, lanes.rows, strict=True))
    crossed = (
        (number, edge.lane) in taken
        for edge in lanes.edges
        for number in range(numbers[edge.source] + 1, numbers[edge.target])
    )
    return len(taken) == len(numbers) and not any(crossed)


def _distance(before: Place, place: Place, *, single: bool) -> float:
    """Return how far two neighbours are apart; a single row lets labels reach under what is beside it."""
    if not single:
        return (before.extent + place.extent) / 2 + GAP
    volumes = (before.box.width + place.box.width) / 2 + GAP
    return max(volumes, (before.label.width + place.label.width) / 2 + APART)
