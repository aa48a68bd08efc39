"""Slips: documented wrong formulas, a row each, in a file per family."""

from __future__ import annotations

from functools import cache

from cnnspec.homework.diagnosis.slip import Slip
from cnnspec.homework.diagnosis.slips import (
    inputs,
    macs,
    norms,
    numbers,
    positions,
    sequences,
    shapes,
    sizes,
    weights,
    zeros,
)

FAMILIES = (weights, numbers, inputs, zeros, norms, sequences, macs, positions, shapes, sizes)


@cache
def all_slips() -> dict[str, Slip]:
    """Return every slip by its id, the best documented first."""
    return {slip.id: slip for family in FAMILIES for slip in family.SLIPS}
