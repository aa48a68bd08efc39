"""What may stand where one types: keys, kinds, blocks, arguments, values, and names of layers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from cnnspec.bundled import bundled_names
from cnnspec.editor.document import Document, open_document
from cnnspec.editor.outline import SHARE, Meaning
from cnnspec.explaining.vocabulary import STRUCTURES, sentence
from cnnspec.ir.arguments import Arg, Choice, Flag
from cnnspec.ir.layer import KINDS, Layer
from cnnspec.ir.words import find_kind
from cnnspec.language.items import SIBLINGS
from cnnspec.language.keys import KEYS
from cnnspec.language.train.settings import Settings

WORD: Final = re.compile(r"(?<![\w.-])[\w.-]*+$")
KEY: Final = re.compile(r"^(?P<indent>[ ]*)(?P<dash>(?:- )*)(?P<key>[\w.]+)[ ]*:(?=[ ]|$)")
ITEMS: Final = ("layers", "do", "body", "shortcut", "branches")
"""Keys below which a dash begins an item."""
NETWORK: Final = "network"


class Candidate(NamedTuple):
    """A word that may stand at a place from `start` on, what it is, and whether the text goes on behind it."""

    text: str
    detail: str
    start: int
    sort: str = "word"


class Line(NamedTuple):
    """A key above a place: how far it is indented, whether it begins an item, and what it is."""

    indent: int
    item: bool
    key: str


def complete(document: Document, offset: int) -> list[Candidate]:
    """Return what may stand at a place, which may be in a text that is no YAML yet; the word so far is replaced."""
    first = document.text.rfind("\n", 0, offset) + 1
    typed = document.text[first:offset]
    start = offset - len((WORD.search(typed) or [""])[0])
    found = list(_found(document, first, typed))
    return [Candidate(text, detail, start, sort) for text, (detail, sort) in dict(found).items()]


Found = Iterator[tuple[str, tuple[str, str]]]


def _found(document: Document, first: int, typed: str) -> Found:
    """Yield the words of a place by what stands before it on its line, and above."""
    above = _above(document.text[:first], typed)
    line = KEY.match(typed)
    if "#" in typed:
        return
    if re.search(r"\$\{?\w*$", typed):
        yield from _variables(document, first)
    elif line and len(line[0]) < len(typed):
        yield from _values(document, first, line["key"], typed[line.end() :], above)
    elif re.fullmatch(r"[ ]*(- )+[\w.-]*", typed):
        yield from _heads(document) if above and above[0].key != "in" else ()
    elif re.fullmatch(r"\w*", typed):
        yield from ((key, ("key of the file", "key")) for key in KEYS)
    elif re.fullmatch(r"[ ]+\w*", typed) and above:
        yield from _keys(above, len(typed) - len(typed.lstrip(" ")))


def _above(text: str, typed: str) -> list[Line]:
    """Return the keys that enclose a line, the innermost first."""
    indent = len(typed) - len(typed.lstrip(" "))
    found: list[Line] = []
    for line in reversed(text.split("\n")):
        key = KEY.match(line)
        if not line.strip() or not key:
            continue
        column = len(key["indent"]) + len(key["dash"])
        if len(key["indent"]) < indent or (
            len(key["indent"]) == indent and typed.lstrip().startswith("-") and not key["dash"]
        ):
            found.append(Line(column, bool(key["dash"]), key["key"]))
            indent = len(key["indent"])
        if not indent:
            break
    return found


def _keys(above: list[Line], indent: int) -> Found:
    """Yield the keys of a mapping so far to the right: beside a kind, of its arguments, of a section."""
    parent = above[0]
    if parent.key == "defaults":
        yield from ((kind, (sentence(cls), "kind")) for kind, cls in sorted(KINDS.items()))
    elif parent.key == "train":
        yield from ((name, (each.doc, "argument")) for name, each in Settings.declared.items() if each.in_spec)
    elif parent.item and indent <= parent.indent:
        yield from ((word, ("beside a kind", "key")) for word in SIBLINGS)
    elif found := find_kind(parent.key):
        yield from _arguments(found.cls, "{")


def _heads(document: Document) -> Found:
    yield from ((name, ("block of this file", "block")) for name in _blocks(document))
    yield from ((kind, (sentence(cls), "kind")) for kind, cls in sorted(KINDS.items()))
    yield from ((word, (text, "kind")) for word, text in STRUCTURES.items())


def _blocks(document: Document) -> Iterable[str]:
    """Return the blocks of the file, found without YAML where the text is none."""
    words = document.outline.words
    if words:
        return [word.text for word in words if word.meaning is Meaning.BLOCK]
    section = re.search(r"^blocks:[ \t]*\n((?:[ ]+.*\n|[ \t]*\n)*)", document.text, re.MULTILINE)
    if section is None:
        return []
    keys = re.findall(r"^([ ]+)([A-Za-z_][\w-]*):", section[1], re.MULTILINE)
    return [key for indent, key in keys if indent == keys[0][0]]


def _values(document: Document, first: int, key: str, value: str, above: list[Line]) -> Found:
    """Yield what may stand behind a key: names, networks, tokens of a kind, a value of an argument or a setting."""
    if key in ("from", SHARE, "outputs"):
        yield from ((name, (kind, "name")) for name, kind in _names(document, first))
    elif key == NETWORK:
        yield from ((name, ("bundled network", "name")) for name in bundled_names())
    elif key == "trainable":
        yield from _of_type("", Flag())
    elif found := find_kind(key):
        yield from _arguments(found.cls, value)
    elif above and above[0].key == "train" and key in Settings.declared:
        yield from _of_type(key, Settings.declared[key].type)
    elif above and (found := find_kind(above[0].key)) and (field := _field(found.cls, key)):
        yield from _of_type(key, field.type)


def _names(document: Document, first: int) -> list[tuple[str, str]]:
    """Return the layers above the item of a line with their kinds, the nearest first, and the inputs.

    Of a text with faults, they are those of the text above, and where that has faults too the names that it gives.
    """
    start = _start_of_item(document.text, first)
    above = (
        document if document.summary else open_document(document.text[:start], document.source.name, document.folder)
    )
    rows = [row for row in above.summary or () if row.node.place[0] < start]
    found = {row.name: row.kind for row in reversed(rows)}
    found |= {copy.name: copy.block for row in rows for copy in row.node.scope}
    found |= {entry.name: "input" for entry in above.summary.inputs} if above.summary else {}
    given = re.findall(r"^[ ]*(?:- )?name:[ ]*([\w-]+)", document.text[:start], re.MULTILINE)
    return list((found | {name: found.get(name, "layer") for name in given}).items())


def _start_of_item(text: str, first: int) -> int:
    """Return where the item begins that a line is part of: at the line, or at the last dash above further out."""
    line = text[first:].split("\n", 1)[0]
    if line.lstrip().startswith("-"):
        return first
    indent = len(line) - len(line.lstrip(" "))
    dashes = [found for found in re.finditer(r"^([ ]*)- ", text[:first], re.MULTILINE) if len(found[1]) < indent]
    return dashes[-1].start() if dashes else first


def _variables(document: Document, first: int) -> Found:
    """Yield the parameters that are declared above a place: of the file, and of the blocks."""
    text = document.text[:first]
    flow = re.findall(r"^[ ]*params:[ ]*\{([^}]{0,2000})\}", text, re.MULTILINE)
    lines = re.findall(r"^([ ]*)params:[ ]*\n((?:\1[ ]+.*\n|[ \t]*\n)*)", text, re.MULTILINE)
    for section in (*flow, *(section for _, section in lines)):
        yield from ((name, ("parameter", "name")) for name in re.findall(r"\b([A-Za-z_]\w*+)[ ]*+:", section))
    for section in re.findall(r"^[ ]*(?:- )*for:[ ]*\[([^\]]{0,2000})\]", text, re.MULTILINE):
        yield from ((name, ("column of a stage table", "name")) for name in re.findall(r"[A-Za-z_]\w*", section))
    if document.summary:
        yield from ((name, ("parameter", "name")) for name in document.summary.graph.params)


def _arguments(cls: type[Layer], value: str) -> Found:
    """Yield what a kind takes: values behind the name of an argument, names in a mapping, tokens elsewhere."""
    if named := re.search(r"(?<!\w)(\w++)(?:=|:[ ]*+)[\w.-]*+$", value):
        if field := _field(cls, named[1]):
            yield from _of_type(named[1], field.type)
        return
    in_mapping = not value.strip() or "{" in value
    for name, field in cls.fields.items():
        if not in_mapping or not value.strip():
            yield from ((word, (field.doc, "value")) for word in field.type.words(name))
        if in_mapping:
            yield name.rstrip("_"), (f"{field.doc}: {field.type.accepts}", "argument")


def _field(cls: type[Layer], word: str) -> Arg | None:
    return next((field for name, field in cls.fields.items() if word in (name, name.rstrip("_"), *field.also)), None)


def _of_type(name: str, accepts: object) -> Found:
    """Yield the words that are values of a type."""
    if isinstance(accepts, Choice):
        yield from ((word, (name, "value")) for word in accepts.options)
    elif isinstance(accepts, Flag):
        yield from ((word, (name, "value")) for word in ("true", "false"))
    elif words := getattr(accepts, "keywords", ()):
        yield from ((word, (name, "value")) for word in words)
