"""A network with fewer layers that computes the same: what frameworks do in several layers is one here."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from cnnspec.ir.graph import Graph, Node
from cnnspec.ir.inference import infer
from cnnspec.ir.layer import KINDS, Layer, LayerError
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape
from cnnspec.layers._window import Windowed, effective, margins
from cnnspec.layers.activations import FUNCTIONS, HARD_SIGMOID, Activation, Relu6
from cnnspec.layers.global_pooling import GlobalPooling
from cnnspec.layers.margins import Pad
from cnnspec.layers.pooling import MaxPool
from cnnspec.layers.rearrangement import Reshape
from cnnspec.layers.scaling import Rescale


def simplified(graph: Graph) -> Graph:
    """Return a graph in which a layer takes over what the one before it does only for it."""
    readers = Counter([*graph.outputs, *(read for node in graph for read in node.inputs)])
    nodes: dict[str, Node] = {}
    names: dict[str, str] = {entry.name: entry.name for entry in graph.inputs}
    shared = {node.shared for node in graph if node.shared}
    for node in graph:
        node = node._replace(inputs=tuple(names[read] for read in node.inputs))  # noqa: PLW2901 - as it is now
        above = nodes.get(node.inputs[0])
        if above and _is_hard_sigmoid(node, above, nodes, readers) and not {node.name, above.name} & shared:
            first = nodes.pop(nodes.pop(above.name).inputs[0])
            node = node._replace(layer=KINDS[HARD_SIGMOID](), inputs=first.inputs, input_shapes=first.input_shapes)  # noqa: PLW2901
            names[node.name] = node.name
            nodes[node.name] = node
            continue
        if node.name not in graph.outputs and _does_nothing(node):
            names[node.name] = node.inputs[0]
            readers[node.inputs[0]] += readers[node.name] - 1
            continue
        alone = above is not None and len(node.inputs) == 1 and readers[above.name] == 1
        if above and alone and not {node.name, above.name} & shared and (layer := _merged(above, node, nodes)):
            del nodes[above.name]
            node = node._replace(layer=layer, inputs=above.inputs, input_shapes=above.input_shapes)  # noqa: PLW2901
        names[node.name] = node.name
        nodes[node.name] = node._replace(layer=_canonical(node.layer))
    return replace(graph, nodes=tuple(nodes.values()))


def _is_hard_sigmoid(node: Node, above: Node, nodes: dict[str, Node], readers: Counter[str]) -> bool:
    """Tell whether a layer ends relu6(x + 3)/6, as MobileNetV3 has it in three layers."""
    first = nodes.get(above.inputs[0])
    return (
        first is not None
        and node.layer == Rescale(scale=1 / 6, offset=0.0)
        and above.layer == Relu6()
        and first.layer == Rescale(scale=1.0, offset=3.0)
        and readers[above.name] == readers[first.name] == 1
    )


def _does_nothing(node: Node) -> bool:
    return node.layer.role is Role.ACTIVATION and not node.layer.applied and not node.layer.step_axes


def _canonical(layer: Layer) -> Layer:
    """Return a layer whose window of one element has no word for a padding that adds nothing."""
    if isinstance(layer, Windowed) and not layer.step_axes and max(layer.window) == 1 and layer.padding == "same":
        return type(layer)(**{**_values(layer), "padding": "valid"})
    return layer


def _values(layer: Layer) -> dict[str, Any]:
    return {name: getattr(layer, name) for name in layer.fields}


def _merged(above: Node, node: Node, nodes: dict[str, Node]) -> Layer | None:
    """Return the layer that does what two in a row do, None where there is none."""
    layer = None
    if isinstance(above.layer, Pad) and isinstance(node.layer, Windowed):
        layer = _padded(above, node, nodes)
    elif isinstance(above.layer, GlobalPooling) and isinstance(node.layer, Reshape):
        ones = (*(1 for _ in above.input_shapes[0][:-1]), above.input_shapes[0][-1])
        layer = type(above.layer)(keepdims=True) if node.shape == ones else None
    if layer is None:
        return None
    try:
        return layer if infer(layer, above.input_shapes) == node.shape else None
    except LayerError:
        return None


def _padded(above: Node, node: Node, nodes: dict[str, Node]) -> Layer | None:
    """Return a window with the rows that are added before it as its padding, or as `same`, if these are the same."""
    window, rows = node.layer, above.layer
    values = _values(window)
    added = vars(rows)["margins"]
    zeros: dict[str, Any] = {"margins": added}
    if rows != Pad(**zeros) or values["padding"] != "valid":
        return None
    if isinstance(window, MaxPool) and not _is_positive(above, nodes):
        return None
    shape: Shape = above.input_shapes[0]
    axes = zip(shape[:-1], window.window, window.spread, values["stride"], added, strict=True)
    is_same = all(margins(n, effective(f, d), s, "same") == pair for n, f, d, s, pair in axes)
    # A mean takes no zeros of `same` padding into account, but those of a layer before it.
    word = "same" if is_same and node.layer.role is Role.CONVOLUTION else added
    return type(window)(**{**values, "padding": word})


def _is_positive(above: Node, nodes: dict[str, Node]) -> bool:
    """Tell whether no number that enters is negative: then a maximum takes no zero that it would not take anyway."""
    before = nodes.get(above.inputs[0])
    function = before.layer.applied if before else ""
    if before is None or not function or FUNCTIONS[function].is_negative:
        return False
    return not isinstance(before.layer, Activation) or before.layer == KINDS[function]()
