"""Keras' word on every analytic number: shapes, parameters and MACs, layer by layer and in total."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import prod
from typing import TYPE_CHECKING, Any, Final

from cnnspec.analysis.agreement import Check, Framework, Verification
from cnnspec.analysis.measure import Row, Summary, measure
from cnnspec.analysis.quantities import MACS, QUANTITIES, SHAPE
from cnnspec.keras.build import build, framework
from cnnspec.keras.naming import layer_names, named_calls
from cnnspec.keras.profiling import profiled_macs
from cnnspec.keras.uses import Use, uses

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph


def verify(graph: Graph, model: Any = None, *, macs: bool = False) -> Verification:
    """Return a graph's numbers beside those of its Keras model, which is built unless it is given.

    With `macs`, TensorFlow's profiler counts the multiply-accumulates of conv and dense kinds.
    """
    summary = measure(graph)
    version = framework().__version__
    model = build(graph) if model is None else model
    built = dict(uses(graph, model))
    reasons = {row.name: row.node.layer.uncounted() for row in summary if row.macs} if macs else {}
    return Verification(
        Framework("Keras", "keras", "E508", version),
        summary,
        tuple(_check(row, built.get(row.name), counted=reasons.get(row.name) == "") for row in summary),
        _total(summary, model),
        {name: reason for name, reason in reasons.items() if reason},
        macs,
    )


def _check(row: Row, use: Use | None, *, counted: bool) -> Check:
    ours = {QUANTITIES[name].key: QUANTITIES[name].value(row) for name in (SHAPE.name, *_OF_LAYER)}
    theirs = {} if use is None else _facts(use, shared=bool(row.node.shared))
    if counted:
        ours[MACS.key] = row.macs
        theirs |= {} if use is None else {MACS.key: profiled_macs(use.multiplying, use.inputs[0])}
    return Check(row.name, row.kind, ours, theirs)


def _facts(use: Use, *, shared: bool) -> dict[str, Any]:
    """Return what Keras says of a layer; the weights of a shared one count at its first use alone."""
    layers = [layer for layer in use.layers if hasattr(layer, "weights")]  # functions have none
    weights = {
        QUANTITIES[name].key: 0 if shared else sum(read(layer) for layer in layers) for name, read in _OF_LAYER.items()
    }
    return {SHAPE.key: tuple(use.output.shape[1:]), **weights}


def _total(summary: Summary, model: Any) -> Check:
    graph, names = summary.graph, layer_names(summary.graph)
    shapes = {entry.name: entry.shape for entry in graph.inputs} | {node.name: node.shape for node in graph}
    ours = {
        **{QUANTITIES[name].key: QUANTITIES[name].total_of(summary) for name in _OF_MODEL},
        "inputs": tuple((names[entry.name], entry.shape) for entry in graph.inputs),
        "outputs": tuple((names[name], shapes[name]) for name in graph.outputs),
        "calls": sum(not call.again for _, calls in named_calls(graph) for call in calls),
    }
    theirs = {
        **{QUANTITIES[name].key: read(model) for name, read in _OF_MODEL.items()},
        "inputs": _tensors(model.inputs),
        "outputs": _tensors(model.outputs),
        "calls": len(model.operations) - len(model.inputs),
    }
    return Check("Total", "", ours, theirs)


def _tensors(tensors: Iterable[Any]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return the layers that tensors come from, with the tensors' shapes."""
    return tuple((tensor._keras_history.operation.name, tuple(tensor.shape[1:])) for tensor in tensors)  # noqa: SLF001 - the only way to the layer


def _size(weights: Iterable[Any]) -> int:
    return sum(prod(weight.shape) for weight in weights)


_OF_MODEL: Final[Mapping[str, Callable[[Any], Any]]] = {
    "params": lambda model: model.count_params(),
    "trainable": lambda model: _size(model.trainable_weights),
    "non_trainable": lambda model: _size(model.non_trainable_weights),
}
"""Where a model of Keras, or one of its layers, has a quantity."""
_OF_LAYER: Final[Mapping[str, Callable[[Any], Any]]] = {
    **_OF_MODEL,
    # What has the name of a bias is one.
    "biases": lambda layer: _size(weight for weight in layer.weights if weight.name in ("bias", "beta")),
}
"""Where a layer of Keras has a quantity."""
