"""Arguments in the long form (a mapping with full names) or the short form (tokens): the same tree otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from cnnspec.ir import tokens
from cnnspec.ir.expressions import PATTERN
from cnnspec.ir.layer import Layer, find_kind
from cnnspec.ir.values import Raw
from cnnspec.spec.tree import Mapping, Scalar, Sequence, Tree

PLACEHOLDER = 910_000_000
"""Expressions are replaced by integers from here on while their token is looked at."""


class Style(StrEnum):
    """How arguments are written."""

    LONG = "long"
    SHORT = "short"


def restyle(tree: Tree, style: Style) -> Tree:
    """Return a spec's tree with all arguments of kinds in one style; what cannot be changed safely stays."""
    if isinstance(tree, Scalar):
        return tree
    if isinstance(tree, Sequence):
        return Sequence(tree.start, tree.end, tree.flow, [restyle(item, style) for item in tree.items])
    head = next((find_kind(key.text) for key, _ in tree.entries if find_kind(key.text)), None)
    entries = [(key, _restyled(key, value, style, head[0] if head else None)) for key, value in tree.entries]
    return Mapping(tree.start, tree.end, tree.flow, entries)


def _restyled(key: Scalar, value: Tree, style: Style, head: type[Layer] | None) -> Tree:
    found = find_kind(key.text)
    cls = found[0] if found else head if key.text in ("first", "last") else None
    if key.text in ("train", "meta", "params"):
        return value
    if cls is None or cls.joins:
        return restyle(value, style)
    try:
        return _long(cls, value) if style is Style.LONG else _short(cls, value)
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
