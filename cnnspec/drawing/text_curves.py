"""Learning curves as lines of text, drawn with the dots of Braille characters: for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from cnnspec.drawing.axes import Axis, count_up, scale
from cnnspec.drawing.curves import LINES, PANELS, Curve, Panel, Row, curves_of, unbroken

FIRST: Final = 0x2800
"""The Braille character without dots; the others follow it, with a bit for each dot."""
BITS: Final = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""The bits of the dots in the left and the right column of a character, from the top."""
ACROSS: Final = len(BITS)
DOWN: Final = len(BITS[0])
LABELS: Final = 9
"""The room for the numbers at an axis."""
BESIDE: Final = 100
"""From so many places on, panels stand side by side."""
BETWEEN: Final = 4
AROUND: Final = 3
"""The lines of a panel that are no plot: its head, its foot, and the epochs."""
LEAST: Final = 4
MOST: Final = 14
DASH: Final = 3
"""How many dots of every second part of the line of validation are left out, so that it is told without colours."""
SIGNS: Final = ("━━", "╍╍")

Cell = tuple[int, str]


class Span(NamedTuple):
    """A part of a line, and whose it is: the label of a curve, or nobody's."""

    text: str
    curve: str = ""


Line = list[Span]


def render(rows: Sequence[Row], width: int, height: int) -> list[Line]:
    """Return the curves of a history in at most so many places and lines, where these are not too few."""
    panels = [panel for panel in PANELS if any(panel.column in row for row in rows)]
    if not panels:
        return []
    beside = width >= BESIDE and len(panels) > 1
    across = (width - BETWEEN * (len(panels) - 1)) // len(panels) if beside else width
    room = height if beside else height // len(panels)
    size = (max(across - LABELS - 2, 8), min(max(room - AROUND, LEAST), MOST))
    drawn = [list(_panel(panel, rows, *size)) for panel in panels]
    if not beside:
        return [line for panel in drawn for line in panel]
    return [_joined(lines, across) for lines in zip(*drawn, strict=True)]


def _joined(lines: Sequence[Line], width: int) -> Line:
    """Return lines side by side, each filled up to a width."""
    joined: Line = []
    for index, line in enumerate(lines):
        joined += line
        if index < len(lines) - 1:
            joined.append(Span(" " * (width + BETWEEN - sum(len(span.text) for span in line))))
    return joined


def _panel(panel: Panel, rows: Sequence[Row], columns: int, height: int) -> Iterator[Line]:
    """Yield the lines of a panel: what its curves have come to, the plot with its numbers, and the epochs."""
    epochs = [int(row.get("epoch", index)) for index, row in enumerate(rows, 1)]
    curves = curves_of(panel, rows, epochs)
    yield _head(panel, curves, LABELS + 2 + columns)
    values = [value for curve in curves for _, value in curve.points]
    across = count_up(min(epochs), max(epochs))
    up = scale(values or [0.0], panel.write, panel.most)
    cells = _cells(curves, across, up, columns, height) if values else {}
    labels = _labels(up, height) if values else {}
    for row in range(height):
        label = labels.get(row, "")
        yield [Span(f"{label:>{LABELS}} {'┤' if label else '│'}"), *_spans(cells, row, columns)]
    yield [Span(f"{'':{LABELS}} └{'─' * columns}")]
    yield [Span(_ticks(across, columns))]


def _head(panel: Panel, curves: Sequence[Curve], width: int) -> Line:
    """Return the title and the last value of each curve; where there is no room, the signs stand for their names."""
    signs = dict(zip((label for label, *_ in LINES), SIGNS, strict=True))
    for names in (True, False):
        line = [Span(f"{panel.title:>{LABELS}}")]
        for curve in curves:
            value = curve.points[-1][1]
            shown = panel.write(value, 2) if panel.unit else f"{value:.4g}"
            words = (signs[curve.label], *([curve.label] if names else []), shown)
            line += [Span("  "), Span(" ".join(words), curve.label)]
        if sum(len(span.text) for span in line) <= width:
            break
    return line


def _labels(up: Axis, height: int) -> dict[int, str]:
    """Return the numbers of an axis by the line at which they stand; where two meet, the first stays."""
    found: dict[int, str] = {}
    for tick, label in zip(up.ticks, up.labels, strict=True):
        found.setdefault(round((1 - up.place(tick)) * (height * DOWN - 1)) // DOWN, label[:LABELS])
    return found


def _ticks(across: Axis, columns: int) -> str:
    """Return the numbers of the epochs below their places, as far as they do not touch."""
    line = " " * (LABELS + 2)
    for tick, label in zip(across.ticks, across.labels, strict=True):
        at = LABELS + 2 + round(across.place(tick) * (columns - 1)) - len(label) // 2
        at = min(at, LABELS + 2 + columns - len(label))
        if at > len(line) or (not line.strip() and at >= LABELS):
            line = f"{line[:at]:{at}}{label}"
    return line


def _cells(
    curves: Sequence[Curve], across: Axis, up: Axis, columns: int, height: int
) -> Mapping[tuple[int, int], Cell]:
    """Return the characters of a plot by line and column, as bits and the label of the curve drawn last."""
    cells: dict[tuple[int, int], Cell] = {}
    right, bottom = columns * ACROSS - 1, height * DOWN - 1
    for curve in curves:
        dashed = curve.label != LINES[0][0]
        for part in unbroken(curve.points):
            places = [(round(across.place(x) * right), round((1 - up.place(y)) * bottom)) for x, y in part]
            for x, y in _dots(places, dashed=dashed):
                at = (y // DOWN, x // ACROSS)
                cells[at] = (cells.get(at, (0, ""))[0] | BITS[x % ACROSS][y % DOWN], curve.label)
    return cells


def _dots(places: Sequence[tuple[int, int]], *, dashed: bool) -> Iterator[tuple[int, int]]:
    """Yield the dots of a line through places, and of a single one itself."""
    yield places[0]
    count = 0
    for (x, y), (next_x, next_y) in pairwise(places):
        steps = max(abs(next_x - x), abs(next_y - y), 1)
        for step in range(1, steps + 1):
            count += 1
            if not dashed or count // DASH % 2 == 0:
                yield round(x + (next_x - x) * step / steps), round(y + (next_y - y) * step / steps)


def _spans(cells: Mapping[tuple[int, int], Cell], row: int, columns: int) -> Iterator[Span]:
    """Yield a line of the plot in parts of one curve each."""
    text, owner = "", ""
    for column in range(columns):
        bits, label = cells.get((row, column), (0, ""))
        if bits and label != owner and text:
            yield Span(text, owner)
            text = ""
        owner = label or owner
        text += chr(FIRST + bits) if bits else " "
    yield Span(text.rstrip(), owner)
