"""The key `outputs`: the layers whose outputs are those of the network."""

from __future__ import annotations

from cnnspec.errors import shorten
from cnnspec.language.expansion import Expansion
from cnnspec.language.faults import place_of
from cnnspec.language.names import UNKNOWN
from cnnspec.language.scope import Context
from cnnspec.text.tree import Scalar, Sequence, Tree, describe


def read_outputs(tree: Tree | None, expansion: Expansion, current: int) -> tuple[str, ...]:
    """Return the names of the outputs, of the last tensor unless others are given."""
    names = expansion.network.tensor_names
    if tree is None:
        return (names[current],) if current != UNKNOWN else ()
    given = tree.items if isinstance(tree, Sequence) else [tree]
    found: dict[str, None] = {}
    if not given:
        expansion.faults.add("E107", "`outputs` names no layer", place_of(tree))
    for name in given:
        if not isinstance(name, Scalar):
            expansion.faults.add("E112", f"`outputs` must hold names, not {describe(name)}", place_of(name))
        elif (index := expansion.look_up(name, Context())) != UNKNOWN:
            if names[index] in found:
                expansion.faults.add("E202", f"the output `{shorten(name.text)}` is named twice", place_of(name))
            found[names[index]] = None
    return tuple(found)
