"""The JSON summary: a contract that scripts depend on, stable and exact."""

from __future__ import annotations

from typing import Any, Final

from cnnspec.analysis.counting import OURS
from cnnspec.analysis.measure import Row, Summary
from cnnspec.analysis.quantities import MACS, PARAMS, PLACES, QUANTITIES, SHAPE, SIZE, Quantity, explained, is_asked
from cnnspec.analysis.receptive_field import View
from cnnspec.errors import listing
from cnnspec.formula import EXACT, Term
from cnnspec.formula import render as write
from cnnspec.ir.graph import Node
from cnnspec.ir.role import Role
from cnnspec.json_lines import VERSION, by_item
from cnnspec.reports._format import TableFormat

FORMAT: Final = TableFormat(suffix=".json", whole=True)

_NUMBERS: Final = [each for each in QUANTITIES.values() if each is not SHAPE and not each.traced]
_TRACED: Final = [each for each in QUANTITIES.values() if each.traced]
"""What equal layers do not share."""


UNKNOWN: Final[dict[str, Any]] = {"symbolic": "?", "substituted": "?", "value": None}
_GIVEN: Final = (SHAPE.key, PARAMS.key, MACS.key)
"""What a layer of the writer's has, in JSON's words."""


def heading(summary: Summary) -> dict[str, Any]:
    """Return what a document about a network begins with."""
    return {
        "cnnspec": VERSION,
        "name": summary.name,
        "source": summary.graph.source.name,
        "batch": summary.batch,
        "dtype": summary.dtype,
    }


def render(summary: Summary) -> str:
    """Return the summary as JSON, one line per layer."""
    known: dict[int, tuple[dict[str, Any], dict[str, Any]]] = {}
    head = {
        **heading(summary),
        **_counting(summary),
        "inputs": [
            {"name": entry.name, "shape": list(entry.shape), SIZE.key: SIZE.of_input(entry.shape)}
            for entry in summary.inputs
        ],
        "outputs": list(summary.graph.outputs),
    }
    layers = (_layer(summary, row, known) for row in summary.rows)
    return by_item(head, "layers", layers, {"totals": _totals(summary)})


def _counting(summary: Summary) -> dict[str, Any]:
    """Return how is counted, where it is not our own way."""
    convention, params = summary.counting
    memory = {"memory": summary.footprint.memory._asdict()} if summary.footprint.asked else {}
    found = {"convention": convention} if convention else {}
    return {**found, **({"params_as": params} if params != OURS.params else {}), **memory}


def _totals(summary: Summary) -> dict[str, Any]:
    """Return the sums, null where a layer's number is not known."""
    shown = [each for each in QUANTITIES.values() if each.total and is_asked(each, summary)]
    sums = {each.key: each.total_of(summary) if each.is_known(summary.rows) else None for each in shown}
    unknown = {each.key: _left_out(each, summary) for each in shown if sums[each.key] is None}
    if PARAMS.key in unknown:
        sums, unknown = sums | {"params_bytes": None}, unknown | {"params_bytes": unknown[PARAMS.key]}
    if summary.footprint.memory.optimizer:
        from cnnspec.analysis.training_memory import training_bytes  # noqa: PLC0415 - asked for by few

        sums["training_bytes"] = training_bytes(summary)
    return summary.totals._asdict() | sums | ({"unknown": unknown} if unknown else {})


def _left_out(quantity: Quantity, summary: Summary) -> str:
    """Return why a sum is not known, and what it is without what is missing."""
    names = listing([row.name for row in summary.rows if quantity.unknown_in(row)], 8)
    return f"not known of {names}; the others have {quantity.total_of(summary)}"


def _layer(summary: Summary, row: Row, known: dict[int, tuple[dict[str, Any], dict[str, Any]]]) -> dict[str, Any]:
    """Return a layer; equal layers share their quantities, whose numbers and formulas are `known` from the first."""
    node, quantities = row.node, row.quantities
    if id(quantities) not in known:
        known[id(quantities)] = _numbers(row), _formulas(row)
    numbers, formulas = known[id(quantities)]
    places, unknown = _places(row.view)
    result = {
        "name": node.name,
        "kind": node.kind,
        "role": node.layer.role.value,
        "inputs": list(node.inputs),
        "input_shapes": [list(shape) for shape in node.input_shapes],
        SHAPE.key: list(node.shape),
        **numbers,
        **{each.key: each.of(row) for each in _TRACED if each.asked(row)},
        **places,
        "line": summary.graph.line(node),
        "window": _window(node),
        "arguments": {name.rstrip("_"): value for name, value in node.layer.arguments().items()},
        "formulas": {**formulas, **{each.key: _traced(each, row) for each in _TRACED if each.asked(row)}},
    }
    if node.scope:
        result["blocks"] = [copy.name for copy in node.scope]
        result["templates"] = [copy.block for copy in node.scope]
    if node.layer.is_view:
        result["view"] = True
    if node.note:
        result["note"] = node.note
    if node.layer.step_axes:
        result["steps"] = list(node.shape[: node.layer.step_axes])
    if node.shared:
        result["shared_with"] = node.shared
    if not node.trainable:
        result["trainable"] = False
    unknown = _given(row) | unknown
    return result | ({"unknown": unknown} if unknown else {})


def _window(node: Node) -> dict[str, Any] | None:
    """Return how the layer's window slides, with its padding in elements."""
    window = node.layer.sliding(node.input_shapes[0])
    if window is None:
        return None
    found = {name: list(value) for name, value in window._asdict().items() if name != "spread"}
    return found | ({"spread": True} if window.spread else {})


def _traced(quantity: Quantity, row: Row) -> dict[str, Any]:
    if reason := quantity.unknown_in(row):
        return UNKNOWN | {"reason": reason}
    return _formula(quantity.traced(row)) if quantity.traced else {}


def _numbers(row: Row) -> dict[str, Any]:
    return {each.key: each.of(row) for each in _NUMBERS if each.asked(row)}


def _given(row: Row) -> dict[str, str]:
    """Return why numbers are not known, and whose word those are that are not computed."""
    layer = row.node.layer
    if layer.role is not Role.OPAQUE:
        return {}
    found = {each.key: each.unknown_in(row) for each in QUANTITIES.values() if each.asked(row)}
    return {key: reason or layer.free for key, reason in found.items() if reason or key in _GIVEN}


def _places(view: View) -> tuple[dict[str, Any], dict[str, str]]:
    """Return receptive field, jump and start, and the reasons for those that cannot be known."""
    places: dict[str, Any] = {}
    unknown: dict[str, str] = {}
    for name, _, value, reason_of in PLACES.values():
        reason = reason_of(view)
        if reason:
            unknown[name] = reason
        places[name] = None if reason else [value(axis) for axis in view.axes or ()]
    return places, unknown


def _formulas(row: Row) -> dict[str, Any]:
    formulas = {name: _formula(term) for name, term in explained(row.quantities).items()}
    for name in formulas:
        if reason := QUANTITIES[name].unknown_in(row):
            formulas[name] = UNKNOWN | {"reason": reason}
    return {
        SHAPE.key: [_formula(size) for size in row.quantities.shape],
        **{QUANTITIES[name].key: formula for name, formula in formulas.items()},
    }


def _formula(term: Term) -> dict[str, Any]:
    result = {"symbolic": write(term, EXACT), "substituted": write(term, EXACT, numbers=True), "value": term.value}
    return result | ({"reason": term.reason} if term.reason else {})
