"""How one volume becomes the next: windows with their rays, wedges of dense layers, arrows, copies and sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import hypot
from typing import Final

from cnnspec.drawing.lanes import Edge
from cnnspec.drawing.palette import DENSE, JOIN, QUIET, Colour, faces_of
from cnnspec.drawing.places import RADIUS, SIZE, Place, Plan
from cnnspec.drawing.scene import Point, Polygon, Shape, Step, Stroke, Words
from cnnspec.drawing.solids import window_on
from cnnspec.drawing.svg import fit
from cnnspec.ir.role import Role

HEAD: Final = 7
"""The length of the head of an arrow."""
BEND: Final = 6
CLEAR: Final = 4
"""What an arrow leaves free at its ends."""
LEAVING: Final = 0.28
"""How far above its middle an edge to another lane leaves a volume, clear of the window's rays."""
TINT: Final = 0.28


def wedges(plan: Plan) -> Iterator[Shape]:
    """Yield what lies behind the volumes: a wedge for each dense layer between vectors."""
    for edge in plan.lanes.edges:
        source, target = plan.places[edge.source], plan.places[edge.target]
        if is_straight(plan, edge) and _is_wedge(source, target):
            top, bottom = _span(source)
            front, low = _span(target)
            up = source.box.up
            corners = ((source.right, top - up), (target.left, front), (target.left, low), (source.right, bottom - up))
            yield Polygon(corners, DENSE.front, opacity=TINT)


def transitions(plan: Plan) -> Iterator[Shape]:
    """Yield what lies over the volumes: every edge once, as far as it is no wedge."""
    for edge in plan.lanes.edges:
        source, target = plan.places[edge.source], plan.places[edge.target]
        word = dict(target.station.sources)[edge.source]
        if is_straight(plan, edge):
            yield from _straight(source, target, word)
        elif plan.levels:
            yield from _in_u(plan, edge, word)
        else:
            yield from _routed(plan, edge, word)


def is_straight(plan: Plan, edge: Edge) -> bool:
    """Tell whether an edge goes to the next volume beside."""
    if plan.levels:
        return edge.target == edge.source + 1 and plan.levels[edge.source] == plan.levels[edge.target]
    return edge.lane == plan.lanes.rows[edge.source] == plan.lanes.rows[edge.target]


def _is_wedge(source: Place, target: Place) -> bool:
    vectors = source.station.is_vector and target.station.is_vector
    return vectors and target.station.role is Role.DENSE and not source.station.circle


def _span(place: Place) -> tuple[float, float]:
    """Return top and bottom of the front of a volume."""
    top = place.y - place.box.tall / 2 + place.box.up
    return top, top + place.box.height


def _straight(source: Place, target: Place, word: str) -> Iterator[Shape]:
    window = target.station.window
    flat = source.station.is_vector or source.station.circle
    if window and not window.spread and not flat and not word and not target.station.pieces:
        faces = faces_of(target.station.role)
        corners = window_on(source.station, source.box, source.left, source.y, window.size)
        end = _entry(target)
        yield Polygon(corners, faces.top, faces.line, 0.8, opacity=0.85)
        yield Stroke(tuple((corner, end) for corner in corners), faces.line, 0.8)
    elif not _is_wedge(source, target):
        yield from arrow(((source.right + CLEAR, source.y), (target.left - CLEAR, target.y)), QUIET)
        yield from _word(word, source.right, target.left, source.y)


def _entry(place: Place) -> Point:
    top, bottom = _span(place)
    return place.left, min(max(place.y, top), bottom)


def _word(word: str, left: float, right: float, y: float) -> Iterator[Shape]:
    """Yield the word that rides on an edge, where there is room."""
    if word and right - left > 40:
        yield Words((left + right) / 2, y - 5, fit(word, right - left - 24, SIZE), SIZE, QUIET, "middle")


