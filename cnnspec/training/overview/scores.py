"""The scores by which runs are compared: what the test of each sort of target measures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from cnnspec.language.train.metrics import is_distance
from cnnspec.language.train.targets import CLASS, LABELS, MASK, NUMBERS
from cnnspec.training.results.targets import labels, masks, numbers
from cnnspec.training.results.targets.measures import Quantity

SCORES: Final[Mapping[str, tuple[Quantity, ...]]] = {
    CLASS: (labels.ACCURACY,),
    LABELS: labels.FACTS,
    NUMBERS: numbers.FACTS,
    MASK: masks.FACTS,
}
"""The scores of each sort of target, the one by which runs are sorted first."""


def scores_of(sorts: Iterable[str]) -> tuple[Quantity, ...]:
    """Return the scores of some sorts of targets, each once."""
    return tuple(dict.fromkeys(quantity for sort in sorts for quantity in SCORES[sort]))


def worth(quantity: Quantity, value: float) -> float:
    """Return a number that is less the better a score is: errors as they are, of all else the larger is better.

    >>> worth(numbers.FACTS[0], 0.5), worth(labels.ACCURACY, 0.5)
    (0.5, -0.5)
    """
    return value if is_distance(quantity.key) else -value
