"""How a table is marked: what is asked, what cells are worth, how a course counts, and what its teacher has decided."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from math import lcm
from typing import Final, NamedTuple

from cnnspec.analysis.quantities import marked
from cnnspec.homework.marking.asked import USUAL, Asked, Conventions


class FollowThrough(StrEnum):
    """What a cell earns that is right given the student's own earlier, wrong row."""

    FULL = "full"
    HALF = "half"
    NONE = "none"


class Accepted(NamedTuple):
    """A teacher's last word on what stands in a cell: its value (any, if there is none), what it earns, and why."""

    layer: str
    column: str
    value: str | None
    credit: Fraction
    reason: str


class Marking(NamedTuple):
    """How cells are weighed: integer points per cell, by row or column, and the credit for what is not quite right.

    Without `asked`, whatever a table has is marked, and layers that must have a row count as missing without one.
    `titles` and `labels` are a course's own words for columns and layers; `out_of` is what all points are worth.
    """

    weights: Mapping[str, int] = dict.fromkeys(marked(), 1)
    follow_through: FollowThrough = FollowThrough.FULL
    asked: Asked | None = None
    rows: Mapping[str, int] = {}
    slips: Fraction = Fraction(0)
    conventions: Conventions = USUAL
    accepted: tuple[Accepted, ...] = ()
    titles: Mapping[str, str] = {}
    labels: Mapping[str, str] = {}
    out_of: int | None = None

    @property
    def unit(self) -> int:
        """By what all points are multiplied to stay whole: 2 with half credit."""
        half = 2 if self.follow_through is FollowThrough.HALF else 1
        return lcm(half, self.slips.denominator, *(entry.credit.denominator for entry in self.accepted))

    def points(self, column: str, layer: str = "") -> int:
        """Return the points of a right cell; with partial credit all points are multiplied to stay whole."""
        if self.asked is not None and (layer, column) not in self.asked.cells:
            return 0
        return self.rows.get(layer, self.weights.get(column, 1)) * self.unit

    @property
    def max_score(self) -> int | None:
        """The points of all cells that are asked for, None where that depends on the table."""
        if self.asked is None:
            return None
        return sum(self.points(column, layer) for layer, column in self.asked.cells)


STANDARD: Final = Marking()
