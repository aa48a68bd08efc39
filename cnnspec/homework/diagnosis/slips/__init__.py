"""Slips: documented wrong formulas, one row each, by the column that they spoil."""

from __future__ import annotations

from functools import cache

from cnnspec.homework.diagnosis.slip import Slip
from cnnspec.homework.diagnosis.slips import parameters, shapes, sizes


@cache
def all_slips() -> dict[str, Slip]:
    """Return every slip by its id, the best documented first."""
    rows = (*parameters.SLIPS, *shapes.SLIPS, *sizes.SLIPS)
    return {slip.id: slip for slip in rows}
