"""Tables in a spec: names, and rows with a value for every name."""

from __future__ import annotations

from cnnspec.errors import listing, shorten
from cnnspec.language.faults import Faults, place_of
from cnnspec.language.items import Place
from cnnspec.text.tree import Scalar, Sequence, Tree, describe

Rows = list[tuple[Place, list[Scalar]]]
"""The place of every row, and its values."""


def read_names(tree: Tree, what: str, faults: Faults) -> list[Scalar]:
    """Return the names of a table's columns; report those that stand twice."""
    names, seen = read_values(tree, "`for`", faults), set[str]()
    for name in names:
        if name.text in seen:
            faults.add("E112", f"the name `{shorten(name.text)}` stands twice in {what}", place_of(name))
        seen.add(name.text)
    return names


def read_rows(tree: Tree, names: list[str], faults: Faults) -> Rows:
    """Return the rows of a table that have a value for every name; report the others."""
    if not isinstance(tree, Sequence):
        faults.add("E112", f"`in` must be a list of rows, not {describe(tree)}", place_of(tree))
        return []
    rows = [(place_of(row), read_values(row, "a row", faults)) for row in tree.items]
    for place, row in rows:
        if len(row) != len(names):
            note = f"the names are {listing(names)}"
            faults.add("E112", f"this row holds {len(row)}, the table names {len(names)}", place, note)
    return [(place, row) for place, row in rows if len(row) == len(names)]


def read_values(tree: Tree, what: str, faults: Faults) -> list[Scalar]:
    """Return the values of a list; one value alone is a list of one."""
    if isinstance(tree, Scalar):
        return [tree]
    if isinstance(tree, Sequence):
        for item in tree.items:
            if not isinstance(item, Scalar):
                faults.add("E112", f"{what} must hold values, not {describe(item)}", place_of(item))
        return [item for item in tree.items if isinstance(item, Scalar)]
    faults.add("E112", f"{what} must be a list of values, not {describe(tree)}", place_of(tree))
    return []
