"""A network's layers as items in a row: followers become arguments, and joins get the branches that lead to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from cnnspec.importing.folding.items import Item, fields_of, weight
from cnnspec.ir.graph import Graph, Node
from cnnspec.ir.layer import KINDS, Layer
from cnnspec.layers.joins import Elementwise, Subtract
from cnnspec.layers.normalization import BatchNorm

MOST: Final = 100
"""How many items a branch may have: what is longer is hard to read between brackets."""


class Unit(NamedTuple):
    """An item, the tensors that it reads, and the one that it makes."""

    item: Item
    reads: tuple[str, ...]
    makes: str


def usual_norm(graph: Graph) -> Layer:
    """Return the batch norm that the network has most often."""
    norms = Counter(node.layer for node in graph if type(node.layer) is BatchNorm)
    return norms.most_common(1)[0][0] if norms else KINDS[BatchNorm.kind]()


def items_of(graph: Graph) -> list[Item]:
    """Return the items of a network in a row, each with the names that it needs."""
    units = list(_joined(_fused(graph), graph))
    refered = {*(graph.outputs if graph.outputs != (units[-1].makes,) else ())}
    above = graph.inputs[0].name if len(graph.inputs) == 1 else ""
    found = []
    for unit in units:
        reads = () if unit.reads == (above,) else unit.reads
        refered.update(reads)
        found.append((unit, reads))
        above = unit.makes
    return [unit.item._replace(name=unit.makes * (unit.makes in refered), reads=reads) for unit, reads in found]


def _readers(units: Iterable[Unit], graph: Graph) -> Counter[str]:
    """Return how often every tensor is read; an output is read by the user."""
    return Counter([*graph.outputs, *(read for unit in units for read in unit.reads)])


def _fused(graph: Graph) -> list[Unit]:
    """Return a unit per layer, where a batch norm and an activation behind a layer belong to its item."""
    norm = usual_norm(graph)
    plain = [_unit(node) for node in graph]
    readers = _readers(plain, graph)
    units: dict[str, Unit] = {}
    for node, unit in zip(graph, plain, strict=True):
        above = units.get(node.inputs[0])
        if above and readers[above.makes] == 1 and (layer := _with_follower(above.item, node, norm)):
            del units[above.makes]
            units[node.name] = Unit(above.item._replace(layer=layer, leaves=node.shape), above.reads, node.name)
        else:
            units[node.name] = unit
    return list(units.values())


def _unit(node: Node) -> Unit:
    item = Item(node.layer, trainable=node.trainable, enters=node.input_shapes[0], leaves=node.shape)
    return Unit(item, node.inputs, node.name)


def _with_follower(item: Item, node: Node, norm: Layer) -> Layer | None:
    """Return a layer with the next one as an argument of it, None where no argument says that."""
    layer = item.layer
    if layer is None or "bn" not in layer.fields:
        return None
    values = fields_of(layer)
    if not values["bn"] and node.layer == norm and not layer.applied and item.trainable == node.trainable:
        return type(layer)(**{**values, "bn": True})
    function = node.layer.applied
    if values["bn"] and not layer.applied and function in KINDS and node.layer == _plain(function):
        return type(layer)(**{**values, "activation": function})
    return None


def _plain(kind: str) -> Layer | None:
    cls = KINDS[kind]
    return None if any(field.required for field in cls.fields.values()) else cls()


def _joined(units: list[Unit], graph: Graph) -> list[Unit]:
    """Return the units left when every join has the branches that lead to it from one tensor."""
    left = {unit.makes: unit for unit in units}
    readers = _readers(units, graph)
    for unit in units:
        if unit.item.layer is None or not unit.item.layer.joins:
            continue
        branches = [_branch(read, left, readers) for read in unit.reads]
        starts = {start for start, _ in branches}
        if len(starts) > 1 or any(len(branch) > MOST for _, branch in branches):
            continue
        (start,) = starts
        for _, branch in branches:
            for inner in branch:
                del left[inner.makes]
        readers[start] -= len(branches) - 1
        inside = [tuple(inner.item for inner in branch) for _, branch in branches]
        if isinstance(unit.item.layer, Elementwise) and not isinstance(unit.item.layer, Subtract):
            inside.sort(key=weight, reverse=True)
        enters = next((branch[0].enters for branch in inside if branch), unit.item.enters)
        joined = unit.item._replace(branches=tuple(inside), enters=enters)
        left[unit.makes] = Unit(joined, (start,), unit.makes)
    return [left[unit.makes] for unit in units if unit.makes in left]


def _branch(end: str, left: dict[str, Unit], readers: Counter[str]) -> tuple[str, list[Unit]]:
    """Return the tensor that several layers read above one, and the units in a row between them."""
    found: list[Unit] = []
    while readers[end] == 1 and end in left and len(left[end].reads) == 1 and len(found) <= MOST:
        found.append(left[end])
        end = left[end].reads[0]
    return end, found[::-1]
