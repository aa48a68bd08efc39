"""What a spec freezes and a training lets learn on: layers, or all in a block or a network, but for batch norms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnnspec.errors import CnnspecError, Diagnostic, listing, shorten, suggest
from cnnspec.ir.graph import Graph, Node
from cnnspec.ir.role import Role
from cnnspec.keras.naming import named_calls

if TYPE_CHECKING:
    import keras


def unfrozen(graph: Graph, names: Sequence[str]) -> list[Node]:
    """Return the frozen layers that names let learn; raise CnnspecError for those that name none.

    A name is that of a layer, or of a copy of a block or a network, for all in it. Layers that normalize stay frozen
    unless they are named themselves: their statistics are those of the data that they were trained on.
    """
    found: dict[str, Node] = {}
    faults = []
    for name in names:
        inside = [node for node in graph if node.name == name or any(copy.name == name for copy in node.scope)]
        frozen = [node for node in inside if not node.trainable]
        if not frozen:
            faults.append(_fault(graph, name, is_there=bool(inside)))
        kept = [node for node in frozen if node.name == name or node.layer.role is not Role.NORM]
        found.update((node.name, node) for node in kept)
    if faults:
        raise CnnspecError(faults)
    return list(found.values())


def unfreeze(model: keras.Model, graph: Graph, names: Sequence[str]) -> None:
    """Let frozen layers of a model learn."""
    wanted = {node.name for node in unfrozen(graph, names)}
    for node, calls in named_calls(graph) if wanted else ():
        if node.name in wanted:
            for named in calls:
                if not named.call.is_function:
                    model.get_layer(named.name).trainable = True


def _fault(graph: Graph, name: str, *, is_there: bool) -> Diagnostic:
    known = list(dict.fromkeys(copy.name for node in graph if not node.trainable for copy in node.scope))
    known += [node.name for node in graph if not node.trainable]
    if is_there:
        message = f"`unfreeze` names `{shorten(name)}`, which is not frozen"
        return Diagnostic("E529", message, help="leave it out: it learns already")
    message = f"`unfreeze` names `{shorten(name)}`, which is no layer, block or network of `{graph.name}`"
    notes = (f"frozen are {listing(known, 12)}" if known else "nothing is frozen: `trainable: false` does it",)
    return Diagnostic("E529", message, notes=notes, help=suggest(name, known))
