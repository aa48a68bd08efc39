"""A graph as a Python listing that makes its PyTorch module: text alone, which needs no framework.

A chain becomes `nn.Sequential`, everything else a module with named layers and `forward`. The spec is not trusted: what
it says stands in the listing as literals and comments only, and its names as variables only after everything but
letters, digits and `_` is gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.analysis.measure import measure, quantities_of
from cnnspec.errors import printable
from cnnspec.ir.torch_call import APPLIED
from cnnspec.torch.module import Line, Lines, module
from cnnspec.torch.planning import Plan, Step, plan
from cnnspec.torch.wording import constructed, held_lines, sizes

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph


class Listing(NamedTuple):
    """The lines, and the attributes or places of the layers of every node that learn or store something."""

    lines: tuple[Line, ...]
    layers: dict[str, tuple[str, ...]]
    is_chain: bool
    plan: Plan

    @property
    def text(self) -> str:
        """The whole listing."""
        return "\n".join(line.text for line in self.lines) + "\n"


def render(graph: Graph) -> str:
    """Return a Python listing that makes the network as a PyTorch module."""
    return listing_of(graph).text


def listing_of(graph: Graph) -> Listing:
    """Return the listing of a graph; raise CnnspecError with all layers that PyTorch lacks."""
    planned = plan(graph)
    in_a_row = _is_chain(planned)
    lines, layers = _sequential(planned) if in_a_row else module(planned)
    imports = _imports("\n".join(line.text for line in lines))
    head = (*_head(planned), *imports, *([""] if in_a_row else ["", ""]))
    return Listing((*map(Line, head), *lines), layers, in_a_row, planned)


def stored_in(planned: Plan) -> int:
    """Return how many numbers a network has that PyTorch stores and does not count as parameters."""
    return sum(sum(step.call.stored.values()) for step in _steps(planned))


def held_in(planned: Plan) -> int:
    """Return how many parameters PyTorch's layers have beyond ours."""
    return sum(held.size for step in _steps(planned) for held in step.call.held)


def _steps(planned: Plan) -> Iterator[Step]:
    """Yield the steps of all nodes with layers of their own."""
    for own in planned.nodes:
        yield from () if own.node.shared else own.steps


def _head(planned: Plan) -> Iterator[str]:
    graph, totals = planned.graph, measure(planned.graph).totals
    layers = "1 layer" if totals.layers == 1 else f"{totals.layers:,} layers"
    yield f"# {printable(graph.name)}: {layers}, {totals.params:,} parameters, {totals.macs:,} MACs"
    stored, held = stored_in(planned), held_in(planned)
    reasons = [f"the {stored:,} moving means and variances are buffers there"] * bool(stored)
    reasons += [f"{held:,} that its layers have beyond these are held at what changes nothing"] * bool(held)
    told = f": {', and '.join(reasons)}" if reasons else " too"
    yield f"# PyTorch counts {totals.params - stored + held:,} parameters{told}"
    for entry in graph.inputs:
        order = planned.inputs[entry.name].order
        where = f", channels {order.value}" if len(entry.shape) > 1 else ""
        yield f"# {printable(entry.name)}: {sizes(entry.shape, order)} behind the batch{where}"
    if any(not own.node.trainable and own.node.layer.mixes_samples for own in planned.nodes):
        yield "# a batch norm that is frozen needs `.eval()` too, whenever the others are in training"


def _imports(body: str) -> Iterator[str]:
    if "torch." in body:
        yield "import torch"
    if re.search(r"\bF\.", body):
        yield "import torch.nn.functional as F"
    yield "from torch import nn"


def _is_chain(planned: Plan) -> bool:
    """Tell whether every step is a layer that reads the one before it, from the only input to the only output."""
    graph, nodes = planned.graph, [own.node for own in planned.nodes]
    if len(graph.inputs) > 1 or not nodes or graph.outputs != (nodes[-1].name,):
        return False
    in_a_row = nodes[0].inputs == (graph.inputs[0].name,) and all(b.inputs == (a.name,) for a, b in pairwise(nodes))
    if not in_a_row or any(node.layer.joins or node.shared for node in nodes) or any(m for _, m in planned.outputs):
        return False
    return all(
        step.call.class_name and step.call.form == APPLIED and not step.call.reads and not step.operands[0].moves
        for own in planned.nodes
        for step in own.steps
    )


def _sequential(planned: Plan) -> Lines:
    lines, layers, count = [Line("model = nn.Sequential(")], {}, 0
    tail: list[str] = []
    for node, steps, place in planned.nodes:
        frozen = not node.trainable and bool(quantities_of(node.layer, node.input_shapes).params.value)
        own = []
        for at, step in enumerate(steps):
            call = step.call
            note = f"; {call.note}" if call.note else ""
            comment = (
                f"  # {printable(node.name)}: {sizes(node.shape, place.order)}{note}" if at == len(steps) - 1 else ""
            )
            lines.append(Line(f"    {constructed(call, step.at, frozen=frozen and call.learns)},{comment}"))
            if call.learns:
                own.append(str(count))
            tail += held_lines(call, f"model[{count}]")
            count += 1
        lines[-1] = lines[-1]._replace(name=node.name, variable=str(count - 1))
        layers[node.name] = tuple(own)
    return [*lines, Line(")"), *map(Line, tail)], layers
