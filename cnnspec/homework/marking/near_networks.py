"""A network with another convention: the same layers, but valid instead of same padding, another stride, no biases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from cnnspec.ir.graph import Graph, Node
from cnnspec.ir.inference import infer
from cnnspec.ir.layer import Layer, LayerError
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape
from cnnspec.ir.words import field_of

Change = Callable[[Layer], "dict[str, Any]"]


class Variant(NamedTuple):
    """A network for which a wrong table may be right, and what is different in it."""

    difference: str
    graph: Graph


def variants(graph: Graph) -> Iterator[Variant]:
    """Yield the variants of a network that differ from it and can be computed."""
    for difference, change in _CHANGES.items():
        changed = vary(graph, change)
        if changed is not None:
            yield Variant(difference, changed)


def vary(graph: Graph, change: Change) -> Graph | None:
    """Return the network with changed arguments, None where nothing changes or a layer no longer fits."""
    shapes: dict[str, Shape] = {entry.name: entry.shape for entry in graph.inputs}
    nodes: list[Node] = []
    for node in graph.nodes:
        layer = with_arguments(node.layer, change(node.layer))
        inputs = tuple(shapes[name] for name in node.inputs)
        try:
            shape = infer(layer, inputs)
        except LayerError:
            return None
        shapes[node.name] = shape
        nodes.append(node._replace(layer=layer, input_shapes=inputs, shape=shape))
    if all(old.layer == new.layer for old, new in zip(graph.nodes, nodes, strict=True)):
        return None
    return replace(graph, nodes=tuple(nodes))


def with_arguments(layer: Layer, arguments: dict[str, Any]) -> Layer:
    """Return a layer with some arguments replaced, those that its kind has."""
    mine = {name: value for name, value in arguments.items() if name in layer.fields}
    if not mine:
        return layer
    return type(layer)(**{name: getattr(layer, name) for name in layer.fields} | mine)


def _is_window(layer: Layer) -> bool:
    return layer.role is Role.CONVOLUTION and bool(layer.window)


def _is_pool(layer: Layer) -> bool:
    return layer.role is Role.POOL and bool(layer.window)


def _stride(layer: Layer, step: int) -> dict[str, Any]:
    return {"stride": (step,) * len(layer.window)}


def _pool(layer: Layer, size: int) -> dict[str, Any]:
    """Return a pooling whose stride is its window."""
    window, field = (size,) * len(layer.window), field_of(type(layer), "kernel")
    return {field: window, "stride": window} if field and _is_pool(layer) else {}


_CHANGES: dict[str, Change] = {
    "`same` padding in the convolutions": lambda layer: {"padding": "same"} if _is_window(layer) else {},
    "`valid` padding in the convolutions": lambda layer: {"padding": "valid"} if _is_window(layer) else {},
    "`same` padding everywhere": lambda layer: {"padding": "same"} if _is_window(layer) or _is_pool(layer) else {},
    "`valid` padding everywhere": lambda layer: {"padding": "valid"} if _is_window(layer) or _is_pool(layer) else {},
    "stride 1 in the pooling": lambda layer: _stride(layer, 1) if _is_pool(layer) else {},
    "stride 2 in the pooling": lambda layer: _stride(layer, 2) if _is_pool(layer) else {},
    "windows of 2 in the pooling": lambda layer: _pool(layer, 2),
    "windows of 3 in the pooling": lambda layer: _pool(layer, 3),
    "stride 1 in the convolutions": lambda layer: _stride(layer, 1) if _is_window(layer) else {},
    "stride 2 in the convolutions": lambda layer: _stride(layer, 2) if _is_window(layer) else {},
    "no biases": lambda _: {"bias": False},
    "biases everywhere": lambda _: {"bias": True},
}
