"""Replacements for what is wrong: those of a fault's help that mend it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from cnnspec.editor.document import Document
from cnnspec.editor.navigation import Edit
from cnnspec.errors import Diagnostic, printable

QUOTED: Final = re.compile(r"`([^`\n]+)`")
REPLACES: Final = ("did you mean", "write ")
"""How a help begins whose first quotation is what to write instead."""
MOST: Final = 5
"""How many faults of one place are looked at."""


class Action(NamedTuple):
    """A replacement with its title, and the code of the fault that it mends."""

    title: str
    edit: Edit
    code: str


def actions(document: Document, start: int, end: int) -> list[Action]:
    """Return what mends the faults that touch a range: each is tried, and only what leaves fewer faults is offered."""
    touched = [fault for fault in document.diagnostics if _touches(document, fault, start, end)]
    found = [action for fault in touched[:MOST] if (action := _action(document, fault))]
    return list(dict.fromkeys(found))


def _touches(document: Document, fault: Diagnostic, start: int, end: int) -> bool:
    span = fault.span
    return span is not None and span.source.text == document.text and span.start <= end and start <= span.end


def _action(document: Document, fault: Diagnostic) -> Action | None:
    quoted = QUOTED.search(fault.help)
    if quoted is None or not fault.help.startswith(REPLACES):
        return None
    for edit in _edits(document, fault, quoted[1]):
        changed = document.changed(*edit)
        if len(changed.errors) < len(document.errors) and not _new(document, changed):
            return Action(f"{_title(document, edit)}", edit, fault.code)
    return None


def _new(document: Document, changed: Document) -> bool:
    """Tell whether a change makes faults that were not there."""
    before = {(fault.code, fault.message) for fault in document.errors}
    return any((fault.code, fault.message) not in before for fault in changed.errors)


def _edits(document: Document, fault: Diagnostic, new: str) -> Iterator[Edit]:
    """Yield where a word may belong: in the place of the wrong one, of all that is marked, or of the whole item."""
    if fault.span is None:
        return
    start, end = fault.span.start, fault.span.end
    marked = document.text[start:end]
    for quoted in QUOTED.finditer(fault.message):
        if (at := marked.find(quoted[1])) >= 0:
            yield Edit(start + at, start + at + len(quoted[1]), new)
    yield Edit(start, end, new.removeprefix("- "))
    line = document.text[: document.text.find("\n", start) % (len(document.text) + 1)]
    item = re.search(r"-[ \t]+\S[^\n]*$", line)
    if new.startswith("- ") and item:
        yield Edit(item.start(), item.end(), new)


def _title(document: Document, edit: Edit) -> str:
    old, new = (printable(text) for text in (document.text[edit.start : edit.end], edit.text))
    return f"Replace `{old}` with `{new}`"
