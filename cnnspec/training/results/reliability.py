"""The reliability diagram: how often a network is right among the samples of which it is about equally sure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cnnspec.drawing import svg
from cnnspec.drawing.axes import Axis, scale
from cnnspec.training.results.calibration import Bin, Calibration
from cnnspec.training.results.intervals import LEVEL, METHOD, wilson

SIDE: Final = 280
LEFT: Final = 52
BETWEEN: Final = 86
"""The room between the plots, with the numbers at the second."""
TOP: Final = 116
WIDTH: Final = 2 * svg.MARGIN + LEFT + 2 * SIDE + BETWEEN
GAP: Final[Mapping[str, svg.Value]] = {"stroke": svg.ORANGE, "stroke_width": 1.8}
"""How a gap is drawn: a frame, through which the bar is seen."""
SHARES: Final = tuple(range(0, 101, 20))
"""The ticks of an axis of shares, in per cent."""


def render(calibration: Calibration, *, title: str = "Reliability diagram") -> str:
    """Return the SVG of a calibration: its bins as bars beside what they would be, and how many samples each has."""
    body = svg.heading(title, _subtitle(calibration), WIDTH - 2 * svg.MARGIN)
    filled = [each for each in calibration.bins if each.samples]
    first, second = svg.MARGIN + LEFT, svg.MARGIN + LEFT + SIDE + BETWEEN
    body += _frame(first, "Right, by confidence", _shares())
    for draw in (_bar, _gap, _whisker):
        body += [part for each in filled for part in draw(first, each)]
    body.append(svg.line(first, TOP + SIDE, first + SIDE, TOP, svg.QUIET, stroke_dasharray="4 4"))
    counts = scale([0, *(each.samples for each in filled)], lambda value, decimals: f"{value:,.{decimals}f}")
    body += _frame(second, "Images, by confidence", counts)
    body += [_count(second, each, counts) for each in filled]
    bottom = TOP + SIDE + 64
    return svg.document(WIDTH, bottom + 40, title, [*body, *_legend(svg.MARGIN, bottom)], _subtitle(calibration))


def _subtitle(calibration: Calibration) -> str:
    right, samples = (
        sum(column) for column in zip(*((each.right, each.samples) for each in calibration.bins), strict=True)
    )
    return (
        f"ECE {calibration.ece:.4f} over {len(calibration.bins)} bins of equal width: on average "
        f"{100 * calibration.confidence:.2f} % sure, and {100 * right / samples:.2f} % right"
    )


def _shares() -> Axis:
    return Axis(0, 100, SHARES, tuple(f"{share} %" for share in SHARES))


def _frame(x: float, title: str, up: Axis) -> list[str]:
    """Return a plot's title, the lines and numbers of its axes, and its foot."""
    bottom = TOP + SIDE
    parts = [svg.text(x, TOP - 16, title, 13.5, font_weight=600)]
    for tick, label in zip(up.ticks, up.labels, strict=True):
        y = bottom - SIDE * up.place(tick)
        parts += [svg.line(x, y, x + SIDE, y), svg.text(x - 8, y + 4, label, 11, svg.QUIET, text_anchor="end")]
    for share in SHARES:
        at = x + SIDE * share / 100
        parts.append(svg.line(at, bottom, at, bottom + 4, svg.QUIET))
        parts.append(svg.text(at, bottom + 18, f"{share} %", 11, svg.QUIET, text_anchor="middle"))
    parts.append(svg.text(x + SIDE / 2, bottom + 36, "confidence", 11, svg.QUIET, text_anchor="middle"))
    return [*parts, svg.line(x, bottom, x + SIDE, bottom, svg.QUIET)]


def _bar(x: float, each: Bin) -> list[str]:
    """Return the share of a bin's samples that are right."""
    left, width = _across(x, each)
    share = each.right / each.samples
    return [svg.rectangle(left, _y(share), width, SIDE * share, svg.BLUE, title=_words(each))]


def _gap(x: float, each: Bin) -> list[str]:
    """Return the distance from what is right to the mean confidence."""
    left, width = _across(x, each)
    low, high = sorted((each.right / each.samples, each.confidence or 0.0))
    return [svg.rectangle(left, _y(high), width, SIDE * (high - low), "none", title=_words(each), **GAP)]


def _whisker(x: float, each: Bin) -> list[str]:
    interval = wilson(each.right, each.samples)
    if interval is None:
        return []
    left, width = _across(x, each)
    at, (low, high) = left + width / 2, map(_y, interval)
    caps = [svg.line(at - 3, y, at + 3, y, svg.INK, stroke_width=1.2) for y in (low, high)]
    return [svg.line(at, low, at, high, svg.INK, stroke_width=1.2), *caps]


def _count(x: float, each: Bin, up: Axis) -> str:
    left, width = _across(x, each)
    height = SIDE * up.place(each.samples)
    return svg.rectangle(left, TOP + SIDE - height, width, height, svg.BLUE, title=_words(each))


def _across(x: float, each: Bin) -> tuple[float, float]:
    """Return where a bin begins and how wide it is, with a line of paper between bins."""
    return x + SIDE * each.low + 0.75, SIDE * (each.high - each.low) - 1.5


def _y(share: float) -> float:
    return TOP + SIDE * (1 - share)


def _words(each: Bin) -> str:
    return (
        f"confidence above {100 * each.low:.1f} % up to {100 * each.high:.1f} %: {each.right:,} of {each.samples:,} "
        f"right, on average {100 * (each.confidence or 0):.1f} % sure"
    )


def _legend(x: float, y: float) -> list[str]:
    """Return what the signs mean."""
    parts = []
    boxes: Mapping[str, Mapping[str, svg.Value]] = {"right": {}, "gap to the mean confidence": GAP}
    for word, style in boxes.items():
        parts.append(svg.rectangle(x, y, 14, 12, "none" if style else svg.BLUE, **style))
        parts.append(svg.text(x + 20, y + 10, word, 11.5, svg.QUIET))
        x += 20 + svg.measure(word, 11.5) + 22
    parts += [svg.line(x + 4, y, x + 4, y + 12, svg.INK, stroke_width=1.2)]
    parts += [svg.line(x + 1, end, x + 7, end, svg.INK, stroke_width=1.2) for end in (y, y + 12)]
    word = f"{100 * LEVEL:.0f} % interval ({METHOD})"
    parts.append(svg.text(x + 14, y + 10, word, 11.5, svg.QUIET))
    x += 14 + svg.measure(word, 11.5) + 22
    dashed = svg.line(x, y + 6, x + 20, y + 6, svg.QUIET, stroke_dasharray="4 4")
    return [*parts, dashed, svg.text(x + 26, y + 10, "as right as sure", 11.5, svg.QUIET)]
