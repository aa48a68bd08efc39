"""An assignment read: the same located reader as that of specs, and all faults at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from cnnspec.analysis.measure import Summary, measure
from cnnspec.analysis.quantities import PARAMS, SHAPE, SIZE, marked
from cnnspec.errors import SpecError, shorten
from cnnspec.homework.assignment.fields import Fields
from cnnspec.homework.assignment.naming import read_ranks, read_row
from cnnspec.homework.assignment.record import KEY, KEYS, Assignment
from cnnspec.homework.feedback import Reveal
from cnnspec.homework.marking.asked import Conventions, ask
from cnnspec.homework.marking.policy import Accepted, FollowThrough, Marking
from cnnspec.homework.tables.columns import LAYER
from cnnspec.language.faults import Faults, place_of
from cnnspec.source import Source
from cnnspec.text.limits import STANDARD, Limits
from cnnspec.text.reader import read
from cnnspec.text.tree import Mapping, Scalar, Tree, describe

COLUMNS: Final = (SHAPE.name, SIZE.name, PARAMS.name)
"""What is asked where a file does not say."""
_LOOKS: Final = re.compile(rf"^(?:\ufeff)?[\"']?{KEY}[\"']?[ \t]*:|^\{{[^\n]*\b{KEY}[\"']?:", re.MULTILINE)

_ACCEPTED: Final = ("row", "column", "value", "credit", "reason")

Open = Callable[[str], Summary]
"""Returns the network that a name or a path beside the file means; raises SpecError."""


def is_assignment(source: Source, limits: Limits = STANDARD) -> bool:
    """Tell whether a text is an assignment: a mapping with that key."""
    if not _LOOKS.search(source.text):
        return False
    try:
        tree = read(source, limits)
    except SpecError:
        return True
    return isinstance(tree, Mapping) and tree.get(KEY) is not None


def read_assignment(source: Source, open_spec: Open, limits: Limits = STANDARD) -> Assignment:
    """Return the assignment in a text; raise SpecError with every fault of it, and of the spec that it names."""
    tree, faults = read(source, limits), Faults(source)
    if not isinstance(tree, Mapping):
        faults.add("E112", f"an assignment must be a mapping, not {describe(tree) if tree else 'nothing'}", None)
        raise faults.error()
    fields = Fields(faults)
    given = {key.text: value for key, value in fields.entries(tree, KEY, KEYS)}
    name = fields.text(given[KEY], KEY) if KEY in given else ""
    summary = _network(fields, tree, given, open_spec)
    found = _Decisions(fields, summary).read(name, given) if summary is not None else None
    if faults or found is None:
        raise faults.error()
    spec = given["spec"]
    return found._replace(spec=fields.text(spec, "spec"), source=source, place=(spec.start, spec.end))


def beside(path: Path | None, load: Callable[[str], Any]) -> Open:
    """Return what opens the spec of an assignment: a file beside it or in a folder below, or a bundled network."""

    def open_spec(name: str) -> Summary:
        place = Path(name)
        if path is not None and not place.is_absolute() and ".." not in place.parts and (path.parent / place).is_file():
            return measure(load(str(path.parent / place)))
        if "/" in name or "\\" in name or path is None or name.endswith((".yaml", ".yml")):
            note = "a spec is a bundled network, or lies beside the assignment or in a folder below"
            raise SpecError.one("E601", f"there is no spec `{shorten(name, 80)}`", notes=(note,))
        return measure(load(name))

    return open_spec


def _network(fields: Fields, tree: Mapping, given: dict[str, Tree], open_spec: Open) -> Summary | None:
    if "spec" not in given:
        step = "write `spec: lenet5`, or the path of a spec beside this file"
        fields.faults.add("E107", "an assignment needs `spec`", place_of(tree), step=step)
        return None
    name = fields.text(given["spec"], "spec")
    if not name:
        return None
    try:
        return open_spec(name)
    except SpecError as error:
        for fault in error.diagnostics:
            span = fault.span or fields.faults.span(place_of(given["spec"]))
            fields.faults.add_foreign(fault._replace(span=span))
        return None


class _Decisions:
    """What the keys of an assignment decide about one network."""

    def __init__(self, fields: Fields, summary: Summary) -> None:
        self.fields = fields
        self.summary = summary

    def read(self, name: str, given: dict[str, Tree]) -> Assignment:
        """Return the assignment; faults are reported, and what is faulty is as usual."""
        fields = self.fields
        rows, told = read_ranks(fields, self.summary, given.get("rows"))
        columns = self._columns(given.get("columns"))
        conventions = self._conventions(given.get("conventions"))
        asked = ask(self.summary, columns, rows, conventions)
        if not asked.cells and not fields.faults:
            fields.faults.add("E416", "this assignment asks for no cell", None, "no row or no column is asked for")
        weights, by_row, out_of = self._points(given.get("points"))
        follow = given.get("follow_through")
        word = fields.word(follow, "follow_through", tuple(FollowThrough)) if follow else ""
        shown = given.get("reveal")
        reveal = fields.word(shown, "reveal", tuple(Reveal)) if shown else ""
        marking = Marking(
            weights,
            FollowThrough(word) if word else FollowThrough.FULL,
            asked,
            by_row,
            (fields.share(given["slips"], "slips") or Fraction(0)) if "slips" in given else Fraction(0),
            conventions,
            tuple(self._accepted(given.get("accept"))),
            self._titles(given.get("titles")),
            self._labels(given.get("labels")),
            out_of,
        )
        due = tuple(dict.fromkeys(entry.text.strip() for entry in fields.texts(given.get("due"), "due")))
        return Assignment(name, self.summary.graph, marking, told, Reveal(reveal) if reveal else None, due)

    def _columns(self, tree: Tree | None) -> tuple[str, ...]:
        if tree is None:
            return COLUMNS
        found = [self._column(item, "columns") for item in self.fields.items(tree, "columns")]
        if not found:
            self.fields.unfit(tree, "columns", "a list of columns")
        return tuple(column for column in found if column)

    def _column(self, tree: Tree, name: str, more: tuple[str, ...] = ()) -> str:
        word, known = self.fields.text(tree, name), (*marked(), *more)
        if word and word not in known and isinstance(tree, Scalar):
            self.fields.absent(tree, f"`{name}` speaks of the column `{shorten(word)}`, which is not marked", known)
        return word if word in known else ""

    def _conventions(self, tree: Tree | None) -> Conventions:
        values: dict[str, bool] = {}
        words = {"batch_norm": {"4C": True, "2C": False}, "biases": {"in": True, "out": False}}
        flags = ("rounding", "channels_first")
        for key, value in self.fields.entries(tree, "conventions", (*words, *flags)):
            if key.text in flags:
                values[key.text] = self.fields.flag(value, key.text)
            elif word := self.fields.word(value, key.text, words[key.text]):
                values["stored" if key.text == "batch_norm" else "biases"] = words[key.text][word]
        return Conventions(**values)

    def _points(self, tree: Tree | None) -> tuple[dict[str, int], dict[str, int], int | None]:
        """Return the points of cells by column and by row, and what all of them are worth together."""
        fields = self.fields
        parts = {key.text: value for key, value in fields.entries(tree, "points", ("cell", "column", "row", "total"))}
        cell = fields.number(parts["cell"], "cell") if "cell" in parts else 1
        by_column = dict.fromkeys(marked(), 1 if cell is None else cell)
        for key, value in fields.entries(parts.get("column"), "column"):
            column, count = self._column(key, "column"), fields.number(value, key.text)
            by_column |= {column: count} if column and count is not None else {}
        by_row: dict[str, int] = {}
        for key, value in fields.entries(parts.get("row"), "row"):
            row, count = read_row(fields, self.summary, key, "row"), fields.number(value, key.text)
            by_row |= {row: count} if row and count is not None else {}
        return by_column, by_row, fields.number(parts["total"], "total", 1) if "total" in parts else None

    def _titles(self, tree: Tree | None) -> dict[str, str]:
        found = (
            (key.text, self._column(value, "titles", (LAYER,))) for key, value in self.fields.entries(tree, "titles")
        )
        return {title: column for title, column in found if column}

    def _labels(self, tree: Tree | None) -> dict[str, str]:
        entries = self.fields.entries(tree, "labels")
        found = ((key.text, read_row(self.fields, self.summary, value, "labels")) for key, value in entries)
        return {label: row for label, row in found if row}

    def _accepted(self, tree: Tree | None) -> list[Accepted]:
        found = [self._one_accepted(item) for item in self.fields.items(tree, "accept")]
        return [entry for entry in found if entry is not None]

    def _one_accepted(self, tree: Tree) -> Accepted | None:
        fields = self.fields
        parts = {key.text: value for key, value in fields.entries(tree, "accept", _ACCEPTED)}
        lacking = [name for name in ("row", "column") if name not in parts]
        if lacking and isinstance(tree, Mapping):
            fields.faults.add("E107", f"an answer that is accepted needs `{lacking[0]}`", place_of(tree))
        if lacking:
            return None
        row, column = read_row(fields, self.summary, parts["row"], "row"), self._column(parts["column"], "column")
        value = self._cell(parts["value"]) if "value" in parts else None
        credit = fields.share(parts["credit"], "credit") if "credit" in parts else Fraction(1)
        reason = fields.text(parts["reason"], "reason") if "reason" in parts else ""
        return Accepted(row, column, value, credit, reason) if row and column and credit is not None else None

    def _cell(self, tree: Tree) -> str:
        """Return what stands in a cell, such as `(14, 14, 8)`, which YAML may take for a list."""
        if isinstance(tree, Scalar):
            return self.fields.text(tree, "value")
        return self.fields.faults.source.text[tree.start : tree.end]
