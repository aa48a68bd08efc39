"""The wrong answers to a cell: what every slip gives there, and every two slips together.

A class computes from the same right rows, and what slips give there is kept for the next table.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import combinations

from cnnspec.analysis.quantities import QUANTITIES
from cnnspec.homework.diagnosis.case import Case, Outcome
from cnnspec.homework.diagnosis.slip import Quantity, Slip, outcome_of
from cnnspec.homework.diagnosis.slips import all_slips


@lru_cache(maxsize=512)
def wrong_outcomes(column: str, case: Case) -> tuple[tuple[Slip, Outcome], ...]:
    """Return what every slip that can happen in a cell gives there, the best documented first."""
    found = [(slip, outcome_of((slip,), column, case)) for slip in _slips_in(column)]
    return tuple((slip, outcome) for slip, outcome in found if outcome)


def wrong_outcomes_as(column: str, basis: str, case: Case) -> Iterator[tuple[Slip, Outcome]]:
    """Yield what slips give in a column that asks for a part of what it usually has, such as parameters without biases.

    Those are the slips in the part, and other numbers that are written down for the whole.
    """
    yield from wrong_outcomes(basis, case)
    if basis != column:
        yield from (entry for entry in wrong_outcomes(column, case) if isinstance(entry[0].wrong, Quantity))


@lru_cache(maxsize=128)
def wrong_outcomes_of_two(column: str, case: Case) -> tuple[tuple[tuple[Slip, Slip], Outcome], ...]:
    """Return what every two slips give together that can happen in a cell."""
    pairs = combinations([slip for slip, _ in wrong_outcomes(column, case)], 2)
    found = [(pair, outcome_of(pair, column, case)) for pair in pairs]
    return tuple((pair, outcome) for pair, outcome in found if outcome)


@cache
def _slips_in(column: str) -> tuple[Slip, ...]:
    """Return the slips in a column; those in a part, such as the weights, are those in the whole."""
    wanted = QUANTITIES[column].part_of or column
    return tuple(slip for slip in all_slips().values() if slip.column == wanted)
