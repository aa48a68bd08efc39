"""Learning curves: loss and accuracy by epoch, in training and in validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, Final, NamedTuple

from cnnspec.drawing import svg
from cnnspec.drawing.axes import Axis, count_up, scale

Row = Mapping[str, Any]
Point = tuple[int, float]

PLOT: Final = (336, 220)
"""The width and height of a panel's plot."""
LEFT: Final = 52
RIGHT: Final = 84
TOP: Final = 116
FEW: Final = 12
"""So few epochs are shown as dots, too."""
MANY: Final = 200
"""From so many epochs on lines are thin, for they are noisy."""
APART: Final = 15
"""How far the names of two lines stand apart."""


class Panel(NamedTuple):
    """One plot: its title, the column of the history, and what its numbers are multiplied by for the reader."""

    title: str
    column: str
    factor: float = 1
    unit: str = ""
    most: float | None = None

    def write(self, value: float, decimals: int) -> str:
        """Return a number of the axis as text."""
        return f"{value:,.{decimals}f}{self.unit}"


class Curve(NamedTuple):
    """One line of a panel: its values by epoch, and how many epochs have none."""

    label: str
    color: str
    stroke: float
    points: list[Point]
    missing: int


PANELS: Final = (Panel("Loss", "loss"), Panel("Accuracy", "accuracy", 100, " %", 100))
LINES: Final = (("training", "", svg.BLUE, 3.2), ("validation", "val_", svg.ORANGE, 1.8))
"""Validation is thinner and drawn last: where both are equal, both are seen."""


def render(rows: Sequence[Row], *, title: str = "Learning curves", best: int | None = None) -> str:
    """Return the SVG of a history; `best` is the number of the epoch that is marked."""
    epochs = [int(row.get("epoch", index)) for index, row in enumerate(rows, 1)]
    panel_width = LEFT + PLOT[0] + RIGHT
    width = 2 * svg.MARGIN + len(PANELS) * panel_width - 16
    body = svg.heading(title, _subtitle(epochs, best), width - 2 * svg.MARGIN)
    notes = []
    for index, panel in enumerate(PANELS):
        curves = curves_of(panel, rows, epochs)
        body += _panel(svg.MARGIN + LEFT + index * panel_width, panel, curves, epochs, best)
        notes += [_note(panel, curve, len(rows)) for curve in curves if 0 < curve.missing < len(rows)]
    bottom = TOP + PLOT[1] + 58
    body += [svg.text(svg.MARGIN, bottom + 18 * i, note, 11.5, svg.QUIET) for i, note in enumerate(notes)]
    return svg.document(width, bottom + 18 * len(notes), title, body, _description(rows, epochs))


def _subtitle(epochs: Sequence[int], best: int | None) -> str:
    count = f"{len(epochs):,} epoch{'s' * (len(epochs) != 1)}"
    return f"{count} · the dashed line marks the best, epoch {best:,}" if best in epochs else count


def _description(rows: Sequence[Row], epochs: Sequence[int]) -> str:
    if not rows:
        return "No epoch was trained."
    known = [
        f"{name} {panel.title.lower()} {value:.4g}"
        for panel in PANELS
        for name, prefix, *_ in LINES
        if (value := finite(rows[-1].get(prefix + panel.column))) is not None
    ]
    return f"After epoch {epochs[-1]}: {', '.join(known)}." if known else ""


def curves_of(panel: Panel, rows: Sequence[Row], epochs: Sequence[int]) -> list[Curve]:
    """Return the lines of a panel, without those of which the history says nothing."""
    curves = []
    thin = 0.5 if len(rows) > MANY else 1
    for label, prefix, color, stroke in LINES:
        values = [finite(row.get(prefix + panel.column)) for row in rows]
        points = [(epoch, v * panel.factor) for epoch, v in zip(epochs, values, strict=True) if v is not None]
        curves.append(Curve(label, color, stroke * thin, points, len(rows) - len(points)))
    return [curve for curve in curves if curve.points]


def finite(value: Any) -> float | None:
    """Return a number that can be drawn, None for everything else."""
    return float(value) if isinstance(value, int | float) and isfinite(value) else None


def _note(panel: Panel, curve: Curve, epochs: int) -> str:
    return f"The {curve.label} {panel.title.lower()} is no number in {curve.missing:,} of {epochs:,} epochs."


def _panel(x: float, panel: Panel, curves: list[Curve], epochs: Sequence[int], best: int | None) -> list[str]:
    body = [svg.text(x, TOP - 16, panel.title, 13.5, font_weight=600)]
    values = [value for curve in curves for _, value in curve.points]
    if not values:
        middle = TOP + PLOT[1] / 2
        return [*body, *frame(x), svg.text(x + PLOT[0] / 2, middle, "unknown", 12, svg.QUIET, text_anchor="middle")]
    across, up = count_up(min(epochs), max(epochs)), scale(values, panel.write, panel.most)
    if up.logarithmic:
        body.append(svg.text(x + 44, TOP - 16, "logarithmic", 11.5, svg.QUIET))
    body += [*grid(x, across, up), *frame(x)]
    if best in epochs:
        body += _best(x, across, best, panel, curves[-1])
    for curve in curves:
        body += draw_curve(x, across, up, curve)
    if best in epochs:
        body += _ring(x, across, up, curves[-1], best)
    return body + _labels(x, up, curves)


