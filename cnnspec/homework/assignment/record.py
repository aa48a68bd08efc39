"""What an assignment says, read and checked."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from cnnspec.homework.feedback import Reveal
from cnnspec.homework.marking.policy import Marking
from cnnspec.ir.graph import Graph
from cnnspec.source import Source


class Rank(StrEnum):
    """What the row of a layer is in a table: a cell must be filled in, stands there already, or may be left out."""

    ASKED = "asked"
    GIVEN = "given"
    OPTIONAL = "optional"


class Assignment(NamedTuple):
    """A homework: the network, how tables are marked, what students are told, and who is to hand in.

    `given` are the rows whose numbers students are told; `reveal` is None where the file does not decide; `spec` is how
    the file names the network, at a `place` of its `source`.
    """

    name: str
    graph: Graph
    marking: Marking
    given: frozenset[str] = frozenset()
    reveal: Reveal | None = None
    due: tuple[str, ...] = ()
    spec: str = ""
    source: Source | None = None
    place: tuple[int, int] = (0, 0)

    def of(self, spec: str) -> str:
        """Return the text of the same assignment about another spec, the file of a variant."""
        text, (start, end) = (self.source.text if self.source else ""), self.place
        return f'{text[:start]}"{spec}"{text[end:]}'


KEY: Final = "assignment"
"""The key by which a file is an assignment and no spec."""
KEYS: Final = (
    KEY,
    "spec",
    "columns",
    "rows",
    "points",
    "titles",
    "labels",
    "conventions",
    "follow_through",
    "slips",
    "reveal",
    "accept",
    "due",
)
