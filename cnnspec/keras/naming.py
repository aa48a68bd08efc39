"""The names of a graph's Keras layers and of its model: one place, for the live model and for its listing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.analysis.measure import quantities_of

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph, Node
    from cnnspec.ir.keras_rule import Call


class NamedCall(NamedTuple):
    """One Keras layer under the name that it bears in the model; `again` means the layer of that name, made before."""

    name: str
    call: Call
    again: bool = False


def named_calls(graph: Graph) -> Iterator[tuple[Node, tuple[NamedCall, ...]]]:
    """Yield every node with its Keras layers, the last of which bears the node's name, or that of the shared one.

    A layer that is frozen and learns something says `trainable=False`.
    """
    names = layer_names(graph)
    taken = {*names, *names.values()}
    for node in graph:
        name = names[node.name]
        *before, last = node.layer.keras_calls(len(node.input_shapes[0]) - 1)
        named = [NamedCall(_free_name(f"{name}_pad", taken), call) for call in before]
        if not node.trainable and quantities_of(node.layer, node.input_shapes).params.value:
            last = last._replace(arguments={**last.arguments, "trainable": False})
        yield node, (*named, NamedCall(name, last, again=bool(node.shared)))


def layer_names(graph: Graph) -> dict[str, str]:
    """Return the name of the Keras layer of every input and node; a shared layer has that of its first use.

    Keras names TensorFlow's scopes after its layers, and none may begin with `_`: such a name gets a word in front.
    """
    own = [*(entry.name for entry in graph.inputs), *(node.name for node in graph)]
    taken = {*own}
    names = {name: _free_name(f"layer{name}", taken) if name.startswith("_") else name for name in own}
    return names | {node.name: names[node.shared] for node in graph if node.shared}


def model_name(graph: Graph) -> str:
    """Return the name of a graph's model: what TensorFlow takes for a name, and every file system too."""
    return re.sub(r"[^A-Za-z0-9_.-]", "-", graph.name).lstrip("-_") or "model"


def _free_name(name: str, taken: set[str]) -> str:
    """Return a name that nothing else in the model has, and take it."""
    while name in taken:
        name += "_"
    taken.add(name)
    return name
