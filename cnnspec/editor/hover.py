"""What is said of the word under the cursor, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from cnnspec.analysis.explanation import explain
from cnnspec.analysis.folding import configuration
from cnnspec.analysis.measure import Row
from cnnspec.editor.document import Document
from cnnspec.editor.hints import made
from cnnspec.editor.navigation import target
from cnnspec.editor.outline import Meaning, Word
from cnnspec.error_codes import sections
from cnnspec.errors import Diagnostic, listing, printable
from cnnspec.explaining.derivation import render
from cnnspec.explaining.vocabulary import STRUCTURES, render_argument, render_kind
from cnnspec.ir.words import find_kind
from cnnspec.language import tokens
from cnnspec.language.train.settings import Settings

CODE: Final = re.compile(r"\b[EW]\d{3}\b")
MOST_NAMES: Final = 8


class Hover(NamedTuple):
    """A text about the characters from `start` up to, not including, `end`."""

    start: int
    end: int
    text: str


def hover(document: Document, offset: int) -> Hover | None:
    """Return what is to be said at a place: of its faults, else of its word; None where that is nothing."""
    faults = [fault for fault in document.diagnostics if _covers(document, fault, offset)]
    word = document.word_at(offset)
    parts = [*(_said(document, word) if word else ()), *map(_of_fault, faults)]
    parts += [] if faults else [_fenced(sections()[code]) for code in _code_at(document, offset)]
    if not parts:
        return None
    start, end = (word.start, word.end) if word else (offset, offset)
    return Hover(start, end, "\n\n---\n\n".join(parts))


def _covers(document: Document, fault: Diagnostic, offset: int) -> bool:
    span = fault.span
    return span is not None and span.source.text == document.text and span.start <= offset <= span.end


def _of_fault(fault: Diagnostic) -> str:
    """Return what the catalogue says of a fault."""
    return _fenced(sections()[fault.code]) if fault.code in sections() else printable(fault.message)


def _code_at(document: Document, offset: int) -> list[str]:
    line = document.source.position(offset)[0]
    first = offset - document.source.position(offset)[1] + 1
    matches = CODE.finditer(document.source.line(line))
    return [found[0] for found in matches if found.start() <= offset - first <= found.end() and found[0] in sections()]


def _said(document: Document, word: Word) -> Iterator[str]:
    """Yield what is to be said of a word, the most particular first."""
    if word.meaning is Meaning.ARGUMENT:
        yield from _of_argument(word)
    if word.meaning is Meaning.SETTING:
        yield from (f"`{name}`: {each.doc}" for name, each in Settings.declared.items() if name == word.text)
    layers = list(_of_layers(document, _maker(document, word)))
    yield from layers
    if word.meaning is Meaning.KIND and not layers:
        yield from _of_kind(word.text)


def _maker(document: Document, word: Word) -> int:
    """Return the offset of the word that makes the layers that a word speaks of."""
    place = target(document, word)
    if place is None or word.meaning is Meaning.CALL:
        return word.head.start if word.head else word.start
    named = document.word_at(place[0])
    return named.head.start if named and named.head else place[0]


def _of_argument(word: Word) -> Iterator[str]:
    """Yield what an argument of a kind is: of a token, of each argument that it gives."""
    found = find_kind(word.head.text) if word.head else None
    if found is None:
        return
    try:
        bare = word.text.partition("=")[0] in found.cls.fields or tokens.is_named(word.text)
        names = [tokens.argument_field(found.cls, word.text.partition("=")[0])] if bare else []
        names = names or [name for name, _ in tokens.claim(found.cls, word.text)]
    except tokens.TokenError:
        return
    lines = [line for name in names for line in render_argument(name.rstrip("_"), found.cls.fields[name])]
    yield _fenced("\n".join(lines))


def _of_layers(document: Document, start: int) -> Iterator[str]:
    """Yield the derivation of the layers that a word makes: of the first copy, and how many there are."""
    if start in document.copies:
        copies = document.copies[start]
        what = next(each for each in made(document) if each.offset == start)
        names = listing([copy.name for copy in copies], MOST_NAMES)
        yield _fenced(f"{next(iter(copies)).block}: {names}\n{what.text}\n\n{_lines(next(iter(copies.values())))}")
        return
    rows = document.rows.get(start, [])
    times = sum(row.kind == rows[0].kind for row in rows)
    for row in rows[: len(rows) // times if times else 0]:
        yield _fenced(render(explain(row)))
    if times > 1:
        yield f"The first of {times}: {printable(listing([row.name for row in rows], MOST_NAMES))}"


def _lines(rows: list[Row]) -> str:
    return "\n".join(f"  {row.name}: {configuration(row)}" for row in rows[:40])


def _of_kind(word: str) -> Iterator[str]:
    found = find_kind(word)
    if found:
        yield _fenced(render_kind(found.cls))
    elif word in STRUCTURES:
        yield f"`{word}`: {STRUCTURES[word]}"


def _fenced(text: str) -> str:
    """Return a text that a client shows as it is, whatever signs it holds."""
    clean = "\n".join(map(printable, text.rstrip().split("\n")))
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", clean)), default=0))
    return f"{fence}text\n{clean}\n{fence}"
