"""What every format shows of a comparison: totals with their ratios, and layers that differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from cnnspec.analysis.columns import SHORT as SHORT_TITLES
from cnnspec.analysis.comparison import Change, Comparison, Figure, Status
from cnnspec.analysis.folding import configuration
from cnnspec.analysis.measure import Row
from cnnspec.analysis.quantities import MACS, PARAMS, SHAPE
from cnnspec.ir.shapes import Shape, show

SIGNS: Final = {Status.EQUAL: " ", Status.CHANGED: "~", Status.REMOVED: "−", Status.ADDED: "+"}
DIFFERENCES: Final = (PARAMS, MACS)
"""The quantities whose difference is shown of a layer."""
NUMBERS: Final = tuple(f"Δ {quantity.title.removeprefix('# ')}" for quantity in DIFFERENCES)
LAYER_TITLES: Final = ("", "Layer", "Configuration", SHAPE.title, *NUMBERS)
WRAPPED: Final = ("Layer", "Configuration", SHAPE.title)
"""The columns in which two texts stand behind each other, which may take several lines."""
SHORT: Final = {
    SHAPE.title: SHORT_TITLES[SHAPE.name],
    **{
        title: f"Δ {SHORT_TITLES.get(quantity.name, quantity.title)}"
        for title, quantity in zip(NUMBERS, DIFFERENCES, strict=True)
    },
}
"""What stands above them where there is little room."""


class LayerLine(NamedTuple):
    """A layer that differs, or a stretch of equal ones as one line."""

    status: Status
    cells: tuple[str, ...]


def totals(comparison: Comparison) -> Iterator[tuple[str, ...]]:
    """Yield the lines of the totals: a title, then a cell for each network, with the ratio beside all but the first."""
    sides = comparison.sides
    yield ("Input", *_beside(tuple(_shapes(side.inputs) for side in sides)))
    for figure in comparison.figures:
        yield (figure.title, *_with_ratios(figure))
    yield ("Output", *_beside(tuple(_shapes(side.outputs) for side in sides)))


def titles(comparison: Comparison) -> list[str]:
    """Return the title of each column of the totals."""
    first, *others = (side.label for side in comparison.sides)
    return ["", first, *(title for label in others for title in (label, "Ratio"))]


def _shapes(shapes: Sequence[Shape]) -> str:
    return ", ".join(map(show, shapes))


def _beside(texts: Sequence[str]) -> Iterator[str]:
    yield texts[0]
    for text in texts[1:]:
        yield from (text, "same" if text == texts[0] else "")


def _with_ratios(figure: Figure) -> Iterator[str]:
    for place, (value, least) in enumerate(zip(figure.values, figure.least, strict=True)):
        yield f"≥ {value:,}" if least else f"{value:,}"
        if place:
            yield show_ratio(figure.ratio(place))


def show_ratio(ratio: float | None) -> str:
    """Return how many times as much, with three digits that say something.

    >>> show_ratio(0.09480), show_ratio(12.5), show_ratio(1.0), show_ratio(None)
    ('×0.0948', '×12.5', '×1', '–')
    """
    return "–" if ratio is None else f"×{ratio:,.0f}" if ratio >= 100 else f"×{ratio:.3g}"


def layer_lines(changes: Sequence[Change]) -> Iterator[LayerLine]:
    """Yield the layers that differ with what differs of them; equal ones between them are one line."""
    for equal, group in groupby(changes, lambda change: change.status is Status.EQUAL):
        run = list(group)
        if equal:
            yield LayerLine(Status.EQUAL, ("", _run(run), *[""] * (len(LAYER_TITLES) - 2)))
        else:
            yield from map(_line, run)


def _run(run: Sequence[Change]) -> str:
    first, last = (_name(run[place]) for place in (0, -1))
    return first if len(run) == 1 else f"{first} … {last}, {len(run):,} equal layers"


def _line(change: Change) -> LayerLine:
    shapes = [show(row.shape) if row else "" for row in (change.left, change.right)]
    configurations = [configuration(row) if row else "" for row in (change.left, change.right)]
    differences = (show_difference(change.difference(quantity.name)) for quantity in DIFFERENCES)
    return LayerLine(
        change.status, (SIGNS[change.status], _name(change), _arrow(*configurations), _arrow(*shapes), *differences)
    )


def _name(change: Change) -> str:
    return _arrow(*(row.name if row else "" for row in (change.left, change.right)))


def _arrow(left: str, right: str) -> str:
    """Return what both have, or what became of it."""
    return f"{left} → {right}" if left and right and left != right else left or right


def show_difference(number: int) -> str:
    """Return by how much something is more or less.

    >>> show_difference(1200), show_difference(-5), show_difference(0)
    ('+1,200', '−5', '0')
    """
    return "0" if not number else f"{number:+,}".replace("-", "−")


def facts_of(row: Row | None) -> dict[str, object] | None:
    """Return what machine formats say of a layer."""
    if row is None:
        return None
    numbers = {quantity.key: quantity.of(row) for quantity in DIFFERENCES}
    return {"name": row.name, "configuration": configuration(row), SHAPE.key: list(row.shape), **numbers}
