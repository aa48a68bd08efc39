"""Arguments in the long form (a mapping with full names) or the short form (tokens): the same tree otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any

from cnnspec.ir.layer import Layer, find_kind
from cnnspec.ir.values import Raw
from cnnspec.language import tokens
from cnnspec.language.expressions import PATTERN
from cnnspec.language.parser import LOOP, SIBLINGS
from cnnspec.text.tree import Mapping, Scalar, Sequence, Tree

PLACEHOLDER = 910_000_000
"""Expressions are replaced by integers from here on while their token is looked at."""


class Style(StrEnum):
    """How arguments are written."""

    LONG = "long"
    SHORT = "short"


def restyle(tree: Tree, style: Style) -> Tree:
    """Return a spec's tree with all arguments of kinds in one style; what cannot be changed safely stays."""
    if not isinstance(tree, Mapping):
        return tree
    parts = {"defaults": _defaults, "blocks": _blocks, "layers": _items}
    return _with_values(tree, lambda key, value: parts.get(key, _unchanged)(value, style))


def _with_values(tree: Mapping, change: Callable[[str, Tree], Tree]) -> Mapping:
    entries = [(key, change(key.text, value)) for key, value in tree.entries]
    return Mapping(tree.start, tree.end, tree.flow, entries)


def _unchanged(tree: Tree, _: Style) -> Tree:
    return tree


def _defaults(tree: Tree, style: Style) -> Tree:
    if not isinstance(tree, Mapping):
        return tree
    return _with_values(tree, lambda key, value: _arguments(key, value, style))


def _blocks(tree: Tree, style: Style) -> Tree:
    if not isinstance(tree, Mapping):
        return tree
    return _with_values(tree, lambda _, block: _block(block, style))


def _block(tree: Tree, style: Style) -> Tree:
    if not isinstance(tree, Mapping):
        return _items(tree, style)
    return _with_values(tree, lambda key, value: _items(value, style) if key == "layers" else value)


def _items(tree: Tree, style: Style) -> Tree:
    """Restyle a layer list, a branch, or one item alone."""
    if isinstance(tree, Sequence):
        return Sequence(tree.start, tree.end, tree.flow, [_items(item, style) for item in tree.items])
    return _item(tree, style) if isinstance(tree, Mapping) else tree


def _item(tree: Mapping, style: Style) -> Mapping:
    head = next((key.text for key, _ in tree.entries if key.text not in (*SIBLINGS, *LOOP)), "")

    def change(key: str, value: Tree) -> Tree:
        if key in ("first", "last"):
            return _arguments(head, value, style)
        if key == "residual" and isinstance(value, Mapping):
            return _with_values(value, lambda _, branch: _items(branch, style))
        if key in ("residual", "gate", "seq", "do") or _joins(key):
            return _items(value, style)
        return value if key in (*SIBLINGS, *LOOP) else _arguments(key, value, style)

    return _with_values(tree, change)


def _joins(word: str) -> bool:
    found = find_kind(word)
    return bool(found and found[0].joins)


def _arguments(word: str, value: Tree, style: Style) -> Tree:
    """Restyle the arguments of a kind; those of a block, which have no types, stay."""
    found = find_kind(word)
    if found is None:
        return value
    try:
        return _long(found[0], value) if style is Style.LONG else _short(found[0], value)
    except (tokens.TokenError, ValueError):
        return value


def _long(cls: type[Layer], value: Tree) -> Tree:
    if not isinstance(value, Scalar) or not value.text:
        return value
    entries: list[tuple[Scalar, Tree]] = []
    for piece in tokens.split(value.text):
        for name, raw in _claimed(cls, piece.text):
            if any(name == key.text for key, _ in entries):
                raise ValueError
            entries.append((Scalar(name.rstrip("_"), value.start, value.end), _tree(raw, value)))
    return Mapping(value.start, value.end, flow=True, entries=entries)


def _claimed(cls: type[Layer], token: str) -> Iterator[tuple[str, Raw]]:
    """Yield what a token gives, its expressions standing for integers while it is read."""
    expressions: list[str] = []

    def hide(match: Any) -> str:
        expressions.append(match[0])
        return str(PLACEHOLDER + len(expressions) - 1)

    name, equals, _ = token.partition("=")
    hidden = PATTERN.sub(hide, token)
    for field, raw in tokens.claim(cls, hidden):
        shown = str(raw)
        for index, expression in enumerate(expressions):
            shown = shown.replace(str(PLACEHOLDER + index), expression)
        if not expressions and not (equals and "[" in shown):
            cls.fields[field].type.read(raw)
        yield (field if not equals else tokens.argument_field(cls, name)), shown


def _tree(raw: Raw, place: Scalar) -> Tree:
    return Scalar(str(raw), place.start, place.end)


def _short(cls: type[Layer], value: Tree) -> Tree:
    if not isinstance(value, Mapping) or not value.entries:
        return value
    texts: dict[str, str] = {}
    for key, tree in value.entries:
        field = tokens.argument_field(cls, key.text)
        if field in texts:
            raise ValueError
        texts[field] = _text(cls, field, tree)
    ordered = {name: texts[name] for name in cls.fields if name in texts}
    return Scalar(" ".join(tokens.join_window(cls, ordered)), value.start, value.end)


def _text(cls: type[Layer], field: str, tree: Tree) -> str:
    """Return a value as a token writes it; raise ValueError where only the long form can say it."""
    if isinstance(tree, Scalar) and "$" in tree.text:
        if " " in PATTERN.sub("", tree.text):
            raise ValueError
        return tree.text
    argument = cls.fields[field].type
    value = argument.read(_raw(tree))
    if isinstance(tree, Scalar) and not isinstance(value, bool) and tree.text.isascii() and " " not in tree.text:
        return tree.text
    return argument.write(value)


def _raw(tree: Tree) -> Raw:
    if isinstance(tree, Sequence):
        return [_raw(item) for item in tree.items]
    if not isinstance(tree, Scalar) or "$" in tree.text:
        raise ValueError
    return tree.text
