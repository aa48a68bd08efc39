"""A network with fewer layers that computes the same: what frameworks do in several layers is one here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from cnnspec.ir.graph import Graph, Node
from cnnspec.ir.inference import infer
from cnnspec.ir.keras_rule import Call
from cnnspec.ir.layer import KINDS, Layer, LayerError
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape
from cnnspec.layers._window import Padding, Windowed, effective, margins
from cnnspec.layers.activations import FUNCTIONS, HARD_SIGMOID, Activation, NamedActivation, Relu6
from cnnspec.layers.channel_order import ChannelShuffle, DepthToSpace, SpaceToDepth
from cnnspec.layers.global_pooling import GlobalPooling
from cnnspec.layers.margins import Pad
from cnnspec.layers.pooling import MaxPool, Pooling
from cnnspec.layers.rearrangement import Permute, Reshape
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
        first = _alone_above(above, nodes, readers) if above else None
        if above and first and not {node.name, above.name} & shared and (layer := _of_three(first, above, node)):
            del nodes[above.name], nodes[first.name]
            node = node._replace(layer=layer, inputs=first.inputs, input_shapes=first.input_shapes)  # noqa: PLW2901
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
        node = node._replace(layer=_plain(node.layer))  # noqa: PLW2901 - as it is now
        nodes[node.name] = node._replace(layer=_brief(node._replace(layer=_rounded(node))))
    stubborn = {_window(node.layer) for node in nodes.values() if _same(node) not in (None, "same")}
    return replace(graph, nodes=tuple(_worded(node, stubborn) for node in nodes.values()))


def _plain(layer: Layer) -> Layer:
    """Return a function that is given by its name as the kind of this name, if there is one with nothing to say."""
    cls = KINDS.get(layer.applied)
    is_named = isinstance(layer, NamedActivation) and not layer.step_axes
    if not is_named or cls is None or any(field.required for field in cls.fields.values()):
        return layer
    return cls()


def _brief(node: Node) -> Layer:
    """Return a layer without what follows from its input anyway, such as the channels of an attention's heads."""
    layer = node.layer
    for name, field in layer.fields.items():
        if field.default is not None or field.required or getattr(layer, name) is None:
            continue
        less = type(layer)(**{**_values(layer), name: None})
        try:
            if infer(less, node.input_shapes) == node.shape and _calls(less, node) == _calls(layer, node):
                layer = less
        except LayerError:
            continue
    return layer


def _calls(layer: Layer, node: Node) -> tuple[Call, ...]:
    return layer.keras_calls(*node.input_shapes)


def _alone_above(node: Node, nodes: dict[str, Node], readers: Counter[str]) -> Node | None:
    """Return the node above one, where both are read by one layer alone."""
    above = nodes.get(node.inputs[0])
    return above if above and readers[node.name] == readers[above.name] == 1 else None


def _of_three(first: Node, second: Node, third: Node) -> Layer | None:
    """Return the layer that does what three in a row do, None where there is none.

    MobileNetV3 has relu6(x + 3)/6 in three layers, Keras the exchanges between places and channels.
    """
    layers = (first.layer, second.layer, third.layer)
    if layers == (Rescale(scale=1.0, offset=3.0), Relu6(), Rescale(scale=1 / 6, offset=0.0)):
        return KINDS[HARD_SIGMOID]()
    if tuple(map(type, layers)) != (Reshape, Permute, Reshape):
        return None
    shape, between = first.input_shapes[0], first.shape
    for layer in _exchanges(between):
        try:
            said = [tuple(call.arguments.values()) for call in layer.keras_calls(shape)]
        except (LayerError, ValueError):
            continue
        if said == [tuple(_values(each).values()) for each in layers] and infer(layer, (shape,)) == third.shape:
            return layer
    return None


def _exchanges(between: Shape) -> Iterator[Layer]:
    """Yield the exchanges that may have a shape between their parts."""
    if len(between) > 1:
        yield ChannelShuffle(groups=between[-2])
    if len(between) == 5:
        yield DepthToSpace(block=between[2])
        yield SpaceToDepth(block=between[1])


def _does_nothing(node: Node) -> bool:
    return node.layer.role is Role.ACTIVATION and not node.layer.applied and not node.layer.step_axes


def _window(layer: Layer) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return layer.window, layer.spread


def _same(node: Node) -> Padding | None:
    """Return the padding of a convolution as `same` where this adds the same rows; None for any other layer."""
    layer = node.layer
    if not isinstance(layer, Windowed) or layer.role is not Role.CONVOLUTION or layer.step_axes:
        return None
    added: Padding = layer.padding
    if isinstance(added, str):
        return added if added == "same" else None
    return "same" if added == _rows(layer, node.input_shapes[0]) else added


def _rows(layer: Windowed, shape: Shape) -> tuple[tuple[int, int], ...]:
    """Return the rows that `same` padding adds to input of a shape."""
    axes = zip(shape[:-1], layer.window, layer.spread, layer.stride, strict=True)
    return tuple(margins(n, effective(f, d), s, "same") for n, f, d, s in axes)


def _rounded(node: Node) -> Layer:
    """Return a pooling that rounds up as one with the rows that Keras needs to do the same."""
    layer = node.layer
    if not isinstance(layer, Pooling) or not layer.ceil or layer.step_axes:
        return layer
    try:
        *before, call = layer.keras_calls(node.input_shapes[0])
    except LayerError:
        return layer
    padding = tuple(before[0].arguments["pad_width"])[1:-1] if before else call.arguments["padding"]
    return type(layer)(**{**_values(layer), "ceil": False, "padding": padding})


def _worded(node: Node, stubborn: Collection[object]) -> Node:
    """Return a convolution whose padding is `same` where that adds the same rows.

    Where other windows of its size have rows that no word stands for, it has numbers too; where nothing is added,
    there is no word.
    """
    layer, same = node.layer, _same(node)
    if same != "same" or not isinstance(layer, Windowed):
        return node
    rows = _rows(layer, node.input_shapes[0])
    word = rows if _window(layer) in stubborn else same
    return node._replace(layer=type(layer)(**{**_values(layer), "padding": word if max(map(max, rows)) else "valid"}))


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
    return type(window)(**{**values, "padding": added})


def _is_positive(above: Node, nodes: dict[str, Node]) -> bool:
    """Tell whether no number that enters is negative: then a maximum takes no zero that it would not take anyway."""
    before = nodes.get(above.inputs[0])
    function = before.layer.applied if before else ""
    if before is None or not function or FUNCTIONS[function].is_negative:
        return False
    return not isinstance(before.layer, Activation) or before.layer == KINDS[function]()
