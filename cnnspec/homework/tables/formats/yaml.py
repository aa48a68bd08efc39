"""Tables in YAML, read as a spec is read: without anchors, tags and equal keys."""

from __future__ import annotations

import re
from typing import Final

from cnnspec.errors import SHOWN, CnnspecError, Diagnostic, SpecError, shorten
from cnnspec.homework.tables import faults
from cnnspec.homework.tables.grid import Grid
from cnnspec.homework.tables.reader import Reader
from cnnspec.homework.tables.structure import DEPTH, tabulate
from cnnspec.source import Source
from cnnspec.text import reader
from cnnspec.text.limits import Limits
from cnnspec.text.tree import Mapping, Sequence, Tree

_BEGINNING: Final = re.compile(
    r"(?:\s*+#[^\n]*+)*+\s*+(?:(?:layers|rows):[ \t]*$|- \{? ?(?:layer|name): )", re.MULTILINE | re.IGNORECASE
)

_STEP: Final = 'write a shape as `[28, 28, 8]` or in quotes, as `"(28, 28, 8)"`'
_WORDING: Final = {
    "not valid YAML": "is not valid YAML",
    "the spec is nested": "is nested",
    "part of the spec language": "allowed",
    " in a spec": "",
}
_LIMITS: Final = Limits(bytes=faults.BYTES, depth=DEPTH, events=200_000)


def read(source: Source) -> Grid:
    """Return the table of a YAML text."""
    try:
        tree = reader.read(source, _LIMITS)
    except SpecError as error:
        raise CnnspecError([_fault(source, fault) for fault in error.diagnostics[:SHOWN]]) from None
    _refuse_torn(source, tree)
    return tabulate(source, READER, tree)


def _fault(source: Source, fault: Diagnostic) -> Diagnostic:
    """Return a fault of the text as one of a homework file."""
    name = f"`{shorten(source.name)}`"
    if fault.code == "E110" and "nested" not in fault.message:
        return Diagnostic("E403", f"{name} has more than {_LIMITS.events:,} YAML elements", fault.span)
    line = source.line(fault.span.position[0]) if fault.span else ""
    message = fault.message
    for old, new in _WORDING.items():
        message = message.replace(old, new)
    return Diagnostic(
        code="E404",
        message=f"{name} {message}" if message.startswith("is ") else f"{name} cannot be read: {message}",
        span=fault.span,
        label=fault.label,
        help=_STEP if "(" in line and fault.code in {"E100", "E102"} else "",
        related=fault.related,
    )


def _refuse_torn(source: Source, tree: Tree | None) -> None:
    """Raise CnnspecError where a shape in parentheses stands within braces: YAML divides it at its commas."""
    rest = [tree] if tree else []
    while rest:
        node = rest.pop()
        if isinstance(node, Sequence):
            rest += node.items
        elif isinstance(node, Mapping):
            rest += [value for _, value in node.entries]
        elif node.plain and node.text.startswith("(") and ")" not in node.text:
            message = "has a shape without quotes in braces"
            raise faults.unreadable(source, message, start=node.start, step=_STEP)


def looks_like(source: Source) -> bool:
    """Tell whether a text begins like a list of rows."""
    return _BEGINNING.match(source.text) is not None


READER: Final = Reader(
    name="yaml",
    called="YAML",
    suffixes=("yaml", "yml"),
    looked_for="a list of mappings, one per row, at the top or under `layers` or `rows`, or a mapping of mappings",
    order=50,
    looks_like=looks_like,
)
