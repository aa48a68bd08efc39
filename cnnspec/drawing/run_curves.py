"""Learning curves of several runs in one picture: a colour for each group, and a line for each run of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from cnnspec.drawing import svg
from cnnspec.drawing.axes import count_up, scale
from cnnspec.drawing.curves import LEFT, PANELS, PLOT, RIGHT, TOP, Curve, Panel, Row, draw_curve, finite, frame, grid

COLOURS: Final = ("#0b6cb3", "#bf5208", "#1a7f45", "#8a3ffc", "#a2191f", "#5c6670", "#007d79", "#9f1853")
"""Eight colours with 4.5:1 of contrast with the paper; more groups begin again, with dashes."""
LINE: Final = 18
GAP: Final = 24
MOST: Final = 24
"""The most groups that are drawn: more colours nobody tells apart."""


class Drawn(NamedTuple):
    """A group of runs: its name, and the history of each."""

    label: str
    histories: Sequence[Sequence[Row]]


def render(groups: Sequence[Drawn], title: str) -> str:
    """Return the SVG of the loss and the accuracy of all runs: on validation data where all of them have any."""
    shown = groups[:MOST]
    rows = [row for group in shown for history in group.histories for row in history]
    prefix = "val_" if rows and all("val_loss" in row for row in rows) else ""
    width = 2 * svg.MARGIN + len(PANELS) * (LEFT + PLOT[0] + RIGHT - GAP) - 16
    part = "validation" if prefix else "training"
    count = sum(len(group.histories) for group in shown)
    body = svg.heading(title, f"on {part} data · {count:,} run{'s' * (count != 1)}", width - 2 * svg.MARGIN)
    for index, panel in enumerate(PANELS):
        x = svg.MARGIN + LEFT + index * (LEFT + PLOT[0] + RIGHT - GAP)
        body += _panel(x, panel._replace(column=prefix + panel.column), shown, rows)
    bottom = TOP + PLOT[1] + 66
    for index, group in enumerate(shown):
        y = bottom + LINE * index
        dashes: dict[str, svg.Value] = {"stroke_dasharray": "6 3"} if index >= len(COLOURS) else {}
        body.append(svg.line(svg.MARGIN, y - 4, svg.MARGIN + 26, y - 4, _colour(index), stroke_width=2.4, **dashes))
        body.append(svg.text(svg.MARGIN + 36, y, svg.fit(group.label, width - 2 * svg.MARGIN - 36, 12)))
    left = len(groups) - len(shown)
    bottom += LINE * len(shown)
    if left:
        body.append(svg.text(svg.MARGIN, bottom, f"{left:,} more are not drawn", 11.5, svg.QUIET))
        bottom += LINE
    return svg.document(width, bottom + 4, title, body, _description(shown))


def _colour(index: int) -> str:
    return COLOURS[index % len(COLOURS)]


def _panel(x: float, panel: Panel, groups: Sequence[Drawn], rows: Sequence[Row]) -> list[str]:
    body = [svg.text(x, TOP - 16, panel.title, 13.5, font_weight=600)]
    curves = [
        (index, curve)
        for index, group in enumerate(groups)
        for history in group.histories
        if (curve := _curve(panel, group.label, history, index)).points
    ]
    values = [value for _, curve in curves for _, value in curve.points]
    if not values:
        at = x + PLOT[0] / 2, TOP + PLOT[1] / 2
        return [*body, *frame(x), svg.text(*at, "unknown", 12, svg.QUIET, text_anchor="middle")]
    epochs = [int(row["epoch"]) for row in rows]
    across, up = count_up(min(epochs), max(epochs)), scale(values, panel.write, panel.most)
    if up.logarithmic:
        body.append(svg.text(x + 74, TOP - 16, "logarithmic", 11.5, svg.QUIET))
    body += [*grid(x, across, up), *frame(x)]
    for index, curve in curves:
        lines = draw_curve(x, across, up, curve)
        body += [svg.element("g", "".join(lines), stroke_dasharray="6 3")] if index >= len(COLOURS) else lines
    return body


def _curve(panel: Panel, label: str, history: Sequence[Row], index: int) -> Curve:
    points = [
        (int(row["epoch"]), value * panel.factor)
        for row in history
        if (value := finite(row.get(panel.column))) is not None
    ]
    return Curve(label, _colour(index), 1.6, points, len(history) - len(points))


def _description(groups: Sequence[Drawn]) -> str:
    return f"Learning curves of {', '.join(group.label for group in groups)}." if groups else "No run."