def frame(x: float) -> list[str]:
    """Return the foot of a plot that begins at a place."""
    return [svg.line(x, TOP + PLOT[1], x + PLOT[0], TOP + PLOT[1], svg.QUIET)]


def grid(x: float, across: Axis, up: Axis) -> list[str]:
    """Return the lines and the numbers of a plot's axes."""
    parts = []
    for tick, label in zip(up.ticks, up.labels, strict=True):
        y = _y(up, tick)
        parts.append(svg.line(x, y, x + PLOT[0], y))
        parts.append(svg.text(x - 8, y + 4, label, 11, svg.QUIET, text_anchor="end"))
    bottom = TOP + PLOT[1]
    for tick, label in zip(across.ticks, across.labels, strict=True):
        at = _x(x, across, tick)
        parts.append(svg.line(at, bottom, at, bottom + 4, svg.QUIET))
        parts.append(svg.text(at, bottom + 18, label, 11, svg.QUIET, text_anchor="middle"))
    return [*parts, svg.text(x + PLOT[0] / 2, bottom + 35, "epoch", 11, svg.QUIET, text_anchor="middle")]


def draw_curve(x: float, across: Axis, up: Axis, curve: Curve) -> list[str]:
    """Return a line that is broken where a value is missing; what stands alone is a dot."""
    parts = []
    for run in unbroken(curve.points):
        places = [(_x(x, across, epoch), _y(up, value)) for epoch, value in run]
        if len(places) > 1:
            path = "M" + "L".join(f"{svg.number(a)} {svg.number(b)}" for a, b in places)
            parts.append(
                svg.element("path", d=path, fill="none", stroke=curve.color, stroke_width=curve.stroke, **_ROUND)
            )
        if len(places) == 1 or len(curve.points) + curve.missing <= FEW:
            parts += [svg.element("circle", cx=a, cy=b, r=1.8 + curve.stroke / 2, fill=curve.color) for a, b in places]
    return parts


_ROUND: Final[Mapping[str, svg.Value]] = {"stroke_linejoin": "round", "stroke_linecap": "round"}


def unbroken(points: Sequence[Point]) -> list[list[Point]]:
    """Return the parts of a line between the epochs that have no value."""
    runs: list[list[Point]] = []
    for point in points:
        if runs and runs[-1][-1][0] + 1 == point[0]:
            runs[-1].append(point)
        else:
            runs.append([point])
    return runs


def _best(x: float, across: Axis, best: int | None, panel: Panel, curve: Curve) -> list[str]:
    """Return the line of the best epoch, and its value in words."""
    at = _x(x, across, best or 0)
    dashed = svg.line(at, TOP, at, TOP + PLOT[1], svg.QUIET, stroke_dasharray="4 4")
    value = dict(curve.points).get(best or 0)
    if value is None:
        return [dashed]
    words = (
        f"{curve.label}, epoch {best:,}: {value:.2f} %" if panel.unit else f"{curve.label}, epoch {best:,}: {value:.4g}"
    )
    return [dashed, svg.text(x + PLOT[0], TOP - 16, words, 11.5, svg.QUIET, text_anchor="end")]


def _ring(x: float, across: Axis, up: Axis, curve: Curve, best: int | None) -> list[str]:
    places = [(_x(x, across, epoch), _y(up, value)) for epoch, value in curve.points if epoch == best]
    style: dict[str, svg.Value] = {"fill": svg.PAPER, "stroke": curve.color, "stroke_width": 2}
    return [svg.element("circle", cx=a, cy=b, r=4.5, **style) for a, b in places]


def _labels(x: float, up: Axis, curves: list[Curve]) -> list[str]:
    """Return the names of the lines at their ends, moved apart where they would overlap."""
    ends = sorted((_y(up, curve.points[-1][1]), curve.label, curve.color) for curve in curves)
    heights = [y for y, _, _ in ends]
    if len(ends) == 2 and heights[1] - heights[0] < APART:
        middle = min(max(sum(heights) / 2, TOP + APART / 2), TOP + PLOT[1] - APART / 2)
        heights = [middle - APART / 2, middle + APART / 2]
    return [
        svg.text(x + PLOT[0] + 10, y + 4, label, 12, color, font_weight=600)
        for y, (_, label, color) in zip(heights, ends, strict=True)
    ]


def _x(x: float, across: Axis, epoch: float) -> float:
    return x + PLOT[0] * across.place(epoch)


def _y(up: Axis, value: float) -> float:
    return TOP + PLOT[1] * (1 - up.place(value))
