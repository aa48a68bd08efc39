"""Whether two graphs are the same network, whatever their layers are called and in which order they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from cnnspec.ir.graph import Graph, Node
from cnnspec.ir.shapes import tensor
from cnnspec.layers.joins import Elementwise, Subtract


def is_same_network(one: Graph, other: Graph) -> bool:
    """Tell whether two graphs have the same layers, connected in the same way.

    Every layer is known by all that leads to it and all that it leads to; the order of summands does not count.
    """
    return _signature(one) == _signature(other)


def _signature(graph: Graph) -> tuple[list[int], Mapping[int, int]]:
    """Return what stands at the outputs, and how often every layer is there, by what is before and behind it."""
    before: dict[str, int] = {entry.name: hash((place, entry.shape)) for place, entry in enumerate(graph.inputs)}
    for node in graph:
        reads = [before[read] for read in node.inputs]
        own = (node.layer, node.trainable or not _learns(node), node.shape, before.get(node.shared))
        before[node.name] = hash((own, tuple(sorted(reads) if _may_be_swapped(node.layer) else reads)))
    behind: dict[str, list[int]] = {name: [] for name in before}
    for place, name in enumerate(graph.outputs):
        behind[name].append(hash(("output", place)))
    found: Counter[int] = Counter()
    for node in reversed(graph.nodes):
        whole = hash((before[node.name], tuple(sorted(behind[node.name]))))
        found[whole] += 1
        for place, read in enumerate(node.inputs):
            behind[read].append(hash((whole, 0 if _may_be_swapped(node.layer) else place)))
    return [before[name] for name in graph.outputs], found


def _learns(node: Node) -> bool:
    return bool(node.layer.params(tensor(node.input_shapes[0], others=node.input_shapes[1:])).value)


def _may_be_swapped(layer: object) -> bool:
    return isinstance(layer, Elementwise) and not isinstance(layer, Subtract)
