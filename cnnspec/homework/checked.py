"""Homework checked from Python: a file, a text or bytes in, a result that shows itself out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cnnspec.files import read_content
from cnnspec.homework import feedback
from cnnspec.homework.marking import checking
from cnnspec.homework.reports import json, markdown
from cnnspec.ir.graph import Graph


class Check(checking.Check):
    """A marked table: the score, every cell with its status, and the slips behind the wrong ones."""

    __slots__ = ()

    def __repr__(self) -> str:
        result = f"{self.score} of {self.max_score}" if self.gradable else "not gradable"
        return f"<cnnspec.Check {self.name} against {self.summary.name}: {result}>"

    def __str__(self) -> str:
        from cnnspec.homework.reports.text import render  # noqa: PLC0415 - rich is imported when a table is shown

        return render(self, feedback.Reveal.FULL)

    def _repr_markdown_(self) -> str:
        return self.to_markdown()

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain data, as `to_json` writes it."""
        return json.as_data(self, feedback.Reveal.FULL)

    def to_json(self) -> str:
        """Return the result as JSON, with the right answers."""
        return json.render(self, feedback.Reveal.FULL)

    def to_markdown(self) -> str:
        """Return the marked table and its diagnosis as Markdown, with the right answers."""
        return markdown.render(self, feedback.Reveal.FULL)


def check(graph: Graph, table: str | Path | bytes, *, name: str | None = None) -> Check:
    r"""Return the marks of a homework table: a file, or with a `name` the text or the bytes of one.

    The suffix of the name says the format, as that of a file does; without one it is looked for in the content. Raises
    CnnspecError where there is no such file; what stands in a table is never an exception, but among `faults`.

    >>> from cnnspec import load
    >>> check(load("lenet5-rgb"), "Layer,Parameters\nconv1,608\nconv2,416\n", name="table.csv")
    <cnnspec.Check table.csv against lenet5-rgb: 1 of 7>
    """
    if isinstance(table, Path) or (isinstance(table, str) and name is None):
        content, file = read_content(table)
    else:
        content, file = table.encode("utf-8", "surrogatepass") if isinstance(table, str) else table, "<table>"
    return Check(*checking.check(graph, content, file if name is None else name))
