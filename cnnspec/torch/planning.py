"""What a forward pass does step by step: which tensors a step reads, and where the channels stand in them.

Our shapes have the channels last. PyTorch's layers of images want them first, those of sequences last: axes are moved
where a layer wants another order than the tensor has, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.errors import CnnspecError, Diagnostic
from cnnspec.ir.layer import LayerError
from cnnspec.ir.shapes import Shape
from cnnspec.ir.torch_call import Order, TorchCall

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph, Node


class Place(NamedTuple):
    """How many spatial axes a tensor has, and where its channels stand."""

    rank: int
    order: Order


class Operand(NamedTuple):
    """A tensor that a step reads, by place among the inputs of the node and its steps so far, and how axes move."""

    place: int
    moves: tuple[int, ...] = ()


class Step(NamedTuple):
    """One step of a node: what it is, what it reads, and where the channels stand in that."""

    call: TorchCall
    operands: tuple[Operand, ...]
    at: Place


class Planned(NamedTuple):
    """A node with its steps, and where the channels stand in what comes out."""

    node: Node
    steps: tuple[Step, ...]
    place: Place


class Plan(NamedTuple):
    """A whole forward pass, and how the axes of inputs and outputs stand."""

    graph: Graph
    inputs: dict[str, Place]
    nodes: tuple[Planned, ...]

    @property
    def outputs(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """The names of the outputs, and how their axes move, for images come out with their channels first."""
        places = self.inputs | {planned.node.name: planned.place for planned in self.nodes}
        for name in self.graph.outputs:
            place = places[name]
            yield name, moves(place, Order.FIRST) if place.rank > 1 else ()


def plan(graph: Graph) -> Plan:
    """Return the forward pass of a graph; raise CnnspecError with all layers that PyTorch lacks."""
    calls = _calls(graph)
    inputs = {entry.name: Place(len(entry.shape) - 1, _entering(graph, calls, entry.name)) for entry in graph.inputs}
    places, nodes = dict(inputs), []
    for node, own in zip(graph, calls, strict=True):
        planned = _planned(node, own, [places[name] for name in node.inputs])
        places[node.name] = planned.place
        nodes.append(planned)
    return Plan(graph, inputs, tuple(nodes))


def moves(place: Place, order: Order) -> tuple[int, ...]:
    """Return the axes in another order, with the batch, nothing where nothing moves."""
    if place.rank == 0 or place.order is order:
        return ()
    last = place.rank + 1
    return (0, last, *range(1, last)) if order is Order.FIRST else (0, *range(2, last + 1), 1)


def in_order(shape: Shape, order: Order) -> Shape:
    """Return a shape of ours as PyTorch has it there."""
    return (shape[-1], *shape[:-1]) if order is Order.FIRST else shape


def what_torch_lacks(graph: Graph) -> list[Diagnostic]:
    """Return a diagnostic for every node for which PyTorch has no layers."""
    return _found(graph)[1]


def _calls(graph: Graph) -> list[tuple[TorchCall, ...]]:
    found, faults = _found(graph)
    if faults:
        raise CnnspecError(faults)
    return found


def _found(graph: Graph) -> tuple[list[tuple[TorchCall, ...]], list[Diagnostic]]:
    found, faults = [], []
    for node in graph:
        try:
            found.append(node.layer.torch_calls(*node.input_shapes))
        except LayerError as error:
            span = graph.span(node)
            faults.append(Diagnostic(error.code, error.message, span, notes=error.notes, help=error.step))
    return found, faults


def _entering(graph: Graph, calls: list[tuple[TorchCall, ...]], name: str) -> Order:
    """Return where the channels of an input stand: last in a sequence of which all layers want it, else first."""
    shape = next(entry.shape for entry in graph.inputs if entry.name == name)
    wanted = {own[0].order for node, own in zip(graph, calls, strict=True) if name in node.inputs}
    return Order.LAST if len(shape) == 2 and wanted == {Order.LAST} else Order.FIRST


def _planned(node: Node, calls: tuple[TorchCall, ...], places: list[Place]) -> Planned:
    count, steps = len(places), []
    for place, call in enumerate(calls):
        first = tuple(range(count if node.layer.joins else 1))
        reads = call.reads or ((count + place - 1,) if place else first)
        order = _order(call, [places[read] for read in reads])
        operands = tuple(Operand(read, moves(places[read], order)) for read in reads)
        rank = places[reads[0]].rank
        steps.append(Step(call, operands, Place(rank, order)))
        behind = len(node.shape) - 1 if place == len(calls) - 1 else rank if call.rank is None else call.rank
        places = [*places, Place(behind, order if call.leaves is Order.EITHER else call.leaves)]
    return Planned(node, tuple(steps), places[-1])


def _order(call: TorchCall, places: list[Place]) -> Order:
    """Return the order in which a step reads: that which it wants, else that of all tensors, else channels first."""
    if call.order is not Order.EITHER:
        return call.order
    orders = {place.order for place in places if place.rank}
    return orders.pop() if len(orders) == 1 else Order.FIRST
