"""A graph as a Python listing that builds its Keras model: text alone, which needs no framework.

The spec is not trusted: what it says stands in the listing as literals and comments only, and its names as variables
only after everything but letters, digits and `_` is gone.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from cnnspec.analysis.measure import measure
from cnnspec.errors import printable
from cnnspec.ir.keras_rule import Call
from cnnspec.ir.keras_values import is_same
from cnnspec.keras.naming import NamedCall, layer_names, model_name, named_calls
from cnnspec.python_text import identifier, literal, quote, variables

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
    frozen = dict.fromkeys(named.name for _, calls in steps for named in calls if named.frozen)
    tail = (f"model.get_layer({quote(name)}).trainable = False" for name in frozen)
    return "\n".join([*head, *body, *tail]) + "\n"


def _is_chain(graph: Graph, steps: Steps) -> bool:
    """Tell whether every node is one layer that reads the one before it, from the only input to the only output."""
    if len(graph.inputs) > 1 or not steps or graph.outputs != (steps[-1][0].name,):
        return False
    nodes = [node for node, _ in steps]
    in_a_row = nodes[0].inputs == (graph.inputs[0].name,) and all(b.inputs == (a.name,) for a, b in pairwise(nodes))
    alone = all(len(calls) == 1 and not node.layer.joins and not node.shared for node, calls in steps)
    return in_a_row and alone and not any(calls[0].call.is_function or calls[0].call.apart for _, calls in steps)


def _sequential(graph: Graph, steps: Steps) -> Iterator[str]:
    yield "model = keras.Sequential("
    yield "    ["
    yield f"        {_inputs(graph)[0]},"
    for node, (named,) in steps:
        yield f"        {_layer(named)},{_comment(node.shape)}"
    yield "    ],"
    yield f"    name={quote(model_name(graph))},"
    yield ")"


def _functional(graph: Graph, steps: Steps) -> Iterator[str]:
    names = variables(graph, RESERVED, "inputs", "outputs")
    taken = {*RESERVED, *names.values()}
    again = dict.fromkeys(named.name for _, calls in steps for named in calls if named.again)
    shared = {name: identifier(f"{name}_layer", taken) for name in again}
    for entry, made in zip(graph.inputs, _inputs(graph), strict=True):
        yield f"{names[entry.name]} = {made}"
    for node, calls in steps:
        parts = [names[name] for name in node.inputs]
        own = _parts(node, calls, names[node.name], taken)
        for named, part in zip(calls, own, strict=True):
            if named.name in shared and not named.again:
                yield f"{shared[named.name]} = {_layer(named)}"
            tensors = ", ".join(parts[place] for place in named.reads)
            tensors = f"[{tensors}]" if len(named.reads) > 1 and not named.call.apart else tensors
            applied = f"{shared[named.name]}({tensors})" if named.name in shared else _applied(named, tensors)
            yield f"{part} = {applied}{_comment(node.shape) * (named is calls[-1])}"
            parts.append(part)
    inputs = _several([names[entry.name] for entry in graph.inputs])
    outputs = _several([names[name] for name in graph.outputs])
    yield f"model = keras.Model({inputs}, {outputs}, name={quote(model_name(graph))})"


def _parts(node: Node, calls: Sequence[NamedCall], variable: str, taken: set[str]) -> list[str]:
    """Return the variables behind the Keras layers of a node: `x` where each reads the one before it alone."""
    first = len(node.inputs)
    in_a_row = all(named.reads == (first + place,) for place, named in enumerate(calls[1:]))
    return [*("x" if in_a_row else identifier(named.name, taken) for named in calls[:-1]), variable]


def _inputs(graph: Graph) -> list[str]:
    names = layer_names(graph)
    return [f"keras.Input({_literal(entry.shape)}, name={quote(names[entry.name])})" for entry in graph.inputs]


def _applied(named: NamedCall, tensors: str) -> str:
    """Return the application of a layer, or of a function, which takes no name."""
    if named.call.is_function:
        return f"keras.{named.call.class_name}({', '.join([tensors, *_arguments(named.call)])})"
    return f"{_layer(named)}({tensors})"


def _layer(named: NamedCall) -> str:
    return _constructed(named.call, f"name={quote(named.name)}")


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
    """Return a value of an argument, which may be a layer or an object, or hold such."""
    if isinstance(value, Call):
        return _constructed(value)
    if isinstance(value, dict):
        (number,) = value["config"].values()
        return f"{OBJECTS[value['class_name']]}({literal(number)})"
    return literal(value)


def _several(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"[{', '.join(names)}]"


def _comment(shape: Shape) -> str:
    return f"  # {'×'.join(map(str, shape))}"
