"""What a spec expects of the whole network, held against what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import eq, ge, gt, le, lt
from typing import Final, NamedTuple

from cnnspec.analysis.measure import Row, Summary
from cnnspec.analysis.quantities import MEMORY, QUANTITIES, Quantity
from cnnspec.analysis.receptive_field import NO_AXES, NO_PLACES, View
from cnnspec.analysis.totals import counted
from cnnspec.errors import Diagnostic, listing
from cnnspec.ir.graph import Expectation
from cnnspec.ir.number_types import BYTES
from cnnspec.ir.shapes import compact
from cnnspec.source import Span

UNKNOWN: Final = "W309"
"""The note on a condition that cannot be held against anything."""
MOST_COSTLY: Final = 3
"""How many layers are named that cost most."""
HOLDS: Final[dict[str, Callable[[int, int], bool]]] = {"<=": le, "<": lt, ">=": ge, ">": gt, "==": eq}
WORDS: Final = {"<=": "at most", "<": "less than", ">=": "at least", ">": "more than", "==": "exactly"}


class Found(NamedTuple):
    """What a network has: a number, what each row adds to it, and why it is only the least that it can be, or unknown.

    With a `reason`, the number is a lower bound. `words` introduce the parts, `unit` stands behind the number.
    """

    number: int
    parts: list[tuple[Row, int]]
    reason: str = ""
    words: str = "most of it"
    unit: str = ""


def check(summary: Summary) -> list[Diagnostic]:
    r"""Return a fault for every condition that does not hold, and a note for every one that nobody can know.

    >>> from cnnspec import loads
    >>> from cnnspec.analysis.measure import measure
    >>> [fault.message for fault in check(measure(loads("input: 9\nlayers: [dense: 1]\nexpect: {params: < 10}")))]
    ['`params` is 10, and must be less than 10']
    """
    found = [fault for each in summary.graph.expect if (fault := _fault(summary, each))]
    return [fault for fault in found if fault.code not in summary.graph.allow]


def _fault(summary: Summary, expected: Expectation) -> Diagnostic | None:
    if not isinstance(expected.bound, int):
        return _shape_fault(summary, expected)
    quantity = QUANTITIES.get(expected.word)
    found = _counted(quantity, summary, expected.dtype) if quantity else _field(summary, expected.relation)
    if found.reason and not _is_settled(found, expected):
        return _note(summary, expected, found.reason)
    if HOLDS[expected.relation](found.number, expected.bound):
        return None
    number = f"{'at least ' if found.reason else ''}{found.number:,}{found.unit}"
    message = f"`{expected.word}` is {number}, and must be {WORDS[expected.relation]} {expected.bound:,}"
    return Diagnostic("E310", message, _span(summary, expected), notes=tuple(_costly(found)))


def _is_settled(found: Found, expected: Expectation) -> bool:
    """Tell whether a lower bound is enough to know that a condition holds, or that it does not."""
    bound = expected.bound
    return isinstance(bound, int) and (
        found.number > bound or (found.number == bound and expected.relation in ("<", ">="))
    )


def _shape_fault(summary: Summary, expected: Expectation) -> Diagnostic | None:
    shapes = {entry.name: entry.shape for entry in summary.inputs} | {row.name: row.shape for row in summary}
    shape = shapes[expected.output]
    if shape == expected.bound:
        return None
    wanted = compact(expected.bound) if isinstance(expected.bound, tuple) else ""
    message = f"the output `{expected.output}` is {compact(shape)}, and must be {wanted}"
    return Diagnostic("E310", message, _span(summary, expected))


def _note(summary: Summary, expected: Expectation, reason: str) -> Diagnostic:
    message = f"nobody can say whether `{expected.word}` is {WORDS[expected.relation]} {expected.bound:,}"
    return Diagnostic(UNKNOWN, message, _span(summary, expected), notes=(reason,))


def _span(summary: Summary, expected: Expectation) -> Span:
    return Span(summary.graph.source, *expected.place)


def _costly(found: Found) -> Iterator[str]:
    """Yield the layers that add most, with their parts."""
    parts = sorted((part for part in found.parts if part[1] > 0), key=lambda part: -part[1])[:MOST_COSTLY]
    if parts:
        total = max(found.number, 1)
        yield f"{found.words}: {listing(f'`{row.name}` {cost:,} ({cost / total:.1%})' for row, cost in parts)}"


def _counted(quantity: Quantity, summary: Summary, dtype: str) -> Found:
    """Return the total of a quantity, at least what is known of it; that of bytes for another type of numbers."""
    rows = counted(summary) if quantity.once else summary
    parts = [(row, cost) for row in rows if isinstance(cost := quantity.of(row), int)]
    unknown = [row.name for row in summary if quantity.unknown_in(row)]
    reason = f"the {quantity.word or quantity.title.lower()} of {listing(unknown, 8)} are not known" if unknown else ""
    if not quantity.traced:
        return Found(quantity.total_of(summary), parts, reason)
    dtype = dtype or summary.dtype
    each, given = BYTES[dtype], BYTES[summary.dtype]
    scaled = [(row, cost // given * each) for row, cost in parts]
    words = "the most is live at" if quantity is MEMORY else "most of it"
    return Found(quantity.total_of(summary) // given * each, scaled, reason, words, f" bytes as {dtype}")


def _field(summary: Summary, relation: str) -> Found:
    """Return the receptive field of the outputs, or of the last layers before the places in the image are given up.

    Of several axes and outputs the smallest stands, or the largest where a condition bounds it above.
    """
    fields: list[int] = []
    for view in _last_views(summary):
        if view.axes is None:
            return Found(0, [], view.reason)
        fields += [axis.pixels for axis in view.axes]
    parts = [(row, _growth(row)) for row in summary]
    return Found(min(fields) if relation in (">=", ">") else max(fields), parts, words="it grows most at")


def _last_views(summary: Summary) -> list[View]:
    """Return the views of the outputs, of the last layers above where there are no places any more."""
    rows = {row.name: row for row in summary}
    found: list[View] = []
    left = list(dict.fromkeys(summary.graph.outputs))
    seen = set(left)
    while left:
        row = rows.get(left.pop())
        if row is None or row.view.reason != NO_PLACES.reason:
            found.append(row.view if row else NO_AXES)
            continue
        above = [name for name in row.node.inputs if name not in seen]
        left += above
        seen.update(above)
    return found


def _growth(row: Row) -> int:
    """Return by how many pixels a layer makes the field larger."""
    pairs = zip(row.view.axes or (), row.before.axes or (), strict=False)
    return max((after.pixels - before.pixels for after, before in pairs), default=0)
