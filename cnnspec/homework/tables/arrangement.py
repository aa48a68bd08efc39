"""Which columns of a table have what: by their titles, and by what stands in their cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from cnnspec.analysis.quantities import PARAMS, SHAPE, SIZE
from cnnspec.errors import listing, shorten, suggest
from cnnspec.homework.tables.cells import UnreadableError, is_blank, is_number, read_number, read_shape
from cnnspec.homework.tables.columns import LAYER, axis_of, recognise
from cnnspec.homework.tables.grid import Grid

KNOWN: Final[Mapping[str, str]] = {LAYER: LAYER} | {
    each.title.lower().removeprefix("# "): each.name for each in (SHAPE, SIZE, PARAMS)
}
"""The plainest titles, and the columns that they mean."""
_AXES: Final = ("height", "width", "channels")
_LOOKED_AT: Final = 200
"""Rows whose cells help to tell what a column has."""


class Arrangement(NamedTuple):
    """The places of the columns: those of labels, those of each quantity (several make one shape), and remarks."""

    labels: tuple[int, ...]
    columns: Mapping[str, tuple[int, ...]]
    remarks: tuple[str, ...]

    def label(self, cells: list[str]) -> str:
        """Return what a row says of which layer it speaks of."""
        return " ".join(dict.fromkeys(cells[place].strip() for place in self.labels if cells[place].strip()))

    def cell(self, cells: list[str], column: str) -> str:
        """Return the text of a column in a row; that of several columns is one shape."""
        places = self.columns[column]
        if len(places) == 1:
            return cells[places[0]]
        return "x".join(text for text in (cells[place].strip() for place in places) if not is_blank(text))


def upright(grid: Grid) -> Grid:
    """Return a table whose rows speak of layers: one whose columns do is turned, and said to be."""
    across = sum(1 for title in grid.rows[0][1:] if recognise(title) not in (None, LAYER))
    down = sum(1 for row in grid.rows[1:] if row and recognise(row[0]) not in (None, LAYER))
    if down < 1 or down <= across or len(grid.rows) > len(grid.rows[0]) + down:
        return grid
    rows = [list(column) for column in zip(*grid.rows, strict=True)]
    rows[0][0] = LAYER
    return grid._replace(
        rows=rows,
        lines=list(range(1, len(rows) + 1)),
        remarks=(*grid.remarks, "the table was turned: its columns are the layers"),
    )


def arrange(grid: Grid) -> Arrangement:
    """Return what the columns of a table have; what is not understood, or there twice, is named in a remark."""
    titles, rows = grid.rows[0], grid.rows[1 : _LOOKED_AT + 1]
    found = [recognise(title) for title in titles]
    if LAYER not in found and found and found[0] is None:
        found[0] = LAYER
    found = [_by_cells(rows, place, column) for place, column in enumerate(found)]
    columns: dict[str, tuple[int, ...]] = {}
    remarks: list[str] = []
    for column in dict.fromkeys(name for name in found if name and name != LAYER):
        places = [place for place, name in enumerate(found) if name == column]
        best = max(places, key=lambda place: (_readable(rows, place, column), -place))
        columns[column] = (best,)
        remarks += [_doubled(titles[place], titles[best]) for place in places if place != best]
    axes = {axis: place for place, title in enumerate(titles) if found[place] is None and (axis := axis_of(title))}
    if split := _split(rows, columns.get(SHAPE.name), axes):
        columns[SHAPE.name] = split
    used = {place for places in columns.values() for place in places}
    labels = tuple(place for place, column in enumerate(found) if column == LAYER)
    unknown = [
        shorten(title)
        for place, title in enumerate(titles)
        if title.strip() and found[place] is None and place not in used and place not in labels
    ]
    remarks += [f"these columns are not marked: {listing(unknown)}"] if unknown else []
    left = [title for title, column in KNOWN.items() if column not in columns and not (labels and column == LAYER)]
    remarks += [f"`{title}` is no title: {step}" for title in unknown if (step := suggest(title, left))]
    return Arrangement(labels, columns, tuple(remarks))


def _by_cells(rows: list[list[str]], place: int, column: str | None) -> str | None:
    """Return what a column has, whatever its title: shapes under `Output size`, functions under `Activation`."""
    if column in (None, LAYER):
        return column
    texts = list(_texts(rows, place))
    if len(texts) > 1 and not any(char.isdigit() for text in texts for char in text):
        return None
    return SHAPE.name if column == SIZE.name and _has_shapes(rows, place) else column


def _doubled(title: str, better: str) -> str:
    return f"`{shorten(better)}` is marked, `{shorten(title)}` is not: both mean the same"


def _split(rows: list[list[str]], shape: tuple[int, ...] | None, axes: Mapping[str, int]) -> tuple[int, ...] | None:
    """Return the columns over which a shape is split: one for each axis, or its places and its channels."""
    if shape is None:
        places = tuple(axes[axis] for axis in _AXES if axis in axes)
        return places if len(places) > 1 else None
    ranks = [len(sizes) for sizes in _shapes(rows, shape[0])]
    if "channels" in axes and ranks and max(ranks) == 2 and _readable(rows, axes["channels"], SIZE.name):
        return (*shape, axes["channels"])
    return None


def _texts(rows: list[list[str]], place: int) -> Iterable[str]:
    return (row[place] for row in rows if place < len(row) and not is_blank(row[place]))


def _shapes(rows: list[list[str]], place: int) -> list[tuple[object, ...]]:
    """Return the shapes in a column that have several axes."""
    found: list[tuple[object, ...]] = []
    for text in _texts(rows, place):
        if is_number(text):
            continue
        try:
            value = read_shape(text).value
        except UnreadableError:
            continue
        if isinstance(value, tuple) and len(value) > 1 and all(value):
            found.append(value)
    return found


def _has_shapes(rows: list[list[str]], place: int) -> bool:
    """Tell whether a column of sizes has shapes: several, and hardly a product that is computed."""
    texts = list(_texts(rows, place))
    computed = sum(1 for text in texts if "=" in text)
    return 2 * len(_shapes(rows, place)) >= max(2, len(texts) // 2) and not computed


def _readable(rows: list[list[str]], place: int, column: str) -> int:
    """Return how many cells of a column have what it should have; a shape of more axes counts more."""
    count = 0
    for text in _texts(rows, place):
        try:
            value = (read_shape if column == SHAPE.name else read_number)(text).value
        except UnreadableError:
            continue
        count += len(value) if isinstance(value, tuple) else 1
    return count
