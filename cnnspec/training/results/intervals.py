"""How sure a share is that was counted on some samples: the confidence interval of Wilson."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist
from typing import Final, NamedTuple

from cnnspec.training.results.scores import Counts

LEVEL: Final = 0.95
"""The part of all samplings whose interval holds the true share."""
METHOD: Final = "Wilson"


class Interval(NamedTuple):
    """The ends of a confidence interval of a share."""

    low: float
    high: float


class ClassIntervals(NamedTuple):
    """The intervals of the shares that one class has; None where the share is undefined."""

    precision: Interval | None
    recall: Interval | None


def wilson(hits: int, samples: int, level: float = LEVEL) -> Interval | None:
    """Return the score interval of a share of hits (Wilson 1927, JASA 22:209); None of no samples.

    Unlike p ± z·√(p(1 − p)/n), it is no point where all or none are hits, and stays within 0 and 1.
    """
    if not samples:
        return None
    z, share = NormalDist().inv_cdf((1 + level) / 2), hits / samples
    shrunk = 1 + z * z / samples
    middle = (share + z * z / (2 * samples)) / shrunk
    half = z * sqrt(share * (1 - share) / samples + (z / (2 * samples)) ** 2) / shrunk
    return Interval(middle - half if hits else 0.0, middle + half if hits < samples else 1.0)


def of_share(share: float | None, samples: int) -> Interval | None:
    """Return the interval of a share of samples."""
    return None if share is None else wilson(round(share * samples), samples)


def of_classes(confusion: Counts) -> tuple[ClassIntervals, ...]:
    """Return the intervals of each class of a confusion matrix, whose rows are the true classes."""
    right = confusion.diagonal().tolist()
    columns, rows = confusion.sum(axis=0).tolist(), confusion.sum(axis=1).tolist()
    return tuple(
        ClassIntervals(wilson(hits, said), wilson(hits, there))
        for hits, said, there in zip(right, columns, rows, strict=True)
    )
