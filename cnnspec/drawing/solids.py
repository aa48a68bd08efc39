"""Volumes to scale in oblique projection: channels to the right, height upwards, width into the depth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate
from math import cos, prod, radians, sin
from typing import Final, NamedTuple

from cnnspec.drawing.scene import Group, Point, Polygon, Shape, Step, Stroke
from cnnspec.drawing.stations import Piece, Station
from cnnspec.ir import shapes

TALLEST: Final = 150
DEEPEST: Final = 54
SMALLEST: Final = 2.5
WIDEST: Final = 110
"""How far the widest map may recede."""
FORESHORTENED: Final = 0.42
ANGLE: Final = radians(38)
THICK: Final = 8
"""How thick the column of a vector is."""
SLICE: Final = 2.2
"""From which thickness on the slices of channels are seen."""
STEEPEST: Final = 8
"""By how much sizes may differ to be drawn in proportion, and above which square roots are."""
MANY: Final = 64
"""The number of channels above which square roots are drawn."""
HATCH: Final = 6


class Box(NamedTuple):
    """The lengths of a solid in pixels: along the channels, upwards, and how far the top right corner is displaced."""

    length: float
    height: float
    right: float
    up: float

    @property
    def width(self) -> float:
        """How wide it is on the paper."""
        return self.length + self.right

    @property
    def tall(self) -> float:
        """How high it is on the paper."""
        return self.height + self.up


class Scale(NamedTuple):
    """The law of lengths: k·n^p, with one p for height, width and channels, and one for vectors."""

    p: float
    spatial: float
    channels: float
    vector_p: float
    vector: float
    maps: bool
    vectors: bool

    @property
    def words(self) -> str:
        """The law in words."""
        said = {1.0: "to scale", 0.5: "drawn as square roots"}
        if not self.vectors or (self.maps and self.p == self.vector_p):
            return f"lengths {said[self.p]}"
        if not self.maps:
            return f"lengths {said[self.vector_p]}"
        return f"lengths {said[self.p]}, vectors {said[self.vector_p].removeprefix('drawn ')}"

    def box(self, station: Station) -> Box:
        """Return the lengths of what a station draws, all of its equal ones together."""
        if station.is_vector:
            height = max(self.vector * station.shape[0] ** self.vector_p, SMALLEST)
            return _box(THICK * station.count, height, THICK / FORESHORTENED)
        height, width, channels = axes(station.shape)
        return _box(
            max(self.channels * channels**self.p, SMALLEST) * station.count,
            max(self.spatial * height**self.p, SMALLEST),
            max(self.spatial * width**self.p, SMALLEST / FORESHORTENED),
        )


def _box(length: float, height: float, width: float) -> Box:
    depth = width * FORESHORTENED
    return Box(length, height, depth * cos(ANGLE), depth * sin(ANGLE))


def axes(shape: shapes.Shape) -> tuple[int, int, int]:
    """Return height, width and channels of a map: a sequence has width 1, the slices of a volume count as channels."""
    if len(shape) == 2:
        return shape[0], 1, shape[1]
    return shape[-3], shape[-2], shape[-1] * prod(shape[:-3])


def scale_for(stations: Iterable[Station]) -> Scale:
    """Return the law that fits the sizes of stations."""
    drawn = [station for station in stations if not station.circle]
    maps = [axes(station.shape) for station in drawn if not station.is_vector] or [(1, 1, 1)]
    sides = [side for height, width, _ in maps for side in ((height, width) if width > 1 else (height,))]
    most = max(channels for *_, channels in maps)
    p = 1.0 if max(sides) <= STEEPEST * min(sides) and most <= MANY else 0.5
    tallest, widest = (max(each[axis] for each in maps) ** p for axis in (0, 1))
    spatial = min(TALLEST / tallest, WIDEST / FORESHORTENED / widest)
    vectors = [station.shape[0] for station in drawn if station.is_vector] or [1]
    vector_p = 1.0 if max(vectors) <= STEEPEST * min(vectors) else 0.5
    return Scale(
        p,
        spatial,
        min(DEEPEST / most**p, spatial),
        vector_p,
        TALLEST / max(vectors) ** vector_p,
        maps=any(not station.is_vector for station in drawn),
        vectors=any(station.is_vector for station in drawn),
    )


def solid(station: Station, box: Box, x: float, y: float) -> Group:
    """Return the volume of a station: its front begins at x, and y is the middle of all that is seen of it."""
    top = y - box.tall / 2 + box.up
    bottom = top + box.height
    pieces = station.pieces or (Piece(1, station.faces, station.hatched),) * station.count
    whole = sum(piece.channels for piece in pieces)
    ends = [x + box.length * share / whole for share in accumulate((piece.channels for piece in pieces), initial=0)]
    drawn: list[Shape] = []
    for piece, left, right in zip(pieces, ends, ends[1:], strict=False):
        faces, share = piece.faces, piece.channels / whole if station.pieces else 1
        over = ((left, top), (left + box.right, top - box.up), (right + box.right, top - box.up), (right, top))
        front = ((left, top), (right, top), (right, bottom), (left, bottom))
        drawn.append(Polygon(over, faces.top, faces.line, dashed=station.dashed))
        drawn.append(Polygon(front, faces.front, faces.line, dashed=station.dashed))
        lines = tuple(_hatching(left, top, right, bottom)) if piece.hatched else ()
        if not lines and not station.is_vector:
            lines = tuple(_slices(front, box, round(axes(station.shape)[2] * share)))
        drawn += [Stroke(lines, faces.line, 0.5)] if lines else []
    faces = pieces[-1].faces
    drawn.append(Polygon(_side(box, x, top), faces.side, faces.line, dashed=station.dashed))
    return Group(station.about, tuple(drawn))


def _side(box: Box, x: float, top: float) -> tuple[Point, ...]:
    right = x + box.length
    far = right + box.right
    bottom = top + box.height
    return ((right, top), (far, top - box.up), (far, bottom - box.up), (right, bottom))


def _slices(front: tuple[Point, ...], box: Box, count: int) -> Iterator[tuple[Step, ...]]:
    """Yield the lines between channels over front and top, where the slices are thick enough."""
    (left, top), (right, bottom) = front[0], front[2]
    if count > 1 and (right - left) / count >= SLICE:
        for index in range(1, count):
            x = left + (right - left) * index / count
            yield (x, bottom), (x, top), (x + box.right, top - box.up)


def _hatching(left: float, top: float, right: float, bottom: float) -> Iterator[tuple[Step, ...]]:
    """Yield lines at 45° over an upright rectangle."""
    total = (right - left) + (bottom - top)
    for index in range(1, int(total / HATCH) + 1):
        far = index * HATCH
        start = (left + far, top) if left + far <= right else (right, top + far - (right - left))
        end = (left, top + far) if top + far <= bottom else (left + far - (bottom - top), bottom)
        if start != end:
            yield start, end


def window_on(station: Station, box: Box, x: float, y: float, size: tuple[int, ...]) -> tuple[Point, ...]:
    """Return the four corners of a window on the side of a volume: f of n elements cover f/n of it."""
    height, width, _ = axes(station.shape)
    sizes = size[-2:] if len(size) > 1 else (size[0], 1)
    tall = min(max(box.height * sizes[0] / height, 4), box.height)
    share = min(max(sizes[1] / width, 4 / max(box.right, 4)), 1)
    top = y - box.tall / 2 + box.up
    left, above = x + box.length + (1 - share) * 0.45 * box.right, top + (box.height - tall) * 0.42
    above -= (1 - share) * 0.45 * box.up
    right = (share * box.right, share * box.up)
    return (
        (left, above),
        (left + right[0], above - right[1]),
        (left + right[0], above + tall - right[1]),
        (left, above + tall),
    )