def _in_u(plan: Plan, edge: Edge, word: str) -> Iterator[Shape]:
    """Yield the copy to the other side of a U, or the way down or up."""
    source, target = plan.places[edge.source], plan.places[edge.target]
    rise = plan.levels[edge.source] - plan.levels[edge.target]
    if rise == 0:
        y = source.y - 9
        yield from arrow(((source.right + CLEAR, y), (target.left - CLEAR, y)), JOIN.line, dashed=True)
        yield from _word(word or "copy", source.right, target.left, y)
    elif rise < 0:
        start = source.baseline + source.label.height - 8
        end = target.y - target.box.tall / 2 - CLEAR
        yield from arrow(((source.x, start), (source.x, end)), faces_of(target.station.role).line)
    else:
        pieces = [piece.faces.line for piece in target.station.pieces if piece.hatched]
        start = source.y - source.box.tall / 2 - CLEAR
        points = ((source.x, start), (source.x, target.y + 9), (target.left - CLEAR, target.y + 9))
        yield from arrow(points, pieces[0] if pieces else QUIET)


def _routed(plan: Plan, edge: Edge, word: str) -> Iterator[Shape]:
    """Yield an edge that leaves its lane or comes from another one: up, along, and down into a circle or a side."""
    source, target = plan.places[edge.source], plan.places[edge.target]
    y = plan.heights[edge.lane]
    points: list[Point] = [(source.right + CLEAR, source.y)]
    if plan.lanes.rows[edge.source] != edge.lane:
        x, above = source.right + 13, source.y - source.box.tall * LEAVING
        points = [(source.right + CLEAR, above), (x, above), (x, y)]
    if plan.lanes.rows[edge.target] == edge.lane:
        points.append((target.left - CLEAR, target.y))
    elif target.station.circle and not _between(plan, edge):
        points += [(target.x, y), (target.x, target.y - RADIUS - 2)]
    else:
        x, below = _beside(plan, target), target.y - (6 if target.station.circle else 9)
        points += [(x, y), (x, below), (target.left - CLEAR + 2 * target.station.circle, below)]
    joins = edge.open and target.station.role is Role.JOIN
    yield from arrow(points, JOIN.line if joins else QUIET)
    yield from _word(word, points[-3][0] if len(points) > 2 else points[0][0], points[-1][0], y)


def _between(plan: Plan, edge: Edge) -> bool:
    """Tell whether something stands over the target of an edge in a lane that the edge would cross."""
    x = plan.places[edge.target].x
    lanes = range(plan.lanes.rows[edge.target] + 1, edge.lane)
    places = zip(plan.places, plan.lanes.rows, strict=True)
    return any(lane in lanes and abs(place.x - x) < place.extent / 2 + CLEAR for place, lane in places)


def _beside(plan: Plan, target: Place) -> float:
    """Return where an edge goes down beside a place and what stands over it, clear of what leaves the one before."""
    over = (place.x - place.extent / 2 for place in plan.places if place.x == target.x and place.y < target.y)
    return min([target.left, *over]) - 12


def arrow(points: Sequence[Point], colour: Colour, *, dashed: bool = False) -> Iterator[Shape]:
    """Yield a line with round bends and a head at its end."""
    (x0, y0), (x, y) = points[-2:]
    length = hypot(x - x0, y - y0) or 1
    dx, dy = (x - x0) / length * HEAD, (y - y0) / length * HEAD
    neck = (x - dx * 0.9, y - dy * 0.9)
    yield Stroke((tuple(_bent((*points[:-1], neck))),), colour, 1.4, dashed)
    yield Polygon(((x, y), (x - dx - dy * 0.45, y - dy + dx * 0.45), (x - dx + dy * 0.45, y - dy - dx * 0.45)), colour)


def _bent(points: Sequence[Point]) -> Iterator[Step]:
    """Yield the steps along points, with bends instead of corners."""
    yield points[0]
    for (start, corner), (_, end) in pairwise(pairwise(points)):
        before, after = _towards(corner, start), _towards(corner, end)
        yield before
        yield (*corner, *corner, *after)
    yield points[-1]


def _towards(corner: Point, other: Point) -> Point:
    """Return the point at which a bend begins, at most half the way."""
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    share = min(BEND / (hypot(dx, dy) or 1), 0.5)
    return corner[0] + dx * share, corner[1] + dy * share
