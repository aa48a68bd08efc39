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
    """One application of a node's Keras layers: the layers, what goes into the last one and what comes out."""

    layers: tuple[Any, ...]
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
        calls = [] if last is None else last._inbound_nodes  # noqa: SLF001 - the only handle on one of several uses
        if count >= len(calls):
            yield node.name, None
        else:
            layers = tuple(built[call.name] for call in named if call.name in built)
            yield node.name, Use(layers, tuple(calls[count].input_tensors), calls[count].outputs[0])
