"""PyTorch's word on every analytic number: the listing is run, and its shapes and parameters are compared with ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from cnnspec.analysis.agreement import Check, Framework, Verification
from cnnspec.analysis.measure import Row, Summary, measure
from cnnspec.analysis.quantities import QUANTITIES, SHAPE
from cnnspec.ir.shapes import Shape
from cnnspec.ir.torch_call import Order
from cnnspec.torch.execution import framework, run
from cnnspec.torch.listing import Listing, held_in, listing_of, stored_in
from cnnspec.torch.planning import Planned

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph

COUNTS = ("params", "trainable", "non_trainable")


def verify(graph: Graph) -> Verification:
    """Return a graph's numbers beside those of its PyTorch module."""
    torch, summary, listing = framework(), measure(graph), listing_of(graph)
    model, shapes, outputs = run(listing)
    made = list(model) if listing.is_chain else model
    checks = tuple(
        _check(row, own, shapes.get(row.name), _layers(made, listing, own))
        for row, own in zip(summary, listing.plan.nodes, strict=True)
    )
    return Verification(
        Framework("PyTorch", "torch", "E543", str(torch.__version__).partition("+")[0]),
        summary,
        checks,
        _total(summary, listing, model, outputs, checks),
        remarks=dict(_remarks(listing)),
        explained=tuple(_explained(summary, listing)),
    )


def _layers(made: Any, listing: Listing, own: Planned) -> list[Any]:
    """Return the layers of a node that learn or store something, none where it shares those of another."""
    names = () if own.node.shared else listing.layers[own.node.name]
    return [made[int(name)] if listing.is_chain else getattr(made, name) for name in names]


def _check(row: Row, own: Planned, shape: Shape | None, layers: list[Any]) -> Check:
    ours = {QUANTITIES[name].key: QUANTITIES[name].value(row) for name in (SHAPE.name, *COUNTS)}
    theirs: dict[str, Any] = {}
    if shape is not None:
        counts = zip(COUNTS, _counts(layers, own), strict=True)
        theirs = {SHAPE.key: _as_ours(shape, own.place.order), **{QUANTITIES[name].key: n for name, n in counts}}
    return Check(row.name, row.kind, ours, theirs)


def _counts(layers: list[Any], own: Planned) -> tuple[int, int, int]:
    """Return all numbers of a node's layers as we count them: with what is stored, without what is held."""
    learned = [tensor for layer in layers for tensor in _parameters(layer)]
    buffers = [name for step in own.steps for name in step.call.stored] if layers else []
    stored = sum(getattr(layer, name).numel() for name in buffers for layer in layers if hasattr(layer, name))
    held = [held for step in own.steps for held in step.call.held] if layers else []
    beyond = sum(getattr(layer, each.name).numel() for each in held for layer in layers if hasattr(layer, each.name))
    trainable = sum(tensor.numel() for tensor in learned if tensor.requires_grad)
    everything = sum(tensor.numel() for tensor in learned) + stored - beyond
    return everything, trainable, everything - trainable


def _parameters(layer: Any) -> Iterable[Any]:
    """Return the parameters of a layer, which may be a learned tensor itself."""
    return layer.parameters() if hasattr(layer, "parameters") else (layer,)


def _total(summary: Summary, listing: Listing, model: Any, outputs: list[Shape], checks: tuple[Check, ...]) -> Check:
    graph, plan = summary.graph, listing.plan
    shapes = {entry.name: entry.shape for entry in graph.inputs} | {node.name: node.shape for node in graph}
    places = plan.inputs | {own.node.name: own.place for own in plan.nodes}
    orders = [Order.FIRST if moves else places[name].order for name, moves in plan.outputs]
    ours = {name: QUANTITIES[name].total_of(summary) for name in COUNTS}
    names = [QUANTITIES[name].key for name in COUNTS]
    return Check(
        "Total",
        "",
        {
            **{QUANTITIES[name].key: value for name, value in ours.items()},
            "outputs": tuple((name, shapes[name]) for name in graph.outputs),
            "counted": ours["params"] - stored_in(plan) + held_in(plan),
        },
        {
            **{name: sum(check.theirs.get(name, 0) for check in checks) for name in names},
            "outputs": tuple(
                (name, _as_ours(shape, order))
                for name, shape, order in zip(graph.outputs, outputs, orders, strict=True)
            ),
            "counted": sum(tensor.numel() for tensor in model.parameters()),
        },
    )


def _as_ours(shape: Shape, order: Order) -> Shape:
    """Return a shape of PyTorch's with its channels last."""
    return (*shape[1:], shape[0]) if order is Order.FIRST else shape


def _remarks(listing: Listing) -> Iterator[tuple[str, str]]:
    for own in listing.plan.nodes:
        stored = sum(sum(step.call.stored.values()) for step in own.steps)
        held = sum(each.size for step in own.steps for each in step.call.held)
        told = [f"{stored:,} of them buffers"] * bool(stored) + [f"{held:,} more held"] * bool(held)
        if told and not own.node.shared:
            yield own.node.name, f", {', '.join(told)}"


def _explained(summary: Summary, listing: Listing) -> Iterator[str]:
    stored, held = stored_in(listing.plan), held_in(listing.plan)
    if stored or held:
        total = summary.totals.params
        yield f"PyTorch's `parameters()` has {total - stored + held:,} numbers:"
    if stored:
        yield f"  {stored:,} fewer, for moving means and variances are buffers there"
    if held:
        yield f"  {held:,} more, which its layers have beyond ours; the listing holds them at what changes nothing"
