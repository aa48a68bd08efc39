"""A text as an editor shows it: its tree, its numbers where it has any, and all that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

from cnnspec.analysis.advice import advice
from cnnspec.analysis.budgets import check
from cnnspec.analysis.measure import Row, Summary, measure
from cnnspec.editor.outline import Outline, Word, outline
from cnnspec.errors import CnnspecError, Diagnostic
from cnnspec.ir.graph import Copy
from cnnspec.networks import loads
from cnnspec.source import Source
from cnnspec.spec_files import is_spec
from cnnspec.text.reader import decode, read
from cnnspec.text.tree import Tree

MOST_STEPS: Final = 4
"""How often the lines above an error are looked at: they may have one of their own, such as a bracket left open."""
Copies = dict[Copy, list[Row]]


@dataclass(frozen=True)
class Document:
    """A text with what is known of it; `tree` and `summary` are None where the text is too faulty for them."""

    source: Source
    folder: Path | None
    tree: Tree | None
    summary: Summary | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def text(self) -> str:
        """The characters themselves."""
        return self.source.text

    @cached_property
    def outline(self) -> Outline:
        """The words of the text that mean something, and its items."""
        return outline(self.source.text, self.tree)

    @cached_property
    def measured(self) -> Summary | None:
        """The numbers of the network, of a faulty one those of the layers above its first error, None without any."""
        document = self
        for _ in range(MOST_STEPS):
            if document.summary is not None or not document.errors:
                break
            document = open_document(document.before_errors, self.source.name, self.folder)
        return document.summary

    @property
    def before_errors(self) -> str:
        """The lines above the first error, none where it is in no line."""
        places = [fault.span.start for fault in self.errors if fault.span and fault.span.source.text == self.text]
        first = min([*places, len(self.text.rstrip())])  # what is left open is missed at the end of the text
        return self.text[: self.text.rfind("\n", 0, first) + 1] if places else ""

    @cached_property
    def rows(self) -> dict[int, list[Row]]:
        """The measured nodes by the offset of the word that they come from."""
        found: dict[int, list[Row]] = {}
        for row in self.measured or ():
            found.setdefault(row.node.place[0], []).append(row)
        return found

    @cached_property
    def copies(self) -> dict[int, Copies]:
        """The copies of blocks and of networks, with their nodes, by the offset of the word that calls them."""
        found: dict[int, Copies] = {}
        for row in self.measured or ():
            outer = None
            for copy in row.node.scope:
                if copy.place != outer:
                    found.setdefault(copy.place[0], {}).setdefault(copy, []).append(row)
                outer = copy.place
        return found

    @property
    def errors(self) -> list[Diagnostic]:
        """What keeps the text from being a right spec."""
        return [fault for fault in self.diagnostics if fault.severity == "error"]

    def word_at(self, offset: int) -> Word | None:
        """Return the word that an offset is in, or at the end of."""
        return next((word for word in self.outline.words if word.start <= offset <= word.end), None)

    def changed(self, start: int, end: int, new: str) -> Document:
        """Return what the document would be with other characters in a place."""
        return open_document(self.text[:start] + new + self.text[end:], self.source.name, self.folder)


def open_any(text: str, name: str, folder: Path | None) -> Document:
    """Return a text with everything that is known of it, of one that is no spec nothing."""
    return open_document(text, name, folder) if is_spec(text) else Document(Source(name, text), folder, None, None, ())


@lru_cache(maxsize=8)
def open_document(text: str, name: str = "spec.yaml", folder: Path | None = None) -> Document:
    r"""Return a text with everything that is known of it; it never fails.

    >>> [fault.code for fault in open_document("input: 8x8x1\nlayers: [conv: 4 9x9]").diagnostics]
    ['E301']
    """
    source = Source(name, text)
    tree, summary = None, None
    found: list[Diagnostic] = []
    try:
        source = decode(text.encode("utf-8", "surrogatepass"), name)
        tree = read(source)
        summary = measure(loads(text, name, folder=folder))
        found = [*check(summary), *advice(summary)]
    except CnnspecError as error:
        found = list(error.diagnostics)
    return Document(source, folder, tree, summary, tuple(found))
