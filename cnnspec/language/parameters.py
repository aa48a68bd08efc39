"""The keys `params` and `variants`: constants for expressions, and the table that one of them chooses more from."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from cnnspec.errors import listing, shorten, suggest
from cnnspec.ir.values import untyped
from cnnspec.language.expressions import ExpressionError, Value, substitute, to_text
from cnnspec.language.faults import Faults, place_of
from cnnspec.language.names import VARIABLES
from cnnspec.language.tables import Rows, read_names, read_rows
from cnnspec.text.tree import Mapping as MappingTree
from cnnspec.text.tree import Scalar, Tree, describe

COLUMNS: Final = ("for", "in")
NOTE: Final = "a parameter's name holds letters, digits and `_`, and is no variable of expressions"


class Variants(NamedTuple):
    """A table of parameters: its first column is a parameter of `params`, whose value chooses the row."""

    names: list[Scalar]
    rows: Rows

    @property
    def chooser(self) -> str:
        """The parameter whose value chooses a row."""
        return self.names[0].text

    def choices(self) -> list[str]:
        """Return the values among which that parameter chooses."""
        return [cells[0].text for _, cells in self.rows]


def read_variants(tree: Tree | None, faults: Faults) -> Variants | None:
    """Return the table of variants; report what is wrong with its form."""
    if tree is None:
        return None
    step = "write `variants: {for: [depth, n], in: [[50, 6], [101, 23]]}`"
    if not isinstance(tree, MappingTree):
        faults.add("E112", f"`variants` must be a table, not {describe(tree)}", place_of(tree), step=step)
        return None
    for key, _ in tree.entries:
        if key.text not in COLUMNS:
            note = f"a table of variants has the keys {listing(COLUMNS)}"
            faults.add("E108", f"unknown key `{shorten(key.text)}` in `variants`", place_of(key), note)
    columns, rows = map(tree.get, COLUMNS)
    if columns is None or rows is None:
        lacks = COLUMNS[0] if columns is None else COLUMNS[1]
        faults.add("E107", f"`variants` lacks `{lacks}`", place_of(tree), step=step)
        return None
    names = read_names(columns, "`variants`", faults)
    found = read_rows(rows, [name.text for name in names], faults)
    if not names or not found:
        if not faults:
            faults.add("E107", "`variants` has no rows", place_of(tree), step=step)
        return None
    return Variants(names, found)


def read_params(
    entries: list[tuple[Scalar, Tree]], table: Variants | None, given: Mapping[str, str], faults: Faults
) -> dict[str, Value]:
    """Return the parameters of a file with the row of variants that is chosen, those given from outside in their place.

    A value may name the parameters before it; those of the row stand behind the one that chooses it. A fault in the row
    ends the reading, as what comes later may name what is missing.
    """
    if table and table.chooser not in {key.text for key, _ in entries}:
        message = f"`{shorten(table.chooser)}` chooses a row of `variants`, and is no parameter"
        step = f"add `params: {{{shorten(table.chooser)}: {shorten(table.choices()[0])}}}`"
        faults.add("E107", message, place_of(table.names[0]), step=step)
        return {}
    reader = _Reader(given, faults)
    for key, tree in entries:
        if not isinstance(tree, Scalar):
            faults.add("E112", f"a parameter is one value, not {describe(tree)}", place_of(tree))
            continue
        reader.read(key, tree)
        if table and key.text == table.chooser and not reader.choose(table, tree):
            return reader.values
    for name in given:
        if name not in reader.values:
            known = listing(reader.values) or "none"
            message = f"the spec has no parameter `{shorten(name)}`"
            step = suggest(name, reader.values) or ("" if reader.values else "a spec has its own below `params:`")
            faults.add("E114", message, None, f"its parameters: {known}", step=step)
    return reader.values


class _Reader:
    """Reads values in the order in which they may name each other."""

    def __init__(
        self, given: Mapping[str, str], faults: Faults, values: Mapping[str, Value] = MappingProxyType({})
    ) -> None:
        self.given = given
        self.faults = faults
        self.values = dict(values)

    def read(self, name: Scalar, scalar: Scalar) -> None:
        """Take one parameter, with the value that is given from outside if there is one."""
        if not name.text.isidentifier() or name.text in VARIABLES:
            self.faults.add("E207", f"a parameter cannot be named `{shorten(name.text)}`", place_of(name), NOTE)
        elif name.text in self.values:
            self.faults.add("E102", f"the parameter `{shorten(name.text)}` is given twice", place_of(name))
        else:
            value = self._value(self.given.get(name.text, scalar.text), scalar)
            if value is not None:
                self.values[name.text] = value

    def choose(self, table: Variants, scalar: Scalar) -> bool:
        """Take the row whose first value is that of the parameter which chooses; tell whether all of it was right."""
        before = len(self.faults.diagnostics)
        rows: dict[str, list[Scalar]] = {}
        for _, cells in table.rows:
            key = to_text(untyped(cells[0].text))
            if key in rows:
                message = f"`variants` has two rows for `{shorten(cells[0].text)}`"
                self.faults.add("E102", message, place_of(cells[0]))
            rows[key] = cells
        wanted = self.values.get(table.chooser)
        if wanted is not None and to_text(wanted) not in rows:
            self._refuse(table, to_text(wanted), scalar)
        known = dict(self.values)
        for key, cells in rows.items():
            is_chosen = wanted is not None and key == to_text(wanted)
            reader = self if is_chosen else _Reader(self.given, self.faults, known)  # faults of other rows count too
            for name, cell in zip(table.names[1:], cells[1:], strict=True):
                reader.read(name, cell)
        return len(self.faults.diagnostics) == before

    def _refuse(self, table: Variants, wanted: str, scalar: Scalar) -> None:
        place = None if table.chooser in self.given else place_of(scalar)
        choices = table.choices()
        message = f"`{shorten(table.chooser)}` cannot be `{shorten(wanted)}`"
        note = f"the spec has the variants {listing(choices)}"
        self.faults.add("E105", message, place, note, step=suggest(wanted, choices))

    def _value(self, text: str, scalar: Scalar) -> Value | None:
        try:
            return substitute(text, self.values) if "$" in text else untyped(text)
        except ExpressionError as error:
            self.faults.add(error.code, error.message, place_of(scalar), step=error.step)
            return None


def filled(tree: Tree, values: Mapping[str, Value]) -> Tree:
    """Return a tree with the expressions in its values evaluated; raise ExpressionError for what is none."""
    if isinstance(tree, Scalar):
        return Scalar(to_text(substitute(tree.text, values)), tree.start, tree.end) if "$" in tree.text else tree
    if isinstance(tree, MappingTree):
        return tree
    return type(tree)(tree.start, tree.end, tree.flow, [filled(item, values) for item in tree.items])
