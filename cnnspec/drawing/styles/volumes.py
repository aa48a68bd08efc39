"""The figure of the textbooks: volumes to scale, windows, copies and sums, which cannot contradict the network."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Final

from cnnspec.drawing.marks import join
from cnnspec.drawing.palette import INK, QUIET
from cnnspec.drawing.part import Part
from cnnspec.drawing.places import RADIUS, Place, plan
from cnnspec.drawing.scene import Group, Scene, Shape, Words
from cnnspec.drawing.solids import scale_for, solid
from cnnspec.drawing.stations import FEW, TRIED, stations_of
from cnnspec.drawing.svg import measure
from cnnspec.drawing.transitions import transitions, wedges
from cnnspec.errors import UsageError

MOST: Final = 24
"""How many volumes a figure has that is drawn without being asked for; a U has some more."""
MOST_OF_ALL: Final = 400
LEFT: Final = 28
HEAD: Final = 84


def suits(part: Part) -> bool:
    """Tell whether a figure shows a part well: a chain, a U, or a single block, of few volumes, nothing folded."""
    stations = stations_of(part) if len(part.rows) <= TRIED else []
    if not 0 < len(stations) <= FEW or any(station.folded for station in stations):
        return False
    planned = plan(stations, scale_for(stations), LEFT, HEAD)
    return planned.is_u or (len(stations) <= MOST and (planned.lanes.width == 1 or not part.whole))


def draw(part: Part, columns: Sequence[str] | None = None) -> Scene:
    """Return the figure of a part of a network; it has no columns."""
    if columns:
        raise UsageError.one("E702", "a figure of volumes has no columns", help="`--style graph` has them")
    stations = stations_of(part)
    if len(stations) > MOST_OF_ALL:
        step = "draw a part with `--select`, or the table with `--style graph`"
        message = f"the drawing would have {len(stations):,} volumes, more than {MOST_OF_ALL}"
        raise UsageError.one("E705", message, help=step)
    scale = scale_for(stations)
    planned = plan(stations, scale, LEFT, HEAD)
    subtitle = f"{part.totals} · {scale.words}"
    shapes: list[Shape] = [
        Words(LEFT, 37, part.title, 17, INK, bold=True),
        Words(LEFT, 57, subtitle, 12, QUIET),
    ]
    shapes += wedges(planned)
    shapes += (_drawn(place) for place in planned.places)
    shapes += transitions(planned)
    labels = [words for place in planned.places for words in place.label.at(place.x, place.baseline)]
    # Those of one look beside each other, so that they share their attributes.
    shapes += [words for words in labels if words.bold]
    shapes += [words for words in labels if not words.bold]
    width = max(planned.right, LEFT + measure(part.title, 17, bold=True), LEFT + measure(subtitle, 12))
    description = f"The volumes of {part.title}, {scale.words}: {part.totals}."
    return Scene(ceil(width + LEFT), ceil(planned.bottom + 20), part.title, description, tuple(shapes))


def _drawn(place: Place) -> Group:
    """Return the volume or the circle at a place."""
    station = place.station
    if station.circle:
        return Group(station.about, tuple(join(station.sign, place.x, place.y, RADIUS)))
    return solid(station, place.box, place.left, place.y)
