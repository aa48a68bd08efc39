"""The spec of an imported network."""

from __future__ import annotations

from cnnspec.ir.graph import Graph
from cnnspec.language.writer import write


def write_spec(graph: Graph) -> str:
    """Return the text of a spec that gives the same network."""
    return write(graph, brief=True)
