"""The spec of an imported network: folded where that gives the same network, else one item per layer."""

from __future__ import annotations

from typing import Final

from cnnspec.errors import CnnspecError
from cnnspec.importing.folding.equality import is_same_network
from cnnspec.importing.folding.folding import foldings
from cnnspec.importing.folding.simplification import simplified
from cnnspec.ir.graph import Graph
from cnnspec.language.writer import write
from cnnspec.networks import loads

MOST: Final = 10_000
"""How many layers a network may have that is folded."""
MOST_READ: Final = 3 * MOST
"""How many tensors they may read together."""


def write_spec(graph: Graph, *, flat: bool = False) -> str:
    """Return the text of a spec that gives the same network: folded, or `flat` with the name of every layer."""
    plain = write(graph, brief=True)
    if flat or len(graph) > MOST or sum(len(node.inputs) for node in graph) > MOST_READ:
        return plain
    simple = simplified(graph)
    texts = sorted(foldings(simple), key=_length)
    return next((text for text in texts if _length(text) < _length(plain) and _gives(text, simple)), plain)


def _length(text: str) -> int:
    return text.count("\n")


def _gives(text: str, graph: Graph) -> bool:
    """Tell whether a spec is that of a network."""
    try:
        return is_same_network(loads(text, "folded.yaml"), graph)
    except CnnspecError:
        return False
