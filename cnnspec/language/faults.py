"""The faults found so far in one spec: every part of the build reports here and goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cnnspec.errors import MOST, Diagnostic, Related, SpecError
from cnnspec.language.items import Place
from cnnspec.source import Source, Span
from cnnspec.text.faults import SOLVE
from cnnspec.text.tree import Mapping, Scalar, Sequence, Tree

VALUES: Final = ("E103", "E105")
"""What is said of values that cannot be read."""


class Faults:
    """Diagnostics about one source, each distinct one once; `trail` tells which calls of blocks led to where we are."""

    def __init__(self, source: Source) -> None:
        """Start without any fault."""
        self.source = source
        self.diagnostics: list[Diagnostic] = []
        self.trail: Callable[[], tuple[str, ...]] = tuple
        self._seen: set[tuple[str, str, int]] = set()

    def add(
        self,
        code: str,
        message: str,
        place: Place | None,
        *notes: str,
        label: str = "",
        step: str = "",
        related: tuple[tuple[Place, str], ...] = (),
    ) -> None:
        """Report a fault; the same one at the same place, as in copies of a block, counts once.

        Raises SpecError where there are so many that finding more would help nobody.
        """
        key = (code, message, place[0] if place else -1)
        if key in self._seen:
            return
        self._seen.add(key)
        if code in VALUES and place and not step and "?" in self.source.text[place[0] : place[1]]:
            step = SOLVE
        if len(self.diagnostics) >= MOST:
            raise self.error()
        self.diagnostics.append(
            Diagnostic(
                code=code,
                message=message,
                span=self.span(place) if place else None,
                label=label,
                notes=(*notes, *self.trail()),
                help=step,
                related=tuple(Related(span=self.span(other), message=text) for other, text in related),
            )
        )

    def add_foreign(self, diagnostic: Diagnostic) -> None:
        """Report a fault of another source; the same one counts once."""
        key = (diagnostic.code, diagnostic.message, diagnostic.span.start if diagnostic.span else -1)
        if key in self._seen:
            return
        self._seen.add(key)
        if len(self.diagnostics) >= MOST:
            raise self.error()
        self.diagnostics.append(diagnostic._replace(notes=(*diagnostic.notes, *self.trail())))

    def forget(self, code: str, place: Place) -> None:
        """Take faults of a code back whose places lie inside of another, which is reported itself."""
        kept = [
            fault
            for fault in self.diagnostics
            if fault.code != code or not fault.span or not place[0] <= fault.span.start < place[1]
        ]
        self.diagnostics[:] = kept

    def span(self, place: Place) -> Span:
        """Return a place as a span of the source."""
        return Span(self.source, *place)

    def error(self) -> SpecError:
        """Return all faults as an exception, in the order of the text."""
        return SpecError(sorted(self.diagnostics, key=self._order))

    def _order(self, fault: Diagnostic) -> int:
        """Return where a fault stands in the text; those of other sources come last."""
        if fault.span is None:
            return -1
        return fault.span.start if fault.span.source is self.source else len(self.source.text)

    def __bool__(self) -> bool:
        return bool(self.diagnostics)


def place_of(tree: Tree) -> Place:
    """Return where a node stands; of a block collection only its first key or item, not all its lines."""
    if isinstance(tree, Scalar) or tree.flow:
        return tree.start, max(tree.end, tree.start + 1)
    if isinstance(tree, Mapping) and tree.entries:
        return place_of(tree.entries[0][0])
    if isinstance(tree, Sequence) and tree.items:
        return place_of(tree.items[0])
    return tree.start, tree.start + 1
