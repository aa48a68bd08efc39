"""A graph as a Python listing that builds its Keras model: text alone, which needs no framework.

The spec is not trusted: what it says stands in the listing as literals and comments only, and its names as variables
only after everything but letters, digits and `_` is gone.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from cnnspec.analysis.measure import measure
from cnnspec.errors import printable
from cnnspec.ir.keras_rule import PAD_OPERATION, Call
from cnnspec.ir.keras_values import is_same
from cnnspec.keras.naming import NamedCall, layer_names, model_name, named_calls

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph, Node
    from cnnspec.ir.shapes import Shape

    Steps = list[tuple[Node, tuple[NamedCall, ...]]]

OBJECTS: Final = {"L2": "keras.regularizers.L2", "Constant": "keras.initializers.Constant"}
"""The classes whose configurations are values of arguments, each of one number."""
RESERVED: Final = frozenset({*keyword.kwlist, "keras", "layers", "model", "inputs", "outputs", "x", "float"})
"""Names that mean something in a listing, besides Python's own words."""


def render(graph: Graph) -> str:
    """Return a Python listing that builds the same model as `cnnspec.keras.build`."""
    totals, steps = measure(graph).totals, list(named_calls(graph))
    layers = "1 layer" if totals.layers == 1 else f"{totals.layers:,} layers"
    facts = f"{layers}, {totals.params:,} parameters, {totals.macs:,} MACs"
    head = [f"# {printable(graph.name)}: {facts}", "import keras", "from keras import layers", ""]
    body = _sequential(graph, steps) if _is_chain(graph, steps) else _functional(graph, steps)
    return "\n".join([*head, *body]) + "\n"


def _is_chain(graph: Graph, steps: Steps) -> bool:
    """Tell whether every node is one layer that reads the one before it, from the only input to the only output."""
    if len(graph.inputs) > 1 or not steps or graph.outputs != (steps[-1][0].name,):
        return False
    nodes = [node for node, _ in steps]
    in_a_row = nodes[0].inputs == (graph.inputs[0].name,) and all(b.inputs == (a.name,) for a, b in pairwise(nodes))
    alone = all(len(calls) == 1 and not node.layer.joins and not node.shared for node, calls in steps)
    return in_a_row and alone


def _sequential(graph: Graph, steps: Steps) -> Iterator[str]:
    yield "model = keras.Sequential("
    yield "    ["
    yield f"        {_inputs(graph)[0]},"
    for node, (named,) in steps:
        yield f"        {_layer(named)},{_comment(node.shape)}"
    yield "    ],"
    yield f"    name={_quote(model_name(graph))},"
    yield ")"


def _functional(graph: Graph, steps: Steps) -> Iterator[str]:
    names = _variables(graph)
    shared = _shared_layers(graph, names)
    for entry, made in zip(graph.inputs, _inputs(graph), strict=True):
        yield f"{names[entry.name]} = {made}"
    for node, calls in steps:
        reads = [names[name] for name in node.inputs]
        tensor = f"[{', '.join(reads)}]" if node.layer.joins else reads[0]
        for named in calls:
            last = named is calls[-1]
            if last and node.name in shared:
                yield f"{shared[node.name]} = {_layer(named)}"
            layer = shared.get(node.shared or node.name, "") if last else ""
            applied = f"{layer}({tensor})" if layer else _applied(named, tensor)
            yield f"{names[node.name] if last else 'x'} = {applied}{_comment(node.shape) * last}"
            tensor = "x"
    inputs = _several([names[entry.name] for entry in graph.inputs])
    outputs = _several([names[name] for name in graph.outputs])
    yield f"model = keras.Model({inputs}, {outputs}, name={_quote(model_name(graph))})"


def _shared_layers(graph: Graph, names: Mapping[str, str]) -> dict[str, str]:
    """Return the variable of every Keras layer that is used more than once."""
    taken = {*RESERVED, *names.values()}
    first = dict.fromkeys(node.shared for node in graph if node.shared)
    return {name: _identifier(f"{name}_layer", taken) for name in first}


def _variables(graph: Graph) -> dict[str, str]:
    """Return the variable of every tensor: `x` where only the next layer reads it, its own name elsewhere."""
    order = [*(entry.name for entry in graph.inputs), *(node.name for node in graph)]
    readers: dict[str, set[int]] = {name: set() for name in order}
    first = len(graph.inputs)
    for place, node in enumerate(graph, first):
        for name in node.inputs:
            readers[name].add(place)
    for name in graph.outputs:
        readers[name].add(-1)
    variables: dict[str, str] = {}
    taken = set(RESERVED)
    for place, name in enumerate(order):
        if first == 1 and place == 0:
            variables[name] = "inputs"
        elif (name,) == graph.outputs and readers[name] == {-1}:
            variables[name] = "outputs"
        elif place >= first and readers[name] == {place + 1}:
            variables[name] = "x"
        else:
            variables[name] = _identifier(name, taken)
    return variables


def _identifier(name: str, taken: set[str]) -> str:
    """Return a name as a variable that means nothing else, and take it."""
    word = re.sub(r"[^A-Za-z0-9_]", "_", name)
    word = word if word[:1].isalpha() else f"_{word.lstrip('_')}"
    number, free = 1, word
    while free in taken:
        number += 1
        free = f"{word}_{number}"
    taken.add(free)
    return free


def _inputs(graph: Graph) -> list[str]:
    names = layer_names(graph)
    return [f"keras.Input({_literal(entry.shape)}, name={_quote(names[entry.name])})" for entry in graph.inputs]


def _applied(named: NamedCall, tensor: str) -> str:
    """Return the application of a layer; `keras.ops.pad` is a function, which takes no name."""
    if named.call.class_name == PAD_OPERATION:
        return f"keras.{PAD_OPERATION}({', '.join([tensor, *_arguments(named.call)])})"
    return f"{_layer(named)}({tensor})"


def _layer(named: NamedCall) -> str:
    return _constructed(named.call, f"name={_quote(named.name)}")


def _constructed(call: Call, *named: str) -> str:
    return f"layers.{call.class_name}({', '.join([*_arguments(call), *named])})"


def _arguments(call: Call) -> Iterator[str]:
    """Yield the arguments that say something, those without names first."""
    yield from (_literal(call.arguments[name]) for name in call.first)
    for name, value in call.arguments.items():
        is_default = name in call.defaults and is_same(value, call.defaults[name])
        if name not in call.first and not is_default:
            yield f"{name}={_literal(value)}"


def _literal(value: Any) -> str:
    if isinstance(value, Call):
        return _constructed(value)
    if isinstance(value, dict):
        (number,) = value["config"].values()
        return f"{OBJECTS[value['class_name']]}({_literal(number)})"
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, list | tuple):
        inner = ", ".join(map(_literal, value))
        return f"[{inner}]" if isinstance(value, list) else f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, float) and not isfinite(value):
        return f'float("{value}")'
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    raise TypeError(f"{value!r} has no literal")


def _quote(text: str) -> str:
    """Return a string literal, in double quotes where nothing in it needs care."""
    return f'"{text}"' if re.fullmatch(r"[A-Za-z0-9_. -]*", text) else repr(text)


def _several(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"[{', '.join(names)}]"


def _comment(shape: Shape) -> str:
    return f"  # {'×'.join(map(str, shape))}"
