"""What every layer makes of one image: its channels as tiles, its units as cells, its probabilities as bars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnspec.drawing import svg
from cnnspec.training.results import pixels
from cnnspec.training.results.losses import both_classes
from cnnspec.training.results.tiles import Grid, lay_out

LABEL: Final = 208
"""The room for what is said of a layer, left of its picture."""
PICTURE: Final = 720
WIDTH: Final = 2 * svg.MARGIN + LABEL + PICTURE
TOP: Final = 104
GAP: Final = 30
LINE: Final = 17
MOST_CHANNELS: Final = 64
MOST_UNITS: Final = 1024
MOST_BARS: Final = 10
INPUT: Final = 112
BAR: Final = 20
KEY: Final = "dark is the smallest value of a channel or of a layer's units, yellow the largest; grey: all are the same"


class Activation(NamedTuple):
    """What a layer made of an image: its name, its arguments in words, and the values without the batch axis."""

    name: str
    words: str
    values: NDArray[Any]


class Exhibit(NamedTuple):
    """Something else to be shown between the image and the layers: its title, what it is, and how it is drawn."""

    name: str
    lines: list[str]
    draw: Callable[[float, float], Block]


class Block(NamedTuple):
    """A row of the picture: what is said at the left, what is drawn, and how high that is."""

    lines: list[str]
    drawing: list[str]
    height: float


def render(
    image: NDArray[Any],
    activations: Sequence[Activation],
    classes: Sequence[str],
    *,
    peak: float = 255,
    title: str = "Activations",
    exhibits: Sequence[Exhibit] = (),
) -> str:
    """Return the SVG of an image (H, W, C), whose white is `peak`, and of what the layers make of it, in order."""
    body = [*svg.heading(title, KEY, WIDTH - 2 * svg.MARGIN)]
    x, y = svg.MARGIN + LABEL, float(TOP)
    shown = [
        Exhibit("input", [_shape(image)], partial(_image, image=image, peak=peak)),
        *exhibits,
        *(
            Exhibit(activation.name, _words(activation), partial(_block, activation=activation, classes=classes))
            for activation in activations
        ),
    ]
    for index, exhibit in enumerate(shown):
        if index:
            body.append(svg.line(svg.MARGIN, y - GAP / 2, WIDTH - svg.MARGIN, y - GAP / 2))
        block = exhibit.draw(x, y)
        lines = [*exhibit.lines, *block.lines]
        body += [*_label(y, exhibit.name, lines), *block.drawing]
        y += max(block.height, LINE * (len(lines) + 1)) + GAP
    return svg.document(WIDTH, y - GAP + svg.MARGIN, title, body)


def is_distribution(values: NDArray[Any], classes: int) -> bool:
    """Tell whether values are probabilities of the classes, or of the second of two."""
    if values.ndim != 1 or not np.isfinite(values).all() or values.min() < 0 or values.max() > 1 + 1e-3:
        return False
    return (len(values) == classes and abs(values.sum() - 1) < 1e-2) or (len(values) == 1 and classes == 2)


def _label(y: float, name: str, lines: list[str]) -> list[str]:
    parts = [svg.text(svg.MARGIN, y + 11, svg.fit(name, LABEL - 30, 13), 13, font_weight=600)]
    for index, line in enumerate(lines, 1):
        parts.append(svg.text(svg.MARGIN, y + 11 + index * LINE, svg.fit(line, LABEL - 16, 11.5), 11.5, svg.QUIET))
    return parts


def _words(activation: Activation) -> list[str]:
    shape = _shape(activation.values)
    return [shape] if activation.words in ("", activation.name) else [activation.words, shape]


def _shape(values: NDArray[Any]) -> str:
    return "×".join(f"{size:,}" for size in values.shape)


def _image(x: float, y: float, image: NDArray[Any], peak: float) -> Block:
    height, width = (INPUT * length / max(image.shape[:2]) for length in image.shape[:2])
    png = pixels.encode_png(pixels.magnify(pixels.visible(image, peak), INPUT))
    frame = svg.rectangle(x, y, width, height, "none", stroke=svg.EDGE)
    return Block([], [svg.picture(x, y, width, height, png, "the image"), frame], height)


def _block(x: float, y: float, activation: Activation, classes: Sequence[str]) -> Block:
    values = np.asarray(activation.values, dtype=np.float64)
    if is_distribution(values, len(classes)):
        return _bars(x, y, both_classes(values[None])[0], classes)
    if values.size == values.shape[-1]:
        return _units(x, y, values.ravel(), activation.name)
    return _channels(x, y, values, activation.name)


def _channels(x: float, y: float, values: NDArray[np.float64], name: str) -> Block:
    """Return up to 64 channels as tiles; of a volume the middle slice, and of a sequence a band per channel."""
    notes = [show_span(values)]
    if values.ndim > 3:
        notes.append(f"slice {len(values) // 2 + 1:,} of {len(values):,}")
        values = values[len(values) // 2]
    if values.ndim == 2:
        values = np.repeat(values[None], max(1, len(values) // 6), axis=0)
    channels = values.shape[-1]
    shown = min(channels, MOST_CHANNELS)
    columns, gap = (8, 6.0) if shown <= 16 else (16, 5.0)
    grid = lay_out(values[..., :shown], PICTURE, columns, gap)
    if shown < channels:
        notes.append(f"{shown} of {channels:,} channels shown")
    if grid.constant:
        notes.append(f"{grid.constant} of {shown} the same everywhere")
    return grid_block(x, y, grid, notes, f"{shown} channels of {name}")


def _units(x: float, y: float, values: NDArray[np.float64], name: str) -> Block:
    """Return up to 1,024 units as cells in one scale of colours."""
    shown = min(len(values), MOST_UNITS)
    columns = 32 if shown <= 32 else 64 if shown <= 256 else 128
    grid = lay_out(values[None, None, :shown], PICTURE, columns, 2.0 if columns < 128 else 1.0, jointly=True)
    notes = [show_span(values)]
    if shown < len(values):
        notes.append(f"{shown:,} of {len(values):,} units shown")
    return grid_block(x, y, grid, notes, f"{shown:,} units of {name}")


def grid_block(x: float, y: float, grid: Grid, notes: list[str], name: str) -> Block:
    """Return tiles as a row of the picture."""
    return Block(notes, [svg.picture(x, y, grid.width, grid.height, grid.png, name)], grid.height)


def _bars(x: float, y: float, values: NDArray[np.float64], classes: Sequence[str]) -> Block:
    """Return a bar per class, or of many classes the most probable ones."""
    order = np.argsort(-values, kind="stable")[:MOST_BARS]
    best = int(order[0])
    few = len(values) <= MOST_BARS
    rows = range(len(values)) if few else order.tolist()
    names = [svg.fit(classes[row], 150) for row in rows]
    left = x + 1.08 * max(map(svg.measure, names)) + 10
    room = PICTURE - (left - x) - 80
    parts = []
    for index, (row, name) in enumerate(zip(rows, names, strict=True)):
        top, value = y + index * BAR, float(values[row])
        weight = 600 if row == best else 400
        parts += [
            svg.text(left - 10, top + 12, name, 12, text_anchor="end", font_weight=weight),
            svg.rectangle(left, top + 1, max(room * value, 1), BAR - 6, svg.BLUE if row == best else svg.PALE, rx=2),
            svg.text(left + room * value + 8, top + 12, f"{100 * value:.1f} %", 12, svg.QUIET),
        ]
    notes = [] if few else [f"the {MOST_BARS} most probable"]
    return Block(notes, parts, BAR * len(rows))


def show_span(values: NDArray[np.float64]) -> str:
    """Return the smallest and the largest value in words."""
    finite = values[np.isfinite(values)]
    return f"from {finite.min():.3g} to {finite.max():.3g}".replace("-", "−") if finite.size else "no finite number"
