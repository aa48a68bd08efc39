"""What outputs are as probabilities, and the loss of all samples at once."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cnnspec.language.train.losses import LOSSES, smoothed
from cnnspec.layers.activations import Outputs

Floats = NDArray[np.float64]

ROUNDING: Final = 0.01
"""How far the probabilities of a network in bfloat16 are from adding up to 1, at most."""


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


def measure_loss(name: str, outputs: NDArray[Any], labels: NDArray[Any], smoothing: float = 0.0) -> float | None:
    """Return the mean loss of outputs (N, K) against the numbers of the classes, smoothed by a share.

    None where there is none: of no samples, and of what does not add up to 1 though the loss needs that.
    """
    if not len(labels):
        return None
    loss, given = LOSSES[name], np.asarray(outputs, dtype=np.float64)
    if loss.outputs is Outputs.DISTRIBUTION:
        table = both_classes(given)
        if not are_distributions(table):
            return None
        given = table / table.sum(axis=1, keepdims=True)
    targets = _targets(given, np.asarray(labels))
    return float(loss.formula(np, given, smoothed(loss, targets, smoothing) if smoothing else targets))


def measure_numbers(name: str, outputs: Floats, targets: Floats, smoothing: float = 0.0) -> float | None:
    """Return the mean loss of outputs (N, …) against numbers of the same shape, smoothed by a share."""
    if not len(targets):
        return None
    loss = LOSSES[name]
    return float(loss.formula(np, outputs, smoothed(loss, targets, smoothing) if smoothing else targets))


def _targets(outputs: Floats, labels: NDArray[Any]) -> Floats:
    """Return what the outputs should have been: one unit the number of the class, of several that of the class 1."""
    units = outputs.shape[1]
    return np.asarray(labels[:, None] if units == 1 else labels[:, None] == np.arange(units), dtype=np.float64)
