"""A spec with mistakes of its signs: they are said first, and beside them what else is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cnnspec.errors import Diagnostic, SpecError
from cnnspec.ir.graph import Graph
from cnnspec.source import Source
from cnnspec.text.lines import Lines
from cnnspec.text.mending import mend

OTHER_TEXT: Final = ("E110", "E101")
"""Codes of texts that are too much, or none."""


def meant(source: Source, error: SpecError, build: Callable[[Source], Graph]) -> SpecError:
    """Return the error of a text as it would be without wrong signs, together with these, in the order of the text.

    Where the text is YAML, signs are wrong only if less is wrong without them.
    """
    found = error.diagnostics
    is_yaml = all(fault.code != "E100" for fault in found)
    if any(fault.code in OTHER_TEXT for fault in found):
        return error
    lines = mend(source, is_yaml=is_yaml)
    if lines is None:
        return error
    mended, rest = lines.mended(), list[Diagnostic]()
    try:
        build(mended)
    except SpecError as other:
        rest = [fault for fault in other.diagnostics if not _is_guessed(fault, lines, mended)]
    if is_yaml and len(rest) >= len(found):
        return error
    faults = [*lines.diagnostics(), *(_back(fault, lines, mended) for fault in rest)]
    return SpecError(sorted(faults, key=lambda fault: _order(fault, source)))


def _is_guessed(fault: Diagnostic, lines: Lines, mended: Source) -> bool:
    """Tell whether a fault stands in a line whose end is a guess of ours."""
    span = fault.span
    return span is not None and span.source is mended and lines.is_guess(span.position[0] - 1)


def _back(fault: Diagnostic, lines: Lines, mended: Source) -> Diagnostic:
    """Return a fault of the mended text with its places in the text as it stands."""
    related = tuple(
        other._replace(span=lines.back(other.span, mended)) if other.span.source is mended else other
        for other in fault.related
    )
    span = fault.span
    if span is not None and span.source is mended:
        span = lines.back(span, mended)
    return fault._replace(span=span, related=related)


def _order(fault: Diagnostic, source: Source) -> int:
    if fault.span is None:
        return -1
    return fault.span.start if fault.span.source is source else len(source.text)
