"""The outline that an editor shows beside a spec, and what it can fold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cnnspec.editor.document import Document
from cnnspec.editor.hints import made
from cnnspec.editor.outline import Item


class Symbol(NamedTuple):
    """A key, a block or a layer: its word, what it is in one line, its place, and what is in it."""

    name: str
    detail: str
    start: int
    end: int
    word_end: int
    inside: tuple[Symbol, ...] = ()


class Fold(NamedTuple):
    """Lines that can be folded into the first of them, counted from 0."""

    first: int
    last: int


def symbols(document: Document) -> list[Symbol]:
    """Return the keys of the file with the blocks and the layers in them."""
    details = {each.offset: each.text for each in made(document)}
    return [_symbol(item, details) for item in document.outline.items]


def _symbol(item: Item, details: dict[int, str]) -> Symbol:
    name = f"{item.name}: {item.head.text}" if item.name else item.head.text
    inside = tuple(_symbol(each, details) for each in item.inside)
    return Symbol(name, details.get(item.start, ""), item.start, item.end, item.head.end, inside)


def folds(document: Document) -> list[Fold]:
    """Return what stands on several lines, in the order of the text."""
    return sorted(fold for item in document.outline.items for fold in _folds(document, item))


def _folds(document: Document, item: Item) -> Iterator[Fold]:
    first, last = (document.source.position(offset)[0] - 1 for offset in (item.start, max(item.end - 1, item.start)))
    if last > first:
        yield Fold(first, last)
    for each in item.inside:
        yield from _folds(document, each)
