"""What stands along the way through a network drawn to scale: volumes, joins, the words of quiet layers under them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from cnnspec.analysis.copies import fold_copies
from cnnspec.analysis.folding import TableRow, configuration
from cnnspec.drawing.marks import faces_of_row, is_join
from cnnspec.drawing.palette import Faces
from cnnspec.drawing.part import Part, show_shape
from cnnspec.ir.graph import Node
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape
from cnnspec.ir.window import Window
from cnnspec.language.tokens import short_form

QUIET: Final = frozenset((Role.ACTIVATION, Role.NORM, Role.NOISE, Role.BORDER))
"""What changes no volume: its word stands under the volume before it."""

UNFOLDED: Final = 10**6
"""A level so deep that no block is nested there."""
FEW: Final = 32
"""How many stations are drawn without folding the copies of blocks."""
TRIED: Final = 400
"""How many layers may become so few."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a volume along its channels: how many, and the colours of what they came from."""

    channels: int
    faces: Faces
    hatched: bool = False


@dataclass(slots=True)
class Station:
    """A volume, or the circle of a join that has a `sign`, what it reads, and the words under it.

    `sources` are pairs of a station and the word that rides on the way from it; `count` equal ones touch each other.
    """

    name: str
    shape: Shape
    caption: list[str]
    sources: list[tuple[int, str]]
    faces: Faces
    about: str
    words: list[str] = field(default_factory=list)
    pieces: tuple[Piece, ...] = ()
    window: Window | None = None
    role: Role | None = None
    circle: bool = False
    sign: str = ""
    hatched: bool = False
    dashed: bool = False
    folded: bool = False
    count: int = 1

    @property
    def is_vector(self) -> bool:
        """Whether it has no spatial axes."""
        return len(self.shape) == 1


def stations_of(part: Part) -> list[Station]:
    """Return the stations of a part of a network: without folding, where they are few and no depth is asked for."""
    if not part.asked and len(part.rows) <= TRIED:
        found = _at_level(part, UNFOLDED)
        if len(found) <= FEW:
            return found
    return _at_level(part, part.level)


def _at_level(part: Part, level: int) -> list[Station]:
    """Return the stations in an order in which they can be computed."""
    rows = [*part.entries, *(each.row for each in fold_copies(part.summary, part.rows, level))]
    readers = Counter(name for row in rows for name in dict.fromkeys(row.inputs))
    found: list[Station] = []
    at: dict[str, int] = {}
    riding: dict[str, str] = {}
    for row in rows:
        node = row.members[-1].node if row.members else None
        if node and not row.folded and _is_quiet(node):
            source, words = node.inputs[0], list(_words(node))
            at[row.name] = at[source]
            if readers[source] > 1 or riding.get(source):
                riding[row.name] = " ".join([riding.get(source, ""), *words]).strip()
            else:
                found[at[source]].words += words
            continue
        sources = [(at[name], riding.get(name, "")) for name in dict.fromkeys(row.inputs)]
        at.update(dict.fromkeys([member.name for member in row.members] or [row.name], len(found)))
        found.append(_station(row, sources, found))
    return _touching(_merged(found))


def _is_quiet(node: Node) -> bool:
    """Tell whether a layer makes no volume of its own: it keeps the shape, but for margins."""
    role = node.layer.role
    kept = node.shape == node.input_shapes[0] or role is Role.BORDER
    return role in QUIET and len(node.inputs) == 1 and kept


def _words(node: Node) -> Iterator[str]:
    """Yield the word of a quiet layer; one that does nothing has none."""
    layer = node.layer
    if layer.role is Role.BORDER:
        yield f"{node.kind} {short_form(layer)}"
    elif layer.role is not Role.ACTIVATION:
        yield node.kind
    elif layer.applied:
        yield layer.applied


