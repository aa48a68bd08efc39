"""The Keras layer of a node, and what comes out of it there: a shared layer is used several times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from cnnspec.keras.naming import named_calls

if TYPE_CHECKING:
    import keras

    from cnnspec.ir.graph import Graph


class Use(NamedTuple):
    """One application of a node's Keras layers: all, the one that multiplies, what enters it, and what comes out."""

    layers: tuple[Any, ...]
    multiplying: Any
    inputs: tuple[Any, ...]
    output: Any


def uses(graph: Graph, model: keras.Model) -> Iterator[tuple[str, Use | None]]:
    """Yield the name of every node with its use of Keras layers, None where the model lacks the last one."""
    built = {operation.name: operation for operation in model.operations}
    counts: Counter[str] = Counter()
    for node, named in named_calls(graph):
        name = named[-1].name
        last, count = built.get(name), counts[name]
        counts[name] += 1
        layers = tuple(built[call.name] for call in named if call.name in built)
        multiplying = next((built[call.name] for call in named if call.call.learns and call.name in built), last)
        (entering, _), (_, leaving) = (_ends(layer, count) for layer in (multiplying, last))
        yield node.name, None if entering is None or leaving is None else Use(layers, multiplying, entering, leaving)


def _ends(layer: Any, count: int) -> tuple[Any, Any]:
    """Return what enters one of several uses of a layer and what leaves it, None where there is no such use."""
    calls = [] if layer is None else layer._inbound_nodes  # noqa: SLF001 - the only handle on a use
    return (None, None) if count >= len(calls) else (tuple(calls[count].input_tensors), calls[count].outputs[0])
