"""Whether a network is right as often as it is sure: bins of confidence, and the expected calibration error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnspec.training.results.losses import are_probabilities, both_classes

BINS: Final = 15
"""How many bins of equal width there are, as Guo et al. have them."""


class Bin(NamedTuple):
    """The samples whose confidence is above `low` and at most `high`, how many are right, and their mean confidence."""

    low: float
    high: float
    samples: int
    right: int
    confidence: float | None

    @property
    def accuracy(self) -> float | None:
        """The share of its samples that are right."""
        return self.right / self.samples if self.samples else None

    @property
    def gap(self) -> float:
        """How far the share of right ones and the mean confidence are apart."""
        return abs(self.right / self.samples - self.confidence) if self.confidence is not None else 0.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """The bins, the mean confidence of all samples, and what follows: the mean gap (ECE) and the largest (MCE)."""

    bins: tuple[Bin, ...]
    confidence: float
    ece: float
    mce: float


def calibrate(outputs: NDArray[Any], labels: NDArray[Any], bins: int = BINS) -> Calibration | None:
    """Return the calibration of outputs (N, K), or (N, 1) of one sigmoid unit, against the numbers of the classes.

    The confidence of a sample is the probability of the class that it is taken for; ECE is the mean over all samples of
    the gap of their bin (Guo et al. 2017, arXiv:1706.04599, equation 3). None where there is no confidence: of no
    samples, and of outputs that are no probabilities.
    """
    if not len(labels) or not are_probabilities(outputs):
        return None
    table = np.minimum(both_classes(outputs), 1)
    predicted = table.argmax(axis=1)
    confidence, right = table.max(axis=1), predicted == labels
    edges = np.arange(1, bins + 1) / bins
    number = np.searchsorted(edges, confidence)
    found = tuple(_bin(index, bins, confidence[number == index], right[number == index]) for index in range(bins))
    ece = sum(each.samples * each.gap for each in found) / len(labels)
    return Calibration(found, float(confidence.mean()), ece, max(each.gap for each in found))


def _bin(index: int, bins: int, confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> Bin:
    mean = float(confidence.mean()) if len(confidence) else None
    return Bin(index / bins, (index + 1) / bins, len(right), int(right.sum()), mean)