def _station(row: TableRow, sources: list[tuple[int, str]], before: list[Station]) -> Station:
    about = f"{row.name}: {row.configuration or 'input'}, {show_shape(row.shape)}"
    if not row.members:
        return Station(row.name, row.shape, [row.name], sources, faces_of_row(row), about)
    if row.folded:
        return Station(row.name, row.shape, [row.configuration], sources, faces_of_row(row), about, folded=True)
    node = row.members[0].node
    layer = node.layer
    window = layer.sliding(node.input_shapes[0])
    station = Station(row.name, row.shape, [_caption(node, window)], sources, faces_of_row(row), about)
    station.about = f"{row.name}: {configuration(row.members[0], joins=False)} → {show_shape(row.shape)}"
    station.window, station.role, station.dashed = window, layer.role, layer.is_view
    station.hatched = layer.role is Role.RESIZE or bool(window and window.spread)
    station.words += [layer.applied] if layer.applied else []
    if layer.role is not Role.JOIN:
        # What comes before it, and is not seen by others that read the same, has no volume of its own.
        station.caption = [*(word for _, word in sources if word), *station.caption]
        station.sources = [(at, "") for at, _ in sources]
    if is_join(row):
        total = sum(shape[-1] for shape in node.input_shapes)
        station.sign, station.circle = layer.sign, True
        if total == row.shape[-1] and len(sources) == len(node.inputs) and len(sources) > 1:
            pairs = zip(sources, node.input_shapes, strict=True)
            station.pieces = tuple(Piece(shape[-1], before[at].faces, before[at].hatched) for (at, _), shape in pairs)
            station.circle = False
    return station


def _caption(node: Node, window: Window | None) -> str:
    """Return the kind with its window: `conv 5×5`, `maxpool 2×2/2`."""
    if window is None:
        return node.kind
    text = f"{node.kind} {show_shape(window.size)}"
    if max(window.stride) > 1 or node.layer.role is Role.POOL:
        one = len(set(window.stride)) == 1
        text += f"/{window.stride[0] if one else show_shape(window.stride)}"
    if max(window.dilation) > 1:
        text += f" dilation {max(window.dilation)}"
    return text


def _merged(stations: list[Station]) -> list[Station]:
    """Let what enlarges, and is read by a concatenation alone, be a piece of it only."""
    readers = Counter(source for station in stations for source, _ in station.sources)
    gone: set[int] = set()
    for station in stations:
        for source, word in list(station.sources) if station.pieces else ():
            other = stations[source]
            if other.hatched and readers[source] == 1 and not word and len(other.sources) == 1:
                gone.add(source)
                station.sources = [other.sources[0] if at == source else (at, w) for at, w in station.sources]
                station.caption = [*other.caption, *station.caption]
    return _without(stations, gone)


def _touching(stations: list[Station]) -> list[Station]:
    """Let equal convolutions that follow each other be one station of several that touch."""
    readers = Counter(source for station in stations for source, _ in station.sources)
    gone: set[int] = set()
    first = 0
    for place, station in enumerate(stations):
        before = stations[first]
        alike = (
            [source for source, _ in station.sources] == [place - 1]
            and readers[place - 1] == 1
            and station.role is Role.CONVOLUTION
            and (before.caption, before.shape, before.words) == (station.caption, station.shape, station.words)
        )
        if alike:
            before.count += 1
            gone.add(place)
        else:
            first = place
    for station in stations:
        if station.count > 1:
            station.caption = [f"{station.caption[0]} ×{station.count}"]
    return _without(stations, gone)


def _without(stations: list[Station], gone: Iterable[int]) -> list[Station]:
    """Return stations without some; who read one of a run reads its first."""
    left = [place for place in range(len(stations)) if place not in gone]
    new = {place: index for index, place in enumerate(left)}
    for place in sorted(gone):
        new[place] = new.get(place - 1, 0)
    for station in stations:
        station.sources = [(new[source], word) for source, word in station.sources]
    return [stations[place] for place in left]
