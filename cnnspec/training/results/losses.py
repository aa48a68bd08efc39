"""What outputs are as probabilities, and Keras' losses by their names, on all samples at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CROSS_ENTROPY: Final = "sparse_categorical_crossentropy"
ROUNDING: Final = 0.01
"""How far the probabilities of a network in bfloat16 are from adding up to 1, at most."""

LEAST: Final = 1e-7
"""How near to 0 and 1 a probability is taken, which is Keras' own."""


def both_classes(probabilities: NDArray[Any]) -> Floats:
    """Return probabilities (N, K) as they are; one unit's become two columns: not the class, and the class."""
    table = np.asarray(probabilities, dtype=np.float64)
    return np.hstack([1 - table, table]) if table.shape[1] == 1 else table


def are_probabilities(outputs: NDArray[Any]) -> bool:
    """Tell whether all outputs are within 0 and 1, but for the rounding of short floats."""
    return bool(((outputs >= 0) & (outputs <= 1 + ROUNDING)).all())


def are_distributions(table: NDArray[Any]) -> bool:
    """Tell whether each row holds probabilities that add up to 1, as softmax makes them."""
    return are_probabilities(table) and bool((np.abs(table.sum(axis=1) - 1) <= ROUNDING).all())


def measure_loss(name: str, outputs: NDArray[Any], labels: NDArray[Any]) -> float | None:
    """Return the mean loss of outputs (N, K) against the numbers of the classes.

    None where there is none: of no samples, and the categorical cross-entropy of what does not add up to 1.
    """
    if not len(labels):
        return None
    return _LOSSES[name](np.asarray(outputs, dtype=np.float64), np.asarray(labels))


def _targets(outputs: Floats, labels: NDArray[Any]) -> Floats:
    """Return what the outputs should have been: one unit the number of the class, of several that of the class 1."""
    units = outputs.shape[1]
    return np.asarray(labels[:, None] if units == 1 else labels[:, None] == np.arange(units), dtype=np.float64)


def _categorical(outputs: Floats, labels: NDArray[Any]) -> float | None:
    table = both_classes(outputs)
    if not are_distributions(table):
        return None
    given = table[np.arange(len(labels)), labels] / table.sum(axis=1)
    return float(-np.log(np.clip(given, LEAST, 1)).mean())


def _binary(outputs: Floats, labels: NDArray[Any]) -> float:
    targets, given = _targets(outputs, labels), np.clip(outputs, LEAST, 1 - LEAST)
    return float(-(targets * np.log(given) + (1 - targets) * np.log(1 - given)).mean())


def _squared(outputs: Floats, labels: NDArray[Any]) -> float:
    return float(((outputs - _targets(outputs, labels)) ** 2).mean())


def _absolute(outputs: Floats, labels: NDArray[Any]) -> float:
    return float(np.abs(outputs - _targets(outputs, labels)).mean())


_LOSSES: Final[Mapping[str, Callable[[Floats, NDArray[Any]], float | None]]] = {
    CROSS_ENTROPY: _categorical,
    "categorical_crossentropy": _categorical,
    "binary_crossentropy": _binary,
    "mean_squared_error": _squared,
    "mean_absolute_error": _absolute,
}
