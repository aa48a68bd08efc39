"""Tables of located trees, which JSON and YAML have in common: rows that are objects, or lists."""

from __future__ import annotations

from collections.abc import Sequence as Rows
from typing import Final, NamedTuple

from cnnspec.homework.readers import faults
from cnnspec.homework.readers.grid import COLUMNS, ROWS, Grid, Row, build
from cnnspec.source import Source
from cnnspec.spec.tree import Mapping, Scalar, Sequence, Tree

_TABLES: Final = ("layers", "rows", "table", "data")
_NAMES: Final = frozenset({"layer", "name"})
_NOTHING: Final = frozenset({"", "null", "~"})


class Entry(NamedTuple):
    """One row: the key under which it stands, if it has one, and what is there."""

    key: str
    node: Mapping | Sequence


def tabulate(source: Source, kind: str, tree: Tree | None) -> Grid:
    """Return the table of a tree; raise CnnspecError where it has none."""
    entries = _entries(tree)
    if not entries:
        raise faults.no_table(source, kind)
    if len(entries) > ROWS:
        raise faults.too_large(source, f"has more than {ROWS:,} rows")
    lists = [(entry.node.start, entry.node) for entry in entries if isinstance(entry.node, Sequence)]
    objects = [entry for entry in entries if isinstance(entry.node, Mapping)]
    if lists and objects:
        raise faults.no_table(source, kind, "some rows are lists and some have named cells")
    if objects:
        return build(source, kind, _table(source, objects))
    return build(source, kind, [Row(source.position(start)[0], _cells(node)) for start, node in lists])


def _entries(tree: Tree | None) -> list[Entry]:
    """Return the rows at the top, else those of the first of the usual keys, else those of any key."""
    if isinstance(tree, Sequence):
        return [Entry("", node) for node in tree.items if isinstance(node, Mapping | Sequence)]
    if not isinstance(tree, Mapping):
        return []
    named = {key.text.strip().lower(): node for key, node in tree.entries}
    for word in _TABLES:
        if isinstance(named.get(word), Sequence | Mapping):
            return _entries(named[word])
    rows = [Entry(key.text, node) for key, node in tree.entries if isinstance(node, Mapping)]
    if rows:
        return _turned(rows)
    lists = [node for _, node in tree.entries if isinstance(node, Sequence)]
    return next((found for found in map(_entries, lists) if found), [])


def _turned(entries: list[Entry]) -> list[Entry]:
    """Return columns, each an object with the numbers of the rows as keys, as rows: so pandas writes a table."""
    keys = [[key.text for key, _ in entry.node.entries] for entry in entries if isinstance(entry.node, Mapping)]
    if not all(keys[0]) or not all(key.isdecimal() for key in keys[0]) or any(other != keys[0] for other in keys):
        return entries
    ...
    return entries


def _table(source: Source, entries: Rows[Entry]) -> list[Row]:
    """Return a header of all keys, in the order in which they come, and the rows below it."""
    ...
