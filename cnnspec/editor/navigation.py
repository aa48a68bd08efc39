"""Where a name of a layer or a block is given, where it is used, and what changes when it gets another."""

from __future__ import annotations

from typing import NamedTuple

from cnnspec.editor.document import Document
from cnnspec.editor.outline import Meaning, Word
from cnnspec.errors import UsageError, shorten
from cnnspec.language.names import NAME, NAME_RULE

Place = tuple[int, int]


class Edit(NamedTuple):
    """New characters in the place of those from `start` up to, not including, `end`."""

    start: int
    end: int
    text: str


BLOCKS = (Meaning.BLOCK, Meaning.CALL)


def definition(document: Document, offset: int) -> Place | None:
    """Return where what is named at a place is given its name, or made where it has one by counting."""
    word = document.word_at(offset)
    return target(document, word) if word else None


def references(document: Document, offset: int) -> list[Place]:
    """Return all places that name what is named at a place, or made there, in the order of the text."""
    return [(word.start, word.end) for word in _references(document, document.word_at(offset))]


def rename(document: Document, offset: int, new: str) -> list[Edit]:
    """Return what changes when the layer or the block that is named at a place gets another name.

    Raises UsageError where nothing has a name there, and where the new one would break the spec.
    """
    word = document.word_at(offset)
    words = _references(document, word)
    if not any(each.meaning in (Meaning.NAME, Meaning.BLOCK) for each in words):
        step = "only what has a name in the text can be renamed: give it one with `name:`"
        raise UsageError.one("E207", "there is no name here", help=step)
    if not NAME.fullmatch(new):
        raise UsageError.one("E207", f"`{shorten(new)}` is not a name", notes=(NAME_RULE,))
    edits = [Edit(each.start, each.end, new) for each in words]
    if not document.errors and (faults := applied(document, edits).errors):
        raise UsageError.one(faults[0].code, f"`{shorten(new)}` would break the spec: {faults[0].message}")
    return edits


def applied(document: Document, edits: list[Edit]) -> Document:
    """Return what the document is with edits made that do not overlap."""
    text = document.text
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return document.changed(0, len(document.text), text)


def target(document: Document, word: Word) -> Place | None:
    """Return the place where what a word names is given its name; of a kind's word, None."""
    if word.meaning is Meaning.NAME:
        return word.start, word.end
    if word.meaning in BLOCKS:
        places = [each for each in document.outline.words if each.meaning is Meaning.BLOCK and each.text == word.text]
        return (places[0].start, places[0].end) if places else None
    if word.meaning is not Meaning.USE:
        return None
    names = [each for each in document.outline.words if each.meaning is Meaning.NAME and each.text == word.text]
    for block in (word.block, ""):
        for each in names:
            if each.block == block:
                return each.start, each.end
    return _counted(document, word)


def _counted(document: Document, word: Word) -> Place | None:
    """Return the word that makes the layer, or the copy of a block, whose name a word is without that it is written."""
    for row in document.measured or ():
        if row.name == word.text or (word.block and row.name.endswith(f".{word.text}")):
            return row.node.place
    for copies in document.copies.values():
        for copy in copies:
            if copy.name == word.text:
                return copy.place
    return None


def _references(document: Document, word: Word | None) -> list[Word]:
    """Return the words that name what a word names, and that which gives the name."""
    if word is None:
        return []
    if word.meaning in BLOCKS:
        return [each for each in document.outline.words if each.meaning in BLOCKS and each.text == word.text]
    place = target(document, word) or (word.start, word.end)
    texts = {word.text}
    if word.meaning is Meaning.KIND:
        given = _given_name(document, word)
        place = (given.start, given.end) if given else place
        texts = {given.text} if given else _counted_names(document, word)
    named = (Meaning.NAME, Meaning.USE)
    words = [each for each in document.outline.words if each.meaning in named and each.text in texts]
    return [each for each in words if target(document, each) == place]


def _counted_names(document: Document, word: Word) -> set[str]:
    """Return the names that the layers of a word have by counting, as the whole file and as its block know them."""
    names = {row.name for row in document.rows.get(word.start, ())}
    return names | {name.rpartition(".")[2] for name in names}


def _given_name(document: Document, word: Word) -> Word | None:
    """Return the name that an item has in the text, None where it is counted."""
    words = document.outline.words
    return next((each for each in words if each.meaning is Meaning.NAME and each.head is word.head), None)
