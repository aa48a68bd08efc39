"""Replacements for what is wrong: those of a fault's help that mend it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from cnnspec.editor.document import Document
from cnnspec.editor.navigation import Edit
from cnnspec.errors import Diagnostic, printable
from cnnspec.source import Span

QUOTED: Final = re.compile(r"`([^`\n]+)`")
REPLACES: Final = ("did you mean `", "write `", "write the window as `")
"""How a help begins whose first quotation is what to write instead."""
BELOW: Final = re.compile(r", and `([^`\n]+)` below it$")
"""How a help ends that asks for a line below the replaced one too."""
MOST: Final = 5
"""How many faults of one place are looked at."""


class Action(NamedTuple):
    """A replacement with its title, and the code of the fault that it mends."""

    title: str
    edit: Edit
    code: str


def actions(document: Document, start: int, end: int) -> list[Action]:
    """Return what mends the faults that touch a range: each is tried, and only what leaves fewer faults is offered."""
    touched = [
        (fault, fault.span)
        for fault in document.diagnostics
        if fault.span
        and fault.span.source.text == document.text
        and fault.span.start <= end
        and start <= fault.span.end
    ]
    found = [action for fault, span in touched[:MOST] if (action := _action(document, fault, span))]
    return list(dict.fromkeys(found))


def _action(document: Document, fault: Diagnostic, span: Span) -> Action | None:
    quoted = QUOTED.search(fault.help)
    if quoted is None or not fault.help.startswith(REPLACES):
        return None
    below = BELOW.search(fault.help)
    edits = _with_line(document, span, quoted[1], below[1]) if below else _edits(document, fault, span, quoted[1])
    for edit in edits:
        changed = document.changed(*edit)
        if len(changed.errors) < len(document.errors) and not _new(document, changed):
            return Action(_title(document, edit), edit, fault.code)
    return None


def _new(document: Document, changed: Document) -> bool:
    """Tell whether a change makes faults that were not there."""
    before = {(fault.code, fault.message) for fault in document.errors}
    return any((fault.code, fault.message) not in before for fault in changed.errors)


def _edits(document: Document, fault: Diagnostic, span: Span, new: str) -> Iterator[Edit]:
    """Yield where a word may belong: in the place of the wrong one, of all that is marked, of the item or the line."""
    for quoted in QUOTED.finditer(fault.message):
        if (at := span.text.find(quoted[1])) >= 0:
            yield Edit(span.start + at, span.start + at + len(quoted[1]), new)
    yield Edit(span.start, span.end, new.removeprefix("- "))
    if new.startswith("- "):
        yield from _item(document, span, new)
    elif ":" in new:
        start, end = _line(document, span)
        yield Edit(start, end, new)


def _with_line(document: Document, span: Span, new: str, below: str) -> Iterator[Edit]:
    """Yield an item in the place of the wrong one, with a line below it that stands beside its kind."""
    for start, end, _ in _item(document, span, new):
        indent = " " * (start - document.text.rfind("\n", 0, start) + 1)
        yield Edit(start, end, f"{new}\n{indent}{below}")


def _item(document: Document, span: Span, new: str) -> Iterator[Edit]:
    """Yield a text in the place of what stands behind the first dash of a line."""
    start, end = _line(document, span)
    if item := re.compile(r"(?:- )*(-[ \t]+\S[^\n]*)$").match(document.text, start, end):
        yield Edit(item.start(1), end, new)


def _line(document: Document, span: Span) -> tuple[int, int]:
    """Return where what stands on the line of a place begins and ends, without a comment."""
    text = document.text
    start = text.rfind("\n", 0, span.start) + 1
    line = re.split(r"(?:^|[ \t])#", text[start:].split("\n", 1)[0], maxsplit=1)[0]
    return start + len(line) - len(line.lstrip()), start + len(line.rstrip())


def _title(document: Document, edit: Edit) -> str:
    old = printable(document.text[edit.start : edit.end])
    new, *below = (printable(line.strip()) for line in edit.text.split("\n"))
    return f"Replace `{old}` with `{new}`" + "".join(f", and `{line}` below it" for line in below)
