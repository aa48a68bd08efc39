"""Which layer of one Keras model is which of another with other names: by what they are, and how they are connected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from cnnspec.ir.shapes import show
from cnnspec.keras.build import framework


class Weighted(NamedTuple):
    """A layer with weights: its shapes, and which layers with weights it reads, through all that lie between.

    The number beside each is its place in the last concatenation between, 0 where there is none: sums have no order.
    """

    name: str
    kind: str
    shapes: tuple[tuple[int, ...], ...]
    reads: tuple[tuple[str, int], ...]


def weighted(model: Any) -> list[Weighted]:
    """Return the layers of a functional model that have weights, in the order in which they are computed."""
    given = framework().layers.Normalization  # its numbers are no weights that were learned
    reach: dict[int, tuple[tuple[str, int], ...]] = {}
    found: dict[str, Weighted] = {}
    for operation in _in_order(model):
        kind, weights = type(operation).__name__, getattr(operation, "weights", [])
        for node in operation._inbound_nodes:  # noqa: SLF001 - the only way to what a layer reads
            before = tuple(read for tensor in node.input_tensors for read in reach.get(id(tensor), ()))
            if weights and not isinstance(operation, given):
                shapes = tuple(tuple(weight.shape) for weight in weights)
                found.setdefault(operation.name, Weighted(operation.name, kind, shapes, before))
                before = ((operation.name, 0),)
            elif len(node.input_tensors) > 1 and hasattr(operation, "axis"):
                before = tuple((name, place) for place, (name, _) in enumerate(before))
            reach.update((id(tensor), before) for tensor in node.outputs)
    return list(found.values())


def _in_order(model: Any) -> Iterable[Any]:
    """Yield the operations of a model, each behind all that it reads."""
    by_depth = model._operations_by_depth  # noqa: SLF001 - the only order that Keras keeps
    return (operation for depth in sorted(by_depth, reverse=True) for operation in by_depth[depth])


def matched(ours: Sequence[Weighted], theirs: Sequence[Weighted]) -> tuple[list[tuple[str, str]], str]:
    """Return pairs of names, or none and the first layer that has no counterpart, with the shapes of both."""
    own = {layer.name for layer in ours}
    ours = [layer._replace(reads=tuple(read for read in layer.reads if read[0] in own)) for layer in ours]
    marks, others = _marks(ours), _marks(theirs)
    places: dict[bytes, list[str]] = defaultdict(list)
    for layer in theirs:
        places[others[layer.name]].append(layer.name)
    pairs = []
    for layer in ours:
        names = places[marks[layer.name]]
        if not names:
            return [], _difference(layer, ours, theirs)
        pairs.append((layer.name, names.pop(0)))
    return pairs, ""


def _difference(layer: Weighted, ours: Sequence[Weighted], theirs: Sequence[Weighted]) -> str:
    """Return the first layers, in order, whose shapes differ; or the one whose connections do."""
    for one, other in zip(ours, theirs, strict=True):
        if one.shapes != other.shapes:
            here, there = (", ".join(map(show, side.shapes)) for side in (one, other))
            return f"`{one.name}` has {here}, and Keras' `{other.name}` has {there}"
    return f"`{layer.name}` is connected otherwise than any layer of Keras' network"


def _marks(layers: Sequence[Weighted]) -> dict[str, bytes]:
    """Return a mark for each layer of what it is, all that it reads, and all that reads it."""
    above: dict[str, bytes] = {}
    for layer in layers:
        reads = [above.get(name, b"") + bytes(str(place), "ascii") for name, place in layer.reads]
        above[layer.name] = _hash(layer.kind.encode(), repr(layer.shapes).encode(), *sorted(reads))
    users: dict[str, list[bytes]] = defaultdict(list)
    marks: dict[str, bytes] = {}
    for layer in reversed(layers):
        marks[layer.name] = _hash(above[layer.name], *sorted(users[layer.name]))
        for name, place in layer.reads:
            users[name].append(_hash(marks[layer.name], str(place).encode()))
    return marks


def _hash(*parts: bytes) -> bytes:
    mark = blake2b(digest_size=16)
    for part in parts:
        mark.update(len(part).to_bytes(4, "big") + part)
    return mark.digest()
