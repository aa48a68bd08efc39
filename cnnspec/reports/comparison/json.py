"""The comparison as JSON: raw integers, and null where a number is not known."""

from __future__ import annotations

from typing import Any, Final

from cnnspec.analysis.comparison import Change, Comparison
from cnnspec.json_lines import VERSION, by_item
from cnnspec.reports._format import TableFormat
from cnnspec.reports.comparison._rows import facts_of

FORMAT: Final = TableFormat(suffix=".json", whole=True)


def render(comparison: Comparison) -> str:
    """Return a line for each network, and one for each layer where these are asked for."""
    networks = (_network(comparison, place) for place in range(len(comparison.sides)))
    if comparison.changes is None:
        return by_item({"cnnspec": VERSION}, "networks", networks)
    return by_item({"cnnspec": VERSION, "networks": list(networks)}, "layers", map(_change, comparison.changes))


def _network(comparison: Comparison, place: int) -> dict[str, Any]:
    side = comparison.sides[place]
    figures = comparison.figures
    return {
        "label": side.label,
        "name": side.summary.name,
        "source": side.summary.graph.source.name,
        "input_shapes": [list(shape) for shape in side.inputs],
        "output_shapes": [list(shape) for shape in side.outputs],
        "totals": {figure.name: None if figure.least[place] else figure.values[place] for figure in figures},
        "ratios": {figure.name: figure.ratio(place) for figure in figures},
    }


def _change(change: Change) -> dict[str, Any]:
    return {"status": change.status.value, "left": facts_of(change.left), "right": facts_of(change.right)}
