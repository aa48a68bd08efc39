"""The mistakes that a network was most sure of, as one sheet of pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from numpy.typing import NDArray

from cnnspec.drawing import svg
from cnnspec.training.results import pixels
from cnnspec.training.results.scores import Mistake

COLUMNS: Final = 5
TILE: Final = 136
GAP: Final = 26
ROOM: Final = TILE + GAP - 8
"""How wide a caption may be."""
TOP: Final = 84
FONT: Final = 12
LINE: Final = 17
EVERY: Final = TILE + GAP


def render(
    mistakes: Sequence[Mistake],
    images: NDArray[Any],
    classes: Sequence[str],
    *,
    peak: float = 255,
    percent: bool = True,
    total: int | None = None,
    title: str = "Most confident mistakes",
) -> str:
    """Return the SVG of mistakes and their images (N, H, W, C), in the same order; `peak` is white.

    `percent` tells that outputs are probabilities; `total` is how many mistakes there are, where more than are shown.
    """
    captions = _captions(mistakes, classes, percent=percent)
    lines = max(map(len, captions), default=0)
    rows = -(-len(mistakes) // COLUMNS)
    width = 2 * svg.MARGIN + COLUMNS * EVERY - GAP
    down = TILE + lines * LINE + GAP
    body = svg.heading(title, _subtitle(len(mistakes), total), width - 2 * svg.MARGIN)
    for index, (mistake, caption) in enumerate(zip(mistakes, captions, strict=True)):
        x, y = svg.MARGIN + index % COLUMNS * EVERY, TOP + index // COLUMNS * down
        body += _tile(x, y, images[index], peak, f"image {mistake.sample:,}: {' '.join(caption)}")
        body += [svg.text(x, y + TILE + 5 + LINE * (i + 0.7), row, FONT) for i, row in enumerate(caption)]
    return svg.document(width, TOP + rows * down + svg.MARGIN - GAP + 4, title, body)


def _subtitle(shown: int, total: int | None) -> str:
    if not shown:
        return "there is no mistake"
    count = f"the first {shown:,} of {total:,}" if total and total > shown else f"all {shown:,}"
    return f"{count}, sorted by how sure the network was of the wrong class"


def _captions(mistakes: Sequence[Mistake], classes: Sequence[str], *, percent: bool) -> list[list[str]]:
    """Return the lines below each picture: one where that has room for every caption, else two, else three."""
    parts = [_parts(mistake, classes, percent=percent) for mistake in mistakes]
    for layout in _LAYOUTS:
        captions = [layout(*part) for part in parts]
        if all(svg.measure(line, FONT) <= ROOM for caption in captions for line in caption):
            return captions
    return [[svg.fit(line, ROOM, FONT) for line in caption] for caption in captions]


def _parts(mistake: Mistake, classes: Sequence[str], *, percent: bool) -> tuple[str, str, str]:
    actual = svg.fit(classes[mistake.actual], ROOM - 8, FONT)
    sure = f"{100 * mistake.confidence:.1f} %" if percent else f"{mistake.confidence:.3g}"
    return actual, f"taken for {classes[mistake.predicted]}", f"({sure})"


_LAYOUTS: Final[tuple[Callable[[str, str, str], list[str]], ...]] = (
    lambda actual, taken, sure: [f"{actual}, {taken} {sure}"],
    lambda actual, taken, sure: [f"{actual},", f"{taken} {sure}"],
    lambda actual, taken, sure: [f"{actual},", taken, sure],
)


def _tile(x: float, y: float, image: NDArray[Any], peak: float, name: str) -> list[str]:
    """Return an image in its own proportions, in the middle of a square."""
    height, width = image.shape[:2]
    across, down = TILE * min(1, width / height), TILE * min(1, height / width)
    png = pixels.encode_png(pixels.magnify(pixels.visible(image, peak), TILE))
    left, top = x + (TILE - across) / 2, y + (TILE - down) / 2
    return [
        svg.picture(left, top, across, down, png, name),
        svg.rectangle(x, y, TILE, TILE, "none", stroke=svg.EDGE),
    ]
