"""The JSON summary: a contract that scripts depend on, stable and exact."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cnnspec.analysis.measure import Quantities, Row, Summary
from cnnspec.analysis.receptive_field import View
from cnnspec.formula import EXACT, Term
from cnnspec.formula import render as write
from cnnspec.ir.shapes import size_of

if TYPE_CHECKING:
    from fractions import Fraction

VERSION = 1


def render(summary: Summary) -> str:
    """Return the summary as JSON, one line per layer."""
    written: dict[int, dict[str, Any]] = {}
    layers = ",\n".join("  " + _dump(_layer(summary, row, written)) for row in summary.rows)
    head = {
        "cnnspec": VERSION,
        "name": summary.name,
        "source": summary.graph.source.name,
        "batch": summary.batch,
        "dtype": summary.dtype,
        "inputs": [
            {"name": entry.name, "shape": list(entry.shape), "activation_size": size_of(entry.shape)}
            for entry in summary.inputs
        ],
        "outputs": list(summary.graph.outputs),
    }
    return f'{_dump(head)[:-1]},\n "layers": [\n{layers}],\n "totals": {_dump(_totals(summary))}}}\n'


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _totals(summary: Summary) -> dict[str, int]:
    totals = summary.totals
    return {name: getattr(totals, name) for name in totals._fields}


def _layer(summary: Summary, row: Row, written: dict[int, dict[str, Any]]) -> dict[str, Any]:
    node, quantities = row.node, row.quantities
    formulas = written.get(id(quantities))
    if formulas is None:
        formulas = written[id(quantities)] = _formulas(quantities)
    places, unknown = _places(row.view)
    result = {
        "name": node.name,
        "kind": node.kind,
        "inputs": list(node.inputs),
        "input_shapes": [list(shape) for shape in node.input_shapes],
        "output_shape": list(node.shape),
        "activation_size": row.activation_size,
        "params": row.params,
        "weights": row.weights,
        "biases": row.biases,
        "trainable_params": row.trainable_params,
        "non_trainable_params": row.non_trainable_params,
        "macs": row.macs,
        "flops": row.flops,
        **places,
        "line": summary.graph.line(node),
        "arguments": {name.rstrip("_"): value for name, value in node.layer.arguments().items()},
        "formulas": formulas,
    }
    if node.scope:
        result["blocks"] = [copy.name for copy in node.scope]
    if node.note:
        result["note"] = node.note
    if node.shared:
        result["shared_with"] = node.shared
    if not node.trainable:
        result["trainable"] = False
    return result | ({"unknown": unknown} if unknown else {})


def _places(view: View) -> tuple[dict[str, Any], dict[str, str]]:
    """Return receptive field, jump and start, and the reasons for those that cannot be known."""
    if view.axes is None:
        nothing = dict.fromkeys(("receptive_field", "jump", "start"))
        return nothing, dict.fromkeys(nothing, view.reason)
    places: dict[str, Any] = {
        "receptive_field": [axis.pixels for axis in view.axes],
        "jump": [_number(axis.jump) for axis in view.axes],
        "start": [float(axis.start) for axis in view.axes],
    }
    if not view.misaligned:
        return places, {}
    return places | {"start": None}, {"start": view.misaligned}


def _number(value: float | Fraction) -> int | float:
    return int(value) if value == int(value) else float(value)


def _formulas(quantities: Quantities) -> dict[str, Any]:
    return {
        "output_shape": [_formula(size) for size in quantities.shape],
        "activation_size": _formula(quantities.activation_size),
        "params": _formula(quantities.params),
        "macs": _formula(quantities.macs),
        "flops": _formula(quantities.flops),
    }


def _formula(term: Term) -> dict[str, Any]:
    result = {"symbolic": write(term, EXACT), "substituted": write(term, EXACT, numbers=True), "value": term.value}
    return result | ({"reason": term.reason} if term.reason else {})
