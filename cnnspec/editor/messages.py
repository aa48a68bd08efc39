"""What is wrong with a text, as an editor shows it: a place, a text, further places."""

from __future__ import annotations

from typing import NamedTuple

from cnnspec.editor.document import Document
from cnnspec.errors import Diagnostic, printable
from cnnspec.source import Span


class Mark(NamedTuple):
    """A place with a text."""

    start: int
    end: int
    text: str


class Message(NamedTuple):
    """A fault: its code, whether it is an error or a warning, where it is, and the other places that it speaks of."""

    code: str
    severity: str
    mark: Mark
    related: tuple[Mark, ...] = ()


def messages(document: Document) -> list[Message]:
    """Return all that is wrong with a text; what has no place in it stands at its first line."""
    return [_message(document, fault) for fault in document.diagnostics]


def _message(document: Document, fault: Diagnostic) -> Message:
    lines = [fault.message + (f": {fault.label}" if fault.label and fault.label not in fault.message else "")]
    lines += [f"note: {note}" for note in fault.notes]
    lines += [f"help: {fault.help}"] if fault.help else []
    text = "\n".join(printable(part) for line in lines for part in line.split("\n"))
    related = tuple(
        Mark(*_place(document, each.span), printable(each.message))
        for each in fault.related
        if _here(document, each.span)
    )
    return Message(fault.code, fault.severity, Mark(*_place(document, fault.span), text), related)


def _here(document: Document, span: Span | None) -> bool:
    return span is not None and span.source.text == document.text


def _place(document: Document, span: Span | None) -> tuple[int, int]:
    """Return the offsets of a place in the text, one character at least; of another text's, the first line's."""
    if span is None or not _here(document, span):
        return 0, max(1, len(document.source.line(1)))
    return span.start, max(span.end, span.start + 1)
