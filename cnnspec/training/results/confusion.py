"""The confusion matrix: a row per true class, a column per class it was taken for, darker where more of a row lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cnnspec.drawing import svg
from cnnspec.training.results import pixels
from cnnspec.training.results.scores import Counts

NUMBERED: Final = 24
"""Up to so many classes have their counts in the cells."""
NAMED: Final = 120
"""Up to so many classes have their names at the sides."""
TOP: Final = 76
LONGEST: Final = 150
"""The room for the name of a class."""
NARROWEST: Final = 470
RIGHT: Final = (0x0B, 0x5C, 0x9E)
WRONG: Final = (0xB8, 0x45, 0x00)
LEGEND: Final = (0.01, 0.1, 0.5, 1.0)
DARK: Final = 0.5
"""From this strength on a colour is dark on any paper, and words on it are white."""

Colors = NDArray[np.uint8]


def render(confusion: Counts, classes: Sequence[str], *, title: str = "Confusion matrix") -> str:
    """Return the SVG of a confusion matrix whose rows are the true classes."""
    size = _cell(len(classes))
    side = size * len(classes)
    font = min(12.0, max(size - 1, 4))
    names = [svg.fit(name, LONGEST, font) for name in classes] if len(classes) <= NAMED else []
    left = max([svg.measure(name, font) for name in names], default=0) + 34
    level = all(svg.measure(name, font) <= size - 4 for name in names)
    above = 34 if level else max(svg.measure(name, font) for name in names) + 34
    x, y = svg.MARGIN + left, TOP + above
    width = max(x + side + svg.MARGIN, NARROWEST)
    body = svg.heading(title, _subtitle(confusion), width - 2 * svg.MARGIN)
    body += _words(x, y, side, above, left)
    body += _names(x, y, size, font, names, level=level)
    body += _cells(x, y, size, confusion, classes) if len(classes) <= NUMBERED else [_map(x, y, side, confusion)]
    body.append(svg.rectangle(x, y, side, side, "none", stroke=svg.EDGE))
    body += _legend(svg.MARGIN, y + side + 30)
    return svg.document(width, y + side + 78, title, body, _subtitle(confusion))


def _cell(classes: int) -> float:
    """Return the side of a cell: the more classes, the smaller."""
    return (
        max(44 - max(classes - 10, 0), 30) if classes <= NUMBERED else max(8 if classes <= NAMED else 1, 720 / classes)
    )


def _subtitle(confusion: Counts) -> str:
    right, total = int(confusion.trace()), int(confusion.sum())
    if not total:
        return "nothing was shown to the network"
    share = 100.0 if right == total else min(100 * right / total, 99.99)
    return f"{right:,} of {total:,} are right ({share:.2f} %)"


def _words(x: float, y: float, side: float, above: float, left: float) -> list[str]:
    middle, at = y + side / 2, x - left + 10
    turned = f"rotate(-90 {svg.number(at)} {svg.number(middle)})"
    return [
        svg.text(x + side / 2, y - above + 10, "taken for", 12, svg.QUIET, text_anchor="middle"),
        svg.text(at, middle, "true class", 12, svg.QUIET, text_anchor="middle", transform=turned),
    ]


def _names(x: float, y: float, size: float, font: float, names: Sequence[str], *, level: bool) -> list[str]:
    parts = []
    for index, name in enumerate(names):
        middle = (index + 0.5) * size
        parts.append(svg.text(x - 8, y + middle + font * 0.35, name, font, text_anchor="end"))
        if level:
            parts.append(svg.text(x + middle, y - 8, name, font, text_anchor="middle"))
        else:
            at = x + middle + font * 0.35
            turned = f"rotate(-90 {svg.number(at)} {svg.number(y - 8)})"
            parts.append(svg.text(at, y - 8, name, font, transform=turned))
    return parts


def _cells(x: float, y: float, size: float, confusion: Counts, classes: Sequence[str]) -> list[str]:
    """Return a cell for each pair of classes with its count; one without a sample is empty."""
    shares = row_shares(confusion)
    parts = []
    for row, column in np.ndindex(confusion.shape):
        at, down, count = x + column * size, y + row * size, int(confusion[row, column])
        strength = _strength(float(shares[row, column]))
        title = f"{classes[row]}, taken for {classes[column]}: {count:,} ({100 * shares[row, column]:.1f} %)"
        parts.append(_square(at, down, size, size, strength, right=row == column, title=title))
        if count:
            ink = svg.WHITE if strength > DARK else svg.INK
            parts.append(_count(at + size / 2, down + size / 2, size, count, ink))
    return parts


def _count(x: float, y: float, size: float, count: int, ink: str) -> str:
    digits = f"{count:,}"
    font = min(12.0, 12 * (size - 3) / svg.measure(digits, 12))
    return svg.text(x, y + font * 0.35, digits, font, ink, text_anchor="middle", pointer_events="none")


def _map(x: float, y: float, side: float, confusion: Counts) -> str:
    """Return many classes as one picture with a pixel for each pair of them."""
    png = pixels.encode_png(pixels.magnify(paint(confusion), side))
    return svg.picture(x, y, side, side, png, "shares of the rows, darker where larger")


def _square(x: float, y: float, width: float, height: float, strength: float, *, right: bool, title: str = "") -> str:
    """Return a square in a strength of a colour, through which the paper is seen, light or dark."""
    color = "#{:02x}{:02x}{:02x}".format(*(RIGHT if right else WRONG))
    said = {"title": title} if title else {}
    return svg.rectangle(x, y, width, height, color, fill_opacity=strength, stroke=svg.GRID, **said)


def _strength(share: float) -> float:
    """Return how strong the colour of a share is; the scale is a square root, so that one per cent can be seen."""
    return float(np.sqrt(share)) * 0.96


def paint(confusion: Counts) -> Colors:
    """Return each cell as colour and opacity: blue on the diagonal, orange elsewhere, stronger where more lies."""
    shares = row_shares(confusion)
    right = np.eye(len(confusion), dtype=np.bool_)
    full = np.where(right[..., None], np.array(RIGHT), np.array(WRONG))
    strength = np.sqrt(shares)[..., None] * (0.96 * 255)
    colors: Colors = np.concatenate([full, strength], axis=2).round().astype(np.uint8)
    return colors


def row_shares(confusion: Counts) -> NDArray[np.float64]:
    """Return what share of its row each cell is; 0 where nothing of a class was there."""
    shares: NDArray[np.float64] = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    return shares


def _legend(x: float, y: float) -> list[str]:
    """Return what the colours mean."""
    parts = []
    for row, (word, right) in enumerate((("right", True), ("mistaken", False))):
        down = y + row * 18
        parts.append(svg.text(x, down + 10, word, 11.5, svg.QUIET))
        for column, share in enumerate(LEGEND):
            at = x + 66 + column * 66
            parts.append(_square(at, down, 14, 12, _strength(share), right=right))
            parts.append(svg.text(at + 20, down + 10, f"{share:.0%}".replace("%", " %"), 11.5, svg.QUIET))
    return [*parts, svg.text(x + 66 + 66 * len(LEGEND), y + 10, "of the row", 11.5, svg.QUIET)]
