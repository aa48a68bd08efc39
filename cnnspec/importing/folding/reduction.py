"""A network's layers as items in a row: followers become arguments, and joins get the branches that lead to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from cnnspec.importing.folding.items import Item, fields_of, weight
from cnnspec.ir.graph import Graph, Node
from cnnspec.ir.layer import KINDS, Layer
from cnnspec.layers.joins import Elementwise, Subtract
from cnnspec.layers.normalization import BatchNorm

MOST: Final = 100
"""How many items a branch may have: what is longer is hard to read between brackets."""


DEEPEST: Final = 8
"""How deep joins may lie in branches of others."""
FEW: Final = 8
"""How many, where the branches of a join begin at different tensors."""


class Unit(NamedTuple):
    """An item, the tensors that it reads, and the one that it makes."""

    item: Item
    reads: tuple[str, ...]
    makes: str


def usual_norm(graph: Graph) -> Layer:
    """Return the batch norm that the network has most often."""
    norms = Counter(node.layer for node in graph if type(node.layer) is BatchNorm)
    return norms.most_common(1)[0][0] if norms else KINDS[BatchNorm.kind]()


def units_of(graph: Graph) -> list[Unit]:
    """Return the units of a network, each as near to those that read it as may be."""
    return _late(_joined(_fused(graph), graph))


def items_of(
    units: Sequence[Unit],
    above: str,
    outputs: Sequence[str],
    names: Mapping[str, str],
    wanted: Iterable[str] = (),
) -> list[Item]:
    """Return the items of units in a row, of which the first reads the tensor above; `names` are those of others.

    A unit has a name where another one than the next reads it, where it is an output that does not stand last, and
    where its name is `wanted`.
    """
    refered = {*wanted} | ({*outputs} if tuple(outputs) != (units[-1].makes,) else set())
    items = []
    for unit in units:
        item, reads = _behind(unit, above)
        refered |= reads
        items.append(item)
        above = unit.makes
    own = {unit.makes: names.get(unit.makes, unit.makes) for unit in units if unit.makes in refered}
    known = {**names, **own}
    return [_named(item, known)._replace(name=own.get(unit.makes, "")) for unit, item in zip(units, items, strict=True)]


def _behind(unit: Unit, above: str) -> tuple[Item, set[str]]:
    """Return the item of a unit behind a tensor, and the other tensors that it reads."""
    item = unit.item
    if not item.branches:
        reads = () if unit.reads == (above,) else unit.reads
        return item._replace(reads=reads), {*reads}
    branches = tuple(_begun(branch, above) for branch in item.branches)
    return item._replace(branches=branches), {*unit.reads} - {above}


def _begun(branch: tuple[Item, ...], above: str) -> tuple[Item, ...]:
    """Return a branch whose first item does not say what it reads where that is the tensor above."""
    if not branch or branch[0].reads != (above,):
        return branch
    first = branch[0]._replace(reads=())
    return branch[1:] if first.layer is None else (first, *branch[1:])


def _named(item: Item, names: Mapping[str, str]) -> Item:
    """Return an item that reads tensors under other names."""
    branches = tuple(tuple(_named(inner, names) for inner in branch) for branch in item.branches)
    return item._replace(reads=tuple(names.get(read, read) for read in item.reads), branches=branches)


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
    readers, depths = _readers(units, graph), dict.fromkeys(left, 0)
    for unit in units:
        if unit.item.layer is None or not unit.item.layer.joins:
            continue
        branches = [_branch(read, left, readers) for read in unit.reads]
        if len({start for start, _ in branches}) > 1:
            branches = [
                found if len(found[1]) <= FEW else (read, []) for found, read in zip(branches, unit.reads, strict=True)
            ]
        depth = 1 + max((depths[inner.makes] for _, branch in branches for inner in branch), default=0)
        if depth > DEEPEST or any(len(branch) > MOST for _, branch in branches):
            continue
        depths[unit.makes] = depth
        starts = tuple(dict.fromkeys(start for start, _ in branches))
        for start, branch in branches:
            readers[start] -= 1
            for inner in branch:
                del left[inner.makes]
        readers.update(starts)
        inside = [_inside(start, branch, starts) for start, branch in branches]
        if isinstance(unit.item.layer, Elementwise) and not isinstance(unit.item.layer, Subtract):
            inside.sort(key=weight, reverse=True)
        enters = next((branch[0].enters for branch in inside if branch and branch[0].enters), unit.item.enters)
        joined = unit.item._replace(branches=tuple(inside), enters=enters)
        left[unit.makes] = Unit(joined, starts, unit.makes)
    return [left[unit.makes] for unit in units if unit.makes in left]


def _inside(start: str, branch: Sequence[Unit], starts: Sequence[str]) -> tuple[Item, ...]:
    """Return a branch, which says where it begins if not all begin there."""
    items = tuple(inner.item for inner in branch)
    if len(starts) == 1:
        return items
    return (items[0]._replace(reads=(start,)), *items[1:]) if items else (Item(reads=(start,)),)


def _late(units: Sequence[Unit]) -> list[Unit]:
    """Return units in an order in which each stands as late as those that read it allow."""
    made = {unit.makes: unit for unit in units}
    waiting = Counter(read for unit in units for read in unit.reads if read in made)
    ready = [unit for unit in units if not waiting[unit.makes]]
    found: list[Unit] = []
    while ready:
        unit = ready.pop()
        found.append(unit)
        for read in unit.reads:
            waiting[read] -= 1
            if read in made and not waiting[read]:
                ready.append(made[read])
    return found[::-1]


def _branch(end: str, left: dict[str, Unit], readers: Counter[str]) -> tuple[str, list[Unit]]:
    """Return the tensor that several layers read above one, and the units in a row between them."""
    found: list[Unit] = []
    while readers[end] == 1 and end in left and len(left[end].reads) == 1 and len(found) <= MOST:
        found.append(left[end])
        end = left[end].reads[0]
    return end, found[::-1]
