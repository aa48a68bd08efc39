"""The Keras layer of a node, and what comes out of it there: a shared layer is used several times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from cnnspec.keras.naming import layer_names

if TYPE_CHECKING:
    import keras

    from cnnspec.ir.graph import Graph


class Use(NamedTuple):
    """One application of a Keras layer: what goes in and what comes out."""

    layer: Any
    inputs: tuple[Any, ...]
    output: Any


def uses(graph: Graph, model: keras.Model) -> Iterator[tuple[str, Use | None]]:
    """Yield the name of every node with its use of a Keras layer, None where the model has no such layer."""
    built, names = {layer.name: layer for layer in model.layers}, layer_names(graph)
    counts: Counter[str] = Counter()
    for node in graph:
        name = names[node.name]
        layer, count = built.get(name), counts[name]
        counts[name] += 1
        calls = [] if layer is None else layer._inbound_nodes  # noqa: SLF001 - the only handle on one of several uses
        if count >= len(calls):
            yield node.name, None
        else:
            call = calls[count]
            yield node.name, Use(layer, tuple(call.input_tensors), call.outputs[0])
