"""What a drawing consists of, before it is written in a format: shapes and words at places, in their order."""

from __future__ import annotations

from typing import NamedTuple

from cnnspec.drawing.palette import Colour

Point = tuple[float, float]
Step = tuple[float, ...]
"""A part of a path: two numbers are the next point, six are two control points and the next point of a curve."""


class Polygon(NamedTuple):
    """A closed shape with straight sides."""

    points: tuple[Point, ...]
    fill: Colour | None
    line: Colour | None = None
    width: float = 1
    dashed: bool = False
    opacity: float = 1


class Box(NamedTuple):
    """An upright rectangle, its corners rounded by a radius."""

    x: float
    y: float
    width: float
    height: float
    fill: Colour | None
    line: Colour | None = None
    radius: float = 0


class Disc(NamedTuple):
    """A circle."""

    x: float
    y: float
    radius: float
    fill: Colour
    line: Colour


class Stroke(NamedTuple):
    """Paths of one colour, each a point and the steps behind it."""

    paths: tuple[tuple[Step, ...], ...]
    colour: Colour
    width: float = 1
    dashed: bool = False


class Words(NamedTuple):
    """A line of text whose baseline begins at, ends at, or is centred on a point: `start`, `end`, `middle`."""

    x: float
    y: float
    text: str
    size: float
    colour: Colour
    anchor: str = "start"
    bold: bool = False


class Group(NamedTuple):
    """Shapes that belong together and have a name, which is shown where a pointer rests on them."""

    title: str
    shapes: tuple[Shape, ...]


Shape = Polygon | Box | Disc | Stroke | Words | Group


class Scene(NamedTuple):
    """A whole drawing: its size in pixels, its name, what it shows in a sentence, and its shapes from back to front."""

    width: float
    height: float
    title: str
    description: str
    shapes: tuple[Shape, ...]
