"""Tables of located trees, which JSON and YAML have in common: rows that are mappings or lists, or columns."""

from __future__ import annotations

from itertools import zip_longest
from typing import Final

from cnnspec.homework.tables import faults
from cnnspec.homework.tables.grid import COLUMNS, ROWS, Grid, Row, build
from cnnspec.homework.tables.headers import score
from cnnspec.homework.tables.reader import Reader
from cnnspec.source import Source
from cnnspec.text.tree import Mapping, Scalar, Sequence, Tree

DEPTH: Final = 64
_TABLES: Final = ("layers", "rows", "table", "data")
_NAMES: Final = frozenset({"layer", "name"})
_NOTHING: Final = frozenset({"", "null", "~"})

Named = tuple[str, Tree]
"""A part of a tree and the key under which it stands, which is empty in a list."""


def tabulate(source: Source, reader: Reader, tree: Tree | None) -> Grid:
    """Return the table of a tree; raise CnnspecError where it has none."""
    parts = _parts(tree)
    columns = _columns(parts)
    if len(parts) > ROWS or any(len(column) > ROWS for _, column in columns):
        raise faults.too_large(source, f"has more than {ROWS:,} rows")
    if columns:
        return build(source, reader, _from_columns(source, columns))
    mappings = [(key, node) for key, node in parts if isinstance(node, Mapping)]
    lists = [node for _, node in parts if isinstance(node, Sequence)]
    unlike = len(parts) - max(len(mappings), len(lists))
    if unlike and not any(key for key, _ in parts):
        found = (
            f"{unlike} of {len(parts)} rows are not like the others" if mappings or lists else "its rows have no cells"
        )
        raise faults.no_table(source, reader, found)
    if mappings:
        return build(source, reader, _from_mappings(source, mappings))
    return build(source, reader, [Row(_line(source, node), [_cell(item) for item in node.items]) for node in lists])


def _parts(tree: Tree | None) -> list[Named]:
    """Return what may be rows or columns: the parts of the tree, or of what stands under one of the usual keys."""
    if isinstance(tree, Sequence):
        return [("", node) for node in tree.items]
    if not isinstance(tree, Mapping):
        return []
    inner = [(key.text.strip().lower(), node) for key, node in tree.entries if not isinstance(node, Scalar)]
    usual = [node for word in _TABLES for key, node in inner if key == word]
    if usual:
        return _parts(usual[0])
    if len(inner) == 1 and _holds_rows(inner[0][1]):
        return _parts(inner[0][1])
    return [(key.text, node) for key, node in tree.entries]


def _holds_rows(node: Tree) -> bool:
    if isinstance(node, Mapping):
        return any(isinstance(value, Mapping) or key.text.lower() in _TABLES for key, value in node.entries)
    return True


def _columns(parts: list[Named]) -> list[tuple[str, list[Tree]]]:
    """Return columns where parts are named lists, or mappings whose keys are numbers: so pandas writes a table."""
    if len(parts) < 2 or not all(key for key, _ in parts):
        return []
    lists = [(key, node.items) for key, node in parts if isinstance(node, Sequence)]
    if len(lists) == len(parts) and score([key for key, _ in lists]) > 1:
        return lists
    numbered = [(key, _values(node)) for key, node in parts if isinstance(node, Mapping) and _is_numbered(node)]
    return numbered if len(numbered) == len(parts) else []


def _is_numbered(node: Mapping) -> bool:
    return bool(node.entries) and all(key.text.isdecimal() for key, _ in node.entries)


def _values(node: Mapping) -> list[Tree]:
    return [value for _, value in node.entries]


def _from_columns(source: Source, columns: list[tuple[str, list[Tree]]]) -> list[Row]:
    """Return a header of the columns' names and the rows below it, on the lines where their last cells stand."""
    rows = []
    for nodes in zip_longest(*(column for _, column in columns[: COLUMNS + 1])):
        line = max(_line(source, node) for node in nodes if node is not None)
        rows.append(Row(line, [_cell(node) if node is not None else "" for node in nodes]))
    return [Row(rows[0].line if rows else 1, [name for name, _ in columns]), *rows]


def _from_mappings(source: Source, mappings: list[tuple[str, Mapping]]) -> list[Row]:
    """Return a header of all keys, in the order in which they come, and the rows below it.

    A key with nothing but mappings is no column; of a key that a row has twice the last value counts, as in any JSON.
    """
    titles: dict[str, str] = {}
    rows = [_named_cells(node, titles) for _, node in mappings]
    if any(name for name, _ in mappings) and not _NAMES & titles.keys():
        rows = [{"": name} | row for (name, _), row in zip(mappings, rows, strict=True)]
        titles = {"": "layer"} | titles
    if len(titles) > COLUMNS:
        raise faults.too_large(source, f"has more than {COLUMNS} columns")
    lines = [_line(source, node) for _, node in mappings]
    cells = [[row.get(key, "") for key in titles] for row in rows]
    return [Row(lines[0], list(titles.values())), *map(Row, lines, cells)]


def _named_cells(node: Mapping, titles: dict[str, str]) -> dict[str, str]:
    """Return the cells of a row by their keys, whose spelling may differ in case; new ones are put into `titles`."""
    cells: dict[str, str] = {}
    for key, value in node.entries:
        if not isinstance(value, Mapping):
            folded = key.text.strip().casefold()
            titles.setdefault(folded, key.text)
            cells[folded] = _cell(value)
    return cells


def _line(source: Source, node: Tree) -> int:
    return source.position(node.start)[0]


def _cell(node: Tree) -> str:
    """Return a value as text, a list as the shape that it is."""
    if isinstance(node, Scalar):
        return "" if node.plain and node.text in _NOTHING else node.text
    if isinstance(node, Mapping):
        return ""
    inner = ", ".join(_cell(item) or "None" for item in node.items)
    return f"({inner},)" if len(node.items) == 1 else f"({inner})"
