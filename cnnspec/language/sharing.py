"""Layers applied again: the nodes of an earlier item, or of a whole copy of a block, with the same parameters."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from cnnspec.ir.graph import Copy, Node
from cnnspec.ir.layer import Layer
from cnnspec.ir.shapes import Shape, show, tensor
from cnnspec.language import items as it
from cnnspec.language.faults import Faults
from cnnspec.language.names import UNKNOWN
from cnnspec.language.network import Network
from cnnspec.language.scope import Context
from cnnspec.text.tree import Scalar, Tree, describe


class Stretch(NamedTuple):
    """Nodes that one item has made: from `first` up to, not including, `last`; `entry` is the tensor that they read.

    `copy` is the copy of a block that they are, if they are one.
    """

    first: int
    last: int
    entry: int
    copy: Copy | None = None


Rename = Callable[[Node], str]


def parse_share(faults: Faults, head: Scalar, value: Tree | None, modifiers: it.Modifiers) -> it.Item:
    """Return the item that applies an earlier one again."""
    place = (head.start, head.end)
    if not isinstance(value, Scalar) or not value.text:
        found = describe(value) if value is not None else "nothing"
        step = "write `share: conv1`, with the name of a layer or of a copy of a block above"
        faults.add("E107", f"`share` needs the name of an earlier layer, not {found}", place, step=step)
        return it.Broken(place, modifiers)
    for key, given in (("first", modifiers.first), ("last", modifiers.last), ("trainable", modifiers.trainable)):
        if given is not None:
            fact = "its arguments, and whether it is trained, are those of the layer that is shared"
            faults.add("E108", f"`{key}` does not go with `share`", place, fact)
            return it.Broken(place, modifiers)
    return it.Share(place, modifiers, value)


def single(network: Network, name: str) -> Stretch | None:
    """Return the one node that a name means, None for an input, a join, or what stands for several nodes."""
    place = network.names.tensors[name] - len(network.tensor_names) + len(network.nodes)
    node = network.nodes[place] if place >= 0 else None
    if node is None or node.name != name or len(node.inputs) > 1:
        return None
    return Stretch(place, place + 1, network.tensor_of(node.inputs[0]))


def apply_again(
    network: Network, item: it.Share, stretch: Stretch, current: int, rename: Rename, context: Context
) -> int:
    """Append the nodes of a stretch once more, reading another tensor, and return the tensor behind them.

    Only what has parameters shares something: all else is a layer like any other. Inside `each`, what is shared must
    be applied at every step already, as it is then without more.
    """
    steps, nodes = network.steps, network.nodes[stretch.first : stretch.last]
    if current == UNKNOWN or not _is_at_every_step(network, item, nodes):
        return UNKNOWN
    network.steps = 0
    behind = _applied(network, item, stretch, current, rename, context)
    network.steps = steps
    return behind


def _is_at_every_step(network: Network, item: it.Share, nodes: list[Node]) -> bool:
    """Tell whether nodes are in as many `each` as we are, or we in none; report it where they are not."""
    strange = [node for node in nodes if not node.layer.joins and node.layer.step_axes != network.steps]
    if not network.steps or not strange:
        return True
    message = f"`{strange[0].name}` is not applied at every step, and cannot be shared inside `each`"
    network.faults.add("E206", message, item.place, step="put it into an `each` where it stands first")
    return False


def _applied(network: Network, item: it.Share, stretch: Stretch, current: int, rename: Rename, context: Context) -> int:
    moved = {stretch.entry: current}
    behind = current
    for node in network.nodes[stretch.first : stretch.last]:
        network.budget.spend(item.place)
        inputs = tuple(moved.get(index, index) for index in map(network.tensor_of, node.inputs))
        own = context._replace(scope=_scope(node, stretch.copy, context), trainable=node.trainable)
        first = (node.shared or node.name) if _learned(node) else ""
        behind = network.add_node(item, node.layer, inputs, rename(node), own, first)
        if behind == UNKNOWN or not _fits(network, item, node):
            return UNKNOWN
        moved[network.tensor_of(node.name)] = behind
    return behind


def _scope(node: Node, old: Copy | None, context: Context) -> tuple[Copy, ...]:
    """Return the copies of blocks that a node applied again is part of: the last of the context is the new one."""
    if old is None:
        return context.scope
    new = context.scope[-1]
    inside = node.scope[node.scope.index(old) + 1 :]
    return (
        *context.scope,
        *(
            copy._replace(name=f"{new.name}{copy.name.removeprefix(old.name)}", run=copy.run + new.run, place=new.place)
            for copy in inside
        ),
    )


def _fits(network: Network, item: it.Share, first: Node) -> bool:
    """Tell whether the parameters of a layer fit what it is applied to now; report it where they do not."""
    again = network.nodes[-1]
    before, now = _learned(first), _learned(again)
    if not before or (before == now and first.input_shapes[0][-1] == again.input_shapes[0][-1]):
        return True
    message = (
        f"the parameters of `{first.name}` do not fit here: it reads {_read(first)}, and here {_read(again)} enters"
    )
    step = "write the layer again instead of sharing it, or bring its input to the same channels"
    network.faults.add("E309", message, item.place, step=step)
    return False


def _learned(node: Node) -> int:
    return _params(node.layer, node.input_shapes)


@lru_cache(maxsize=1024)
def _params(layer: Layer, shapes: tuple[Shape, ...]) -> int:
    return layer.params(tensor(shapes[0], others=shapes[1:])).value


def _read(node: Node) -> str:
    return show(node.input_shapes[0])
