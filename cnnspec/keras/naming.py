"""The names of a graph's Keras layers and of its model: one place, for the live model and for its listing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.analysis.measure import quantities_of
from cnnspec.errors import CnnspecError, Diagnostic
from cnnspec.ir.keras_rule import FUNCTIONS
from cnnspec.ir.layer import LayerError
from cnnspec.ir.words import find_kind

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph, Node
    from cnnspec.ir.keras_rule import Call


class NamedCall(NamedTuple):
    """One Keras layer under the name that it bears in the model, and what it reads, by place.

    The places count the inputs of the node and then its layers. `again` means the layer of that name, made before;
    `frozen` one whose inner layers are to be frozen behind the model, for its argument does not reach them.
    """

    name: str
    call: Call
    reads: tuple[int, ...]
    again: bool = False
    frozen: bool = False


def named_calls(graph: Graph) -> Iterator[tuple[Node, tuple[NamedCall, ...]]]:
    """Yield every node with its Keras layers, the last of which bears the node's name, or that of the shared one.

    A layer that is frozen and learns something says `trainable=False`, if that is enough.
    """
    names = layer_names(graph)
    taken = {*names, *names.values()}
    learning: dict[str, list[str]] = {}
    for node, calls in zip(graph, _all_calls(graph), strict=True):
        own = [_free_name(f"{names[node.name]}_{_word(call)}", taken) for call in calls[:-1]] + [names[node.name]]
        first = learning.setdefault(node.shared or node.name, own)
        frozen = not node.trainable and bool(quantities_of(node.layer, node.input_shapes).params.value)
        yield node, tuple(_named(node, calls, own, first, frozen=frozen))


def what_keras_lacks(graph: Graph) -> list[Diagnostic]:
    """Return a diagnostic for every node for which Keras has no layers."""
    return _calls(graph)[1]


def _all_calls(graph: Graph) -> list[tuple[Call, ...]]:
    """Return the Keras layers of every node; raise CnnspecError with all nodes for which Keras has none."""
    found, faults = _calls(graph)
    if faults:
        raise CnnspecError(faults)
    return found


def _calls(graph: Graph) -> tuple[list[tuple[Call, ...]], list[Diagnostic]]:
    found, faults = [], []
    for node in graph:
        try:
            found.append(node.layer.keras_calls(*node.input_shapes))
        except LayerError as error:
            span = graph.span(node)
            faults.append(Diagnostic(error.code, error.message, span, notes=error.notes, help=error.step))
    return found, faults


def _named(
    node: Node, calls: tuple[Call, ...], own: list[str], first: list[str], *, frozen: bool
) -> Iterator[NamedCall]:
    """Yield the Keras layers of a node; those that learn have the names of the first use."""
    count = len(node.inputs)
    alone = not any(call.learns for call in calls)
    for place, call in enumerate(calls):
        before = (count + place - 1,) if place else tuple(range(count if node.layer.joins else 1))
        is_last, learns = place == len(calls) - 1, call.learns or (alone and place == len(calls) - 1)
        again = bool(node.shared) and (learns or is_last)
        stops = frozen and learns
        says_so = stops and not call.has_layers
        stated = call._replace(arguments={**call.arguments, "trainable": False}) if says_so else call
        name = first[place] if again else own[place]
        yield NamedCall(name, stated, call.reads or before, again, frozen=stops and not says_so)


def _word(call: Call) -> str:
    """Return what a layer in front of another one is called: the kind that its class means, or that itself."""
    word = call.class_name.removeprefix(FUNCTIONS)
    found = find_kind(word)
    return found[0].kind if found else word.lower()


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
