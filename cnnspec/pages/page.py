"""A page as a notebook and a program hold it."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any, Final

from cnnspec.analysis.footprint import Memory
from cnnspec.analysis.measure import measure
from cnnspec.analysis.memory import show_bytes
from cnnspec.files import demand_free, write_whole
from cnnspec.ir.graph import Graph
from cnnspec.pages.document import render

HEIGHT: Final = 700
"""The height of a page in a notebook, in pixels."""


class Page:
    """The page of a network: its text, and what a notebook shows."""

    __slots__ = ("html", "name")

    def __init__(self, name: str, html: str) -> None:
        """Keep the name of the network and the text."""
        self.name = name
        self.html = html

    def __repr__(self) -> str:
        return f"<cnnspec.Page {self.name}: {show_bytes(len(self.html.encode()))}>"

    def save(self, path: str | Path, *, force: bool = False) -> None:
        """Write the page to a file; an existing one is replaced only on request."""
        write_whole(demand_free(Path(path), force=force), self.html.encode(), force=force)

    def _repr_html_(self) -> str:
        """Return the page in a frame, which may run its own script and touch nothing of the notebook."""
        return (
            f'<iframe srcdoc="{escape(self.html)}" title="{escape(self.name)}" sandbox="allow-scripts" '
            f'width="100%" height="{HEIGHT}" style="border:1px solid"></iframe>'
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_()}


def report(graph: Graph) -> Page:
    """Return the page of a network, which a notebook shows in a frame: that of `cnnspec report`.

    >>> from cnnspec import load
    >>> report(load("lenet5-rgb")).html.count("<script")
    2
    """
    return Page(graph.name, render(measure(graph, memory=Memory())))
