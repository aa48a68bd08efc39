"""Another network as one item: its nodes stand among ours, under its name, and read what enters it here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from cnnspec.errors import SpecError, listing, shorten, suggest
from cnnspec.ir.graph import Copy, Graph, Node
from cnnspec.ir.shapes import Shape, show
from cnnspec.language import items as it
from cnnspec.language.faults import Faults, place_of
from cnnspec.language.names import UNKNOWN
from cnnspec.language.network import Network
from cnnspec.language.scope import Context
from cnnspec.source import Source
from cnnspec.text.tree import Mapping as MappingTree
from cnnspec.text.tree import Scalar, Tree, describe

BESIDE: Final = ("until", "without", "params")
"""What may stand beside `network:` besides the siblings of all items."""
TOP: Final = "top"


class Opened(NamedTuple):
    """The text of another spec, and how it opens others in its turn."""

    source: Source
    open_others: Opener


Opener = Callable[[str], Opened]
"""Opens the spec of a name; raises SpecError where there is none that may be opened."""
Builder = Callable[[str, Shape, Mapping[str, str]], tuple[Graph, Shape | None]]
"""Builds the network of a name for an input shape and parameters; the second value is the shape that it declares."""


def nothing_else(name: str) -> Opened:
    """Refuse to open another spec."""
    raise SpecError.one("E601", f"the network `{shorten(name)}` cannot be opened from here")


def parse_network(
    faults: Faults, tree: MappingTree | None, head: Scalar, value: Tree | None, modifiers: it.Modifiers
) -> it.Item:
    """Return the item of another network, whose whole mapping is `tree` where it has more than its name."""
    place = (head.start, head.end)
    entries = {key.text: entry for key, entry in tree.entries if key.text in BESIDE} if tree else {}
    if not isinstance(value, Scalar) or not value.text:
        found = describe(value) if value is not None else "nothing"
        step = "write `network: resnet50`, or `network: base.yaml` for a file beside this one"
        faults.add("E107", f"`network` needs the name of a spec, not {found}", place, step=step)
        return it.Broken(place, modifiers)
    words = {key: entry for key, entry in entries.items() if key != "params"}
    for key, entry in words.items():
        if not isinstance(entry, Scalar):
            faults.add("E112", f"`{key}` must be a value, not {describe(entry)}", place_of(entry))
            return it.Broken(place, modifiers)
    params = _params(faults, entries.get("params"))
    until, without = words.get("until"), words.get("without")
    if params is None or not _is_cut_once(faults, until, without):
        return it.Broken(place, modifiers)
    end = until if isinstance(until, Scalar) else None
    return it.Nested(place, modifiers, value, end, without is not None, params)


def _is_cut_once(faults: Faults, until: Tree | None, without: Tree | None) -> bool:
    if isinstance(without, Scalar) and without.text != TOP:
        message = f"`without` takes `{TOP}`, not `{shorten(without.text)}`"
        note = "the top is all from the first layer on that gives up the places in the image"
        faults.add("E105", message, place_of(without), note, step="write `until: LAYER` for another end")
        return False
    if until is not None and without is not None:
        faults.add("E106", "`until` and `without` both say where the network ends", place_of(without))
        return False
    return True


def _params(faults: Faults, tree: Tree | None) -> dict[str, Scalar] | None:
    if tree is None:
        return {}
    if not isinstance(tree, MappingTree):
        step = "write `params: {width: 0.5}`"
        faults.add("E112", f"`params` must be a mapping, not {describe(tree)}", place_of(tree), step=step)
        return None
    wrong = [value for _, value in tree.entries if not isinstance(value, Scalar)]
    for value in wrong:
        faults.add("E112", f"a parameter is one value, not {describe(value)}", place_of(value))
    return None if wrong else {key.text: value for key, value in tree.entries if isinstance(value, Scalar)}


def base_name(name: str) -> str:
    """Return what copies of a network are called: the name of its file, as far as a layer may be called so.

    >>> base_name("parts/my net.yaml")
    'my_net'
    """
    stem = name.rpartition("/")[2].removesuffix(".yaml").removesuffix(".yml")
    return re.sub(r"[^A-Za-z0-9_-]", "_", stem)[:48].lstrip("-0123456789") or "network"


def splice(
    network: Network, item: it.Nested, graph: Graph, current: int, name: str, context: Context, nodes: list[Node]
) -> int:
    """Append nodes of another network under a name, and return the tensor behind the last of them."""
    moved = {graph.inputs[0].name: current}
    copy = Copy(base_name(item.name.text), name, context.run or network.budget.steps, item.place)
    behind = current
    for node in nodes:
        network.budget.spend(item.place)
        inside = (inner._replace(name=f"{name}.{inner.name}", place=item.place) for inner in node.scope)
        scope = (*context.scope, copy, *inside)
        own = context._replace(scope=scope, trainable=context.trainable and node.trainable)
        inputs = tuple(moved[read] for read in node.inputs)
        shared = f"{name}.{node.shared}" if node.shared else ""
        behind = moved[node.name] = network.add_node(item, node.layer, inputs, f"{name}.{node.name}", own, shared)
        if behind == UNKNOWN:
            return UNKNOWN
    return behind


def demand_one_input(tree: Tree | None, name: str) -> None:
    """Raise SpecError where a spec that is to be an item has several inputs."""
    declared = tree.get("input") if isinstance(tree, MappingTree) else None
    if isinstance(declared, MappingTree) and len(declared.entries) > 1:
        message = f"a network as an item has one input, `{shorten(name)}` has {len(declared.entries)}"
        raise SpecError.one("E206", message)


def fits(faults: Faults, item: it.Nested, graph: Graph, declared: Shape | None, shape: Shape) -> bool:
    """Tell whether a network can be an item here: one input, with the channels that enter, and one output."""
    name = shorten(item.name.text)
    if declared is not None and (len(declared) != len(shape) or declared[-1] != shape[-1]):
        message = f"`{name}` is for input {show(declared)}, and here {show(shape)} enters"
        step = f"bring the input to {declared[-1]} channels before it" if len(declared) == len(shape) else ""
        faults.add("E304", message, item.place, step=step)
        return False
    if len(graph.outputs) != 1 and item.until is None:
        message = f"a network as an item has one output, `{name}` has {len(graph.outputs)}"
        faults.add("E206", message, item.place, step="say where it ends with `until: LAYER`")
        return False
    return True


def kept(faults: Faults, item: it.Nested, graph: Graph) -> list[Node] | None:
    """Return the nodes of another network up to where it ends here, None where it has no such end."""
    end = graph.outputs[0]
    if item.without_top:
        end = _below_top(graph)
        if not end:
            message = f"`{shorten(item.name.text)}` has no top: its output keeps the places in the image"
            faults.add("E206", message, item.place, step="leave `without` out, or say where it ends with `until`")
            return None
    elif item.until is not None:
        names = [node.name for node in graph]
        end = item.until.text
        if end not in names:
            note = f"its layers: {listing(names, 24)}"
            message = f"`{shorten(item.name.text)}` has no layer `{shorten(end)}`"
            faults.add("E201", message, place_of(item.until), note, step=suggest(end, names))
            return None
    return list(_ancestors(graph, end))


def _below_top(graph: Graph) -> str:
    """Return the last node on the way to the output before the places in the image are given up."""
    shapes: dict[str, Any] = {node.name: node for node in graph}
    node = shapes.get(graph.outputs[0])
    if node is None or len(node.shape) > 1:
        return ""
    while node is not None and len(node.shape) == 1:
        node = shapes.get(node.inputs[0])
    return node.name if node is not None else ""


def _ancestors(graph: Graph, end: str) -> Iterator[Node]:
    """Yield the nodes that lead to one of them, in their order."""
    needed = {end}
    for node in reversed(graph.nodes):
        if node.name in needed:
            needed.update(node.inputs)
    return (node for node in graph if node.name in needed)


def report(faults: Faults, item: it.Nested, error: SpecError) -> None:
    """Report what is wrong in another spec: its own diagnostics, each with the item that asks for it."""
    source, (start, _) = faults.source, item.place
    line, column = source.position(start)
    note = f"in network `{shorten(item.name.text)}`, which {source.name}:{line}:{column} asks for"
    name = faults.span(place_of(item.name))
    for fault in error.diagnostics:
        if fault.span is None:
            faults.add_foreign(fault._replace(span=name))
        else:
            faults.add_foreign(fault._replace(notes=(*fault.notes, note)))
