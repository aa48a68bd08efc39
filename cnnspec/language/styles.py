"""Arguments in the long form (a mapping with full names) or the short form (tokens): the same tree otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import NamedTuple

from cnnspec.ir.layer import Layer
from cnnspec.ir.values import Raw
from cnnspec.ir.words import find_kind
from cnnspec.language import tokens
from cnnspec.language.items import SIBLINGS
from cnnspec.language.numeric import is_numeric, numeric_names
from cnnspec.language.parser import LOOP
from cnnspec.text.tree import Mapping, Scalar, Sequence, Tree


class Style(StrEnum):
    """How arguments are written."""

    LONG = "long"
    SHORT = "short"


class _Rule(NamedTuple):
    """The style to bring arguments into, and the variables whose values are numbers for sure."""

    style: Style
    numbers: frozenset[str]


def restyle(tree: Tree, style: Style) -> Tree:
    """Return a spec's tree with all arguments of kinds in one style; what cannot be changed safely stays."""
    if not isinstance(tree, Mapping):
        return tree
    rule = _Rule(style, numeric_names(tree))
    parts = {"defaults": _defaults, "blocks": _blocks, "layers": _items}
    return _with_values(tree, lambda key, value: parts.get(key, _unchanged)(value, rule))


def _with_values(tree: Mapping, change: Callable[[str, Tree], Tree]) -> Mapping:
    entries = [(key, change(key.text, value)) for key, value in tree.entries]
    return Mapping(tree.start, tree.end, tree.flow, entries)


def _unchanged(tree: Tree, _: _Rule) -> Tree:
    return tree


def _defaults(tree: Tree, rule: _Rule) -> Tree:
    if not isinstance(tree, Mapping):
        return tree
    return _with_values(tree, lambda key, value: _arguments(key, value, rule))


def _blocks(tree: Tree, rule: _Rule) -> Tree:
    if not isinstance(tree, Mapping):
        return tree
    return _with_values(tree, lambda _, block: _block(block, rule))


def _block(tree: Tree, rule: _Rule) -> Tree:
    if not isinstance(tree, Mapping):
        return _items(tree, rule)
    return _with_values(tree, lambda key, value: _items(value, rule) if key == "layers" else value)


def _items(tree: Tree, rule: _Rule) -> Tree:
    """Restyle a layer list, a branch, or one item alone."""
    if isinstance(tree, Sequence):
        return Sequence(tree.start, tree.end, tree.flow, [_items(item, rule) for item in tree.items])
    return _item(tree, rule) if isinstance(tree, Mapping) else tree


def _item(tree: Mapping, rule: _Rule) -> Mapping:
    head = next((key.text for key, _ in tree.entries if key.text not in (*SIBLINGS, *LOOP)), "")

    def change(key: str, value: Tree) -> Tree:
        if key in ("first", "last"):
            return _arguments(head, value, rule)
        if key == "residual" and isinstance(value, Mapping):
            return _with_values(value, lambda _, branch: _items(branch, rule))
        if key in ("residual", "gate", "seq", "each", "do") or _joins(key):
            return _items(value, rule)
        return value if key in (*SIBLINGS, *LOOP) else _arguments(key, value, rule)

    return _with_values(tree, change)


def _joins(word: str) -> bool:
    found = find_kind(word)
    return bool(found and found[0].joins)


def _arguments(word: str, value: Tree, rule: _Rule) -> Tree:
    """Restyle the arguments of a kind; those of a block, which have no types, stay, and those in PyTorch's words."""
    found = find_kind(word)
    if found is None or found.torch:
        return value
    try:
        return (_long if rule.style is Style.LONG else _short)(found[0], value, rule.numbers)
    except (tokens.TokenError, ValueError):
        return value


def _long(cls: type[Layer], value: Tree, numbers: frozenset[str]) -> Tree:
    if not isinstance(value, Scalar) or not value.text:
        return value
    entries: list[tuple[Scalar, Tree]] = []
    for piece in tokens.split(value.text):
        for field, raw in _claimed(cls, piece.text, numbers):
            name = field.rstrip("_")
            if any(name == key.text for key, _ in entries):
                raise ValueError
            entries.append((Scalar(name, value.start, value.end), Scalar(raw, value.start, value.end)))
    return Mapping(value.start, value.end, flow=True, entries=entries)


def _claimed(cls: type[Layer], token: str, numbers: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield what a token gives; raise ValueError where that depends on the value of an expression."""
    named = tokens.is_named(token)
    if not named and not is_numeric(token, numbers):
        raise ValueError
    for field, raw in tokens.claim(cls, token):
        if "$" not in token and not (named and "[" in raw):
            cls.fields[field].type.read(raw)
        yield field, raw


def _short(cls: type[Layer], value: Tree, numbers: frozenset[str]) -> Tree:
    if not isinstance(value, Mapping) or not value.entries:
        return value
    texts: dict[str, str] = {}
    for key, tree in value.entries:
        field = tokens.argument_field(cls, key.text)
        if field in texts:
            raise ValueError
        texts[field] = _text(cls, field, tree)
    bare = {name: texts[name] for name in cls.fields if name in texts and is_numeric(texts[name], numbers)}
    named = [tokens.named(cls, name, texts[name]) for name in cls.fields if name in texts and name not in bare]
    return Scalar(" ".join([*tokens.join_window(cls, bare), *named]), value.start, value.end)


def _text(cls: type[Layer], field: str, tree: Tree) -> str:
    """Return a value as a token writes it; raise ValueError where only the long form can say it."""
    if isinstance(tree, Scalar) and "$" in tree.text:
        if [piece.text for piece in tokens.split(tree.text)] != [tree.text]:
            raise ValueError
        return tree.text
    argument = cls.fields[field].type
    value = argument.read(_raw(tree))
    if isinstance(tree, Scalar) and not isinstance(value, bool) and re.fullmatch(r"[!-~]+", tree.text):
        return tree.text
    return argument.write(value)


def _raw(tree: Tree) -> Raw:
    if isinstance(tree, Sequence):
        return [_raw(item) for item in tree.items]
    if not isinstance(tree, Scalar) or "$" in tree.text:
        raise ValueError
    return tree.text
