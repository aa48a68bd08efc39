"""The words of a spec that mean something to a reader who points at them, and the items that they are in."""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple

import cnnspec.layers  # noqa: F401 - registers the kinds
from cnnspec.ir.words import find_kind
from cnnspec.language import tokens
from cnnspec.language.branches import BRANCHES
from cnnspec.language.foreign_arguments import BESIDE
from cnnspec.language.items import SIBLINGS
from cnnspec.language.parser import LOOP
from cnnspec.layers.joins import Identity
from cnnspec.text.tree import Mapping, Scalar, Sequence, Tree

SHARE: Final = "share"
NO_NAMES: Final = (Identity.kind, "if-same-shape", "")
"""What stands where a name may stand, and is none."""


class Meaning(Enum):
    """What a word is."""

    KEY = "key of the file"
    SETTING = "setting of the training"
    KIND = "kind"
    CALL = "call of a block"
    BLOCK = "name of a block"
    ARGUMENT = "argument"
    NAME = "name of a layer"
    USE = "name of an earlier layer"


class Word(NamedTuple):
    """A word with its place; `block` is the block whose body it stands in, `head` the word of its item's kind."""

    meaning: Meaning
    text: str
    start: int
    end: int
    block: str = ""
    head: Scalar | None = None


class Item(NamedTuple):
    """An item of a layer list, or a key of the file, with what is in it."""

    head: Scalar
    start: int
    end: int
    name: str = ""
    inside: tuple[Item, ...] = ()


class Outline(NamedTuple):
    """All words in the order of the text, and the keys of the file with the items in them."""

    words: tuple[Word, ...] = ()
    items: tuple[Item, ...] = ()


def outline(text: str, tree: Tree | None) -> Outline:
    """Return the outline of a text; one that is no mapping has none."""
    if not isinstance(tree, Mapping):
        return Outline()
    walk = _Walk(text, tree)
    items = tuple(walk.key(key, value) for key, value in tree.entries)
    return Outline(tuple(sorted(walk.words, key=lambda word: word.start)), items)


def end_of(tree: Tree) -> int:
    """Return where the last character of a node stands; a block collection's own end is that of the gap behind it."""
    while not isinstance(tree, Scalar) and not tree.flow:
        last = tree.items[-1:] if isinstance(tree, Sequence) else [value for _, value in tree.entries[-1:]]
        if not last:
            break
        tree = last[0]
    return tree.end


