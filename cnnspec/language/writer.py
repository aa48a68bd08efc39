"""A network written as a spec of its own: one item per layer, every name given, without blocks and expressions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from cnnspec.ir.graph import Graph, Node
from cnnspec.ir.layer import Layer
from cnnspec.ir.shapes import compact
from cnnspec.language.tokens import brief_form, short_form
from cnnspec.text.layout import scalar
from cnnspec.text.tree import Scalar

LONGEST: Final = 64
_LAST: Final = re.compile(r"[a-z_]+\d+")
"""What names that come from counting look like."""
_NEVER_PLAIN: Final = re.compile(r"[\[\]{}&*!|>'\"%@`#,?:-].*|.*(: | #).*|.*:")


def write(graph: Graph, *, brief: bool = False) -> str:
    r"""Return the text of a spec that gives the same layers, under the same names as far as a spec may give them.

    A `brief` one leaves out what a reader of specs knows: defaults, and the names that layers get by themselves.

    >>> from cnnspec import loads
    >>> print(write(loads("input: 8x8x1\nlayers: [conv: 4 3x3]", "tiny.yaml")))
    name: tiny
    input: 8x8x1
    layers:
      - conv: 4 3x3/1 valid
        name: conv1
    <BLANKLINE>
    """
    names = _names(graph)
    unnamed = frozenset(_counted(graph, names)) if brief else frozenset()
    lines = [f"name: {_quoted(graph.name)}", *_inputs(graph), "layers:"]
    above = graph.inputs[0].name if len(graph.inputs) == 1 else ""
    for node in graph.nodes:
        lines += _item(node, names, above, brief_form if brief else short_form, is_named=node.name not in unnamed)
        above = node.name
    if graph.outputs != (above,):
        lines.append(f"outputs: [{', '.join(names[name] for name in graph.outputs)}]")
    return "\n".join(lines) + "\n"


def _inputs(graph: Graph) -> Iterator[str]:
    if len(graph.inputs) == 1 and graph.inputs[0].name == "input":
        yield f"input: {compact(graph.inputs[0].shape)}"
        return
    yield "input:"
    for entry in graph.inputs:
        yield f"  {entry.name}: {compact(entry.shape)}"


def _item(
    node: Node, names: dict[str, str], above: str, form: Callable[[Layer], str], *, is_named: bool
) -> Iterator[str]:
    arguments = form(node.layer)
    indent = "  "
    for _ in range(0 if node.shared else node.layer.step_axes):
        yield f"{indent}- each:"
        indent += "  "
    if node.shared:
        yield f"{indent}- share: {names[node.shared]}"
    else:
        beside = is_named or len(node.inputs) > 1 or node.inputs != (above,) or not node.trainable or node.note
        head = f"{node.kind}:" if beside or arguments else node.kind
        yield f"{indent}- {head}{f' {_plain(arguments)}' if arguments else ''}"
    if is_named:
        yield f"{indent}  name: {names[node.name]}"
    if len(node.inputs) > 1:
        yield f"{indent}  from: [{', '.join(names[name] for name in node.inputs)}]"
    elif node.inputs != (above,):
        yield f"{indent}  from: {names[node.inputs[0]]}"
    if not node.trainable and not node.shared:
        yield f"{indent}  trainable: false"
    if node.note:
        yield f"{indent}  note: {_quoted(node.note)}"


def _names(graph: Graph) -> dict[str, str]:
    """Return the name of every tensor as a spec may give it: a dot, which only copies of blocks have, becomes `_`."""
    names = {entry.name: entry.name for entry in graph.inputs}
    plain = {node.name for node in graph.nodes if _is_allowed(node.name)}
    taken = {*names, *plain}
    for node in graph.nodes:
        name = node.name if node.name in plain else _free(node.name.replace(".", "_"), taken)
        names[node.name] = name
        taken.add(name)
    return names


def _counted(graph: Graph, names: dict[str, str]) -> Iterator[str]:
    """Yield the nodes that get their names by counting layers of their kind, if they are written without them."""
    given = {name for name in names.values() if not _LAST.fullmatch(name)}
    while True:
        counts: dict[str, int] = {}
        found, others = [], set()
        for node in graph.nodes:
            number = counts.get(node.kind, 0) + 1
            while f"{node.kind}{number}" in given:
                number += 1
            if names[node.name] == f"{node.kind}{number}" and not node.kind[-1].isdigit():
                counts[node.kind] = number
                found.append(node.name)
            elif names[node.name] not in given:
                others.add(names[node.name])
        if not others:
            yield from found
            return
        given |= others


def _is_allowed(name: str) -> bool:
    return "." not in name and len(name) <= LONGEST


def _free(name: str, taken: Iterable[str]) -> str:
    """Return a name that is not taken, numbered where it must be."""
    candidate, number = name[:LONGEST], 1
    while candidate in taken:
        number += 1
        candidate = f"{name[: LONGEST - 8]}_{number}"
    return candidate


def _plain(text: str) -> str:
    """Return arguments as YAML: they need quotes only where they begin like something else."""
    return _quoted(text) if _NEVER_PLAIN.fullmatch(text) else text


def _quoted(text: str) -> str:
    return scalar(Scalar(text, 0, 0, plain=False))
