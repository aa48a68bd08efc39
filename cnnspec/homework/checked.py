"""Homework checked from Python: a file, a text or bytes in, a result that shows itself out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cnnspec.errors import SpecError, shorten
from cnnspec.files import read_content
from cnnspec.homework import feedback
from cnnspec.homework.assignment.opening import open_homework
from cnnspec.homework.assignment.record import Assignment
from cnnspec.homework.marking import checking
from cnnspec.homework.marking.policy import STANDARD, Marking
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


def load_assignment(path: str | Path) -> Assignment:
    """Return the assignment in a file; raise SpecError with every fault of it, and of its spec."""
    _, found = open_homework(str(path))
    if found is None:
        note = "an assignment is a YAML file with the key `assignment`; `cnnspec assignment` writes one"
        raise SpecError.one("E107", f"`{shorten(path, 80)}` is a spec, not an assignment", notes=(note,))
    return found


def check(homework: Graph | Assignment | str | Path, table: str | Path | bytes, *, name: str | None = None) -> Check:
    r"""Return the marks of a homework table: a file, or with a `name` the text or the bytes of one.

    It is marked against a network, or as an assignment says: one that is loaded, or the path of one. The suffix of the
    name says the format, as that of a file does; without one it is looked for in the content. Raises CnnspecError where
    there is no such file; what stands in a table is never an exception, but among `faults`.

    >>> from cnnspec import load
    >>> check(load("lenet5-rgb"), "Layer,Parameters\nconv1,608\nconv2,416\n", name="table.csv")
    <cnnspec.Check table.csv against lenet5-rgb: 1 of 7>
    """
    graph, marking = _decided(homework)
    if isinstance(table, Path) or (isinstance(table, str) and name is None):
        content, file = read_content(table)
    else:
        content, file = table.encode("utf-8", "surrogatepass") if isinstance(table, str) else table, "<table>"
    return Check(*checking.check(graph, content, file if name is None else name, marking))


def _decided(homework: Graph | Assignment | str | Path) -> tuple[Graph, Marking]:
    """Return the network that is checked against, and how."""
    if isinstance(homework, Graph):
        return homework, STANDARD
    graph, assignment = (homework.graph, homework) if isinstance(homework, Assignment) else open_homework(str(homework))
    return graph, STANDARD if assignment is None else assignment.marking
