"""Labels: which of them are said of a sample, where an output of 1/2 says one."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cnnspec.training.results.losses import measure_numbers
from cnnspec.training.results.targets.measures import Measures, Quantity, known_mean, ratio

THRESHOLD: Final = 0.5
"""What an output must be above to say a label, which is Keras' own."""
ACCURACY: Final = Quantity("accuracy", "Accuracy", is_share=True)
EXACT: Final = Quantity("exact", "All right", is_share=True)
F1: Final = Quantity("f1", "F1", is_share=True)
FACTS: Final = (ACCURACY, EXACT, F1)
COLUMNS: Final = (
    ACCURACY,
    Quantity("precision", "Precision", is_share=True),
    Quantity("recall", "Recall", is_share=True),
    F1,
    Quantity("images", "Images"),
)


def measure(
    outputs: NDArray[Any], targets: NDArray[Any], names: tuple[str, ...], loss: str, smoothing: float = 0.0
) -> Measures:
    """Return accuracy, precision, recall and F1 of each label, their means, and the share of samples all right."""
    said, true = np.asarray(outputs) > THRESHOLD, np.asarray(targets) > THRESHOLD
    right = said == true
    hits, calls, there = (part.sum(axis=0).tolist() for part in (said & true, said, true))
    counts = zip(right.mean(axis=0).tolist(), hits, calls, there, strict=True)
    rows = [
        (share, ratio(hit, call), ratio(hit, support), ratio(2 * hit, call + support), support)
        for share, hit, call, support in counts
    ]
    found = (float(right.mean()), float(right.all(axis=1).mean()), known_mean([row[3] for row in rows]))
    facts = tuple(zip(FACTS, found, strict=True))
    value = measure_numbers(loss, np.asarray(outputs, np.float64), np.asarray(targets, np.float64), smoothing)
    return Measures(len(true), value, facts, COLUMNS, tuple(zip(names, rows, strict=True)))
