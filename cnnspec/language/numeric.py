"""Expressions that are numbers whatever happens: only they may be written as bare tokens, and read back as fields.

What a bare `$x` means is decided by its value: a number is the filters of a `conv`, the word `same` its padding. So a
variable counts as a number only where every line of the spec that binds its name gives it one.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import Final

from cnnspec.ir.values import untyped
from cnnspec.language.expressions import PATTERN, ExpressionError, parse
from cnnspec.language.parser import LOOP
from cnnspec.language.tokens import partition, split
from cnnspec.text.tree import Mapping, Scalar, Sequence, Tree

COUNTERS: Final = frozenset({"index", "total"})
"""The variables of a repeat."""
Binding = tuple[str, str]
"""A name and the text of a value that it is given."""


def numeric_names(tree: Mapping) -> frozenset[str]:
    """Return the variables that are numbers wherever they are bound."""
    values = defaultdict(list)
    for name, text in _bindings(tree, _first_params(tree)):
        values[name].append(text)
    names: frozenset[str] = COUNTERS | values.keys()
    while lost := {name for name in names if not all(_is_number(text, names) for text in values[name])}:
        names -= lost
    return names


def is_numeric(text: str, names: frozenset[str]) -> bool:
    """Tell whether all expressions of a text are numbers, where these variables are."""
    return all(_is_numeric(match[1] or match[2] or "", names) for match in PATTERN.finditer(text))


def _is_number(text: str, names: frozenset[str]) -> bool:
    if "$" in text:
        return PATTERN.fullmatch(text) is not None and is_numeric(text, names)
    value = untyped(text)
    return text == "required" or (isinstance(value, int | float) and not isinstance(value, bool))


def _is_numeric(expression: str, names: frozenset[str]) -> bool:
    try:
        return _gives_number(parse(expression), names)
    except ExpressionError:
        return False


def _gives_number(node: ast.expr, names: frozenset[str]) -> bool:
    match node:
        case ast.Constant(value=value):
            return isinstance(value, int | float) and not isinstance(value, bool)
        case ast.Name(id=name):
            return name in names
        case ast.IfExp(body=body, orelse=other):
            return _gives_number(body, names) and _gives_number(other, names)
        case ast.Call(args=values):
            return all(_gives_number(value, names) for value in values)
        case ast.UnaryOp(op=operator):
            return not isinstance(operator, ast.Not)
        case _:
            return isinstance(node, ast.BinOp | ast.Attribute)


def _first_params(tree: Mapping) -> dict[str, str | None]:
    """Return the blocks, each with the parameter that a bare token gives."""
    blocks, firsts = tree.get("blocks"), {}
    for key, block in blocks.entries if isinstance(blocks, Mapping) else ():
        params = block.get("params") if isinstance(block, Mapping) else None
        names = [name.text for name, _ in params.entries] if isinstance(params, Mapping) else _texts(params)
        firsts[key.text] = next(iter(names), None)
    return firsts


def _bindings(tree: Tree, firsts: dict[str, str | None]) -> Iterator[Binding]:
    """Yield every value that a name is given anywhere; a key that is no variable does no harm."""
    if isinstance(tree, Sequence):
        yield from chain.from_iterable(_bindings(item, firsts) for item in tree.items)
    if not isinstance(tree, Mapping):
        return
    yield from _columns(*map(tree.get, LOOP[:2]))
    block = next((key.text for key, _ in tree.entries if key.text in firsts), None)
    for key, value in tree.entries:
        if isinstance(value, Scalar):
            yield key.text, value.text
            if block is not None and key.text in (block, "first", "last"):
                yield from _tokens(value, firsts[block])
        else:
            yield from _bindings(value, firsts)


def _columns(names: Tree | None, rows: Tree | None) -> Iterator[Binding]:
    """Yield what the rows of a stage table give to its names."""
    for row in rows.items if isinstance(rows, Sequence) else ():
        yield from zip(_texts(names), _texts(row), strict=False)


def _texts(tree: Tree | None) -> list[str]:
    items = tree.items if isinstance(tree, Sequence) else [tree]
    return [item.text for item in items if isinstance(item, Scalar)]


def _tokens(scalar: Scalar, first: str | None) -> Iterator[Binding]:
    """Yield what the short form of a block's arguments gives."""
    for piece in split(scalar.text):
        name, equals, text = partition(piece.text)
        if equals:
            yield name, text
        elif first is not None:
            yield first, piece.text