class _Walk:
    """One walk over a tree; `words` are those found so far."""

    def __init__(self, text: str, tree: Mapping) -> None:
        self.text = text
        self.words: list[Word] = []
        blocks = tree.get("blocks")
        self.blocks = {key.text for key, _ in blocks.entries} if isinstance(blocks, Mapping) else set()

    def key(self, key: Scalar, value: Tree) -> Item:
        """Note what a key of the file has in it."""
        self._note(Meaning.KEY, key)
        inside: tuple[Item, ...] = ()
        if key.text == "layers":
            inside = self._items(value, "")
        elif key.text == "blocks" and isinstance(value, Mapping):
            inside = tuple(self._block(name, body) for name, body in value.entries)
        elif key.text == "outputs":
            self._uses(value, "")
        elif key.text in ("defaults", "train") and isinstance(value, Mapping):
            for head, inner in value.entries:
                self._note(Meaning.KIND if key.text == "defaults" else Meaning.SETTING, head)
                if key.text == "defaults":
                    self._arguments(inner, "", head)
        return Item(key, key.start, max(end_of(value), key.end), "", inside)

    def _block(self, name: Scalar, body: Tree) -> Item:
        self._note(Meaning.BLOCK, name)
        layers = body.get("layers") if isinstance(body, Mapping) else body
        inside = self._items(layers, name.text) if layers is not None else ()
        return Item(name, name.start, end_of(body), "", inside)

    def _items(self, tree: Tree, block: str) -> tuple[Item, ...]:
        if not isinstance(tree, Sequence):
            return ()
        return tuple(found for item in tree.items if (found := self._item(item, block)))

    def _item(self, tree: Tree, block: str) -> Item | None:
        if isinstance(tree, Scalar) and tree.text:
            self._note(Meaning.CALL if tree.text in self.blocks else Meaning.KIND, tree, block, tree)
            return Item(tree, tree.start, tree.end)
        if not isinstance(tree, Mapping) or not tree.entries:
            return None
        heads = [entry for entry in tree.entries if entry[0].text not in (*SIBLINGS, *LOOP)]
        head, value = heads[0] if heads else tree.entries[0]
        do = tree.get(LOOP[-1])
        if do is not None:
            inside = self._items(do, block)
        else:
            self._note(Meaning.CALL if head.text in self.blocks else Meaning.KIND, head, block, head)
            inside = self._value(head, value, block)
        name = self._siblings(tree, head, block)
        return Item(head, head.start, end_of(tree), name, inside)

    def _siblings(self, tree: Mapping, head: Scalar, block: str) -> str:
        """Note the names beside a kind, or among its arguments as in Keras, and return that of the item."""
        inner = tree.get(head.text)
        name = tree.get(BESIDE[0]) or (inner.get(BESIDE[0]) if isinstance(inner, Mapping) else None)
        if (source := tree.get("from")) is not None:
            self._uses(source, block)
        if not isinstance(name, Scalar):
            return ""
        self._note(Meaning.NAME, name, block, head)
        return name.text

    def _value(self, head: Scalar, value: Tree, block: str) -> tuple[Item, ...]:
        """Note what stands behind a head: branches, items, a name, or arguments."""
        found = find_kind(head.text)
        if found and found.cls.joins:
            branches = value.get(BRANCHES) if isinstance(value, Mapping) else value
            parts = branches.items if isinstance(branches, Sequence) else []
            return tuple(item for part in parts for item in self._branch(part, block))
        if found or head.text in self.blocks:
            self._arguments(value, block, head)
            return ()
        if head.text == SHARE:
            self._uses(value, block)
            return ()
        if isinstance(value, Mapping) and not any(find_kind(key.text) for key, _ in value.entries):
            return tuple(item for _, part in value.entries for item in self._branch(part, block))
        return self._branch(value, block) if not isinstance(value, Scalar) else ()

    def _branch(self, tree: Tree, block: str) -> tuple[Item, ...]:
        if isinstance(tree, Scalar):
            self._uses(tree, block)
            return ()
        if isinstance(tree, Sequence):
            return self._items(tree, block)
        item = self._item(tree, block)
        return (item,) if item else ()

    def _uses(self, tree: Tree, block: str) -> None:
        for name in tree.items if isinstance(tree, Sequence) else [tree]:
            if isinstance(name, Scalar) and name.text not in NO_NAMES:
                self._note(Meaning.USE, name, block)

    def _arguments(self, tree: Tree, block: str, head: Scalar) -> None:
        """Note the names of arguments, or the tokens that give them."""
        if isinstance(tree, Mapping):
            for key, value in tree.entries:
                if key.text != BESIDE[0]:
                    self.words.append(
                        Word(Meaning.ARGUMENT, key.text, key.start, max(end_of(value), key.end), block, head)
                    )
        elif isinstance(tree, Scalar):
            shift = tree.start + (0 if tree.plain else 1)
            if self.text[shift : shift + len(tree.text)] == tree.text:
                for piece in tokens.split(tree.text):
                    start, end = shift + piece.start, shift + piece.end
                    self.words.append(Word(Meaning.ARGUMENT, piece.text, start, end, block, head))

    def _note(self, meaning: Meaning, word: Scalar, block: str = "", head: Scalar | None = None) -> None:
        start = word.start + (0 if word.plain else 1)
        self.words.append(Word(meaning, word.text, start, start + len(word.text), block, head))
