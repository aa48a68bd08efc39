"""Numbers: how far outputs are from them, and how much of their variance is explained."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cnnspec.training.results.losses import measure_numbers
from cnnspec.training.results.targets.measures import Measures, Quantity, known_mean

MOST_ROWS: Final = 100
"""Of more outputs, as an image has, no one asks for each."""
MAE: Final = Quantity("mean_absolute_error", "MAE")
RMSE: Final = Quantity("root_mean_squared_error", "RMSE")
R2: Final = Quantity("r2", "R²")
FACTS: Final = (MAE, RMSE, R2)


def measure(outputs: NDArray[Any], targets: NDArray[Any], names: tuple[str, ...], loss: str) -> Measures:
    """Return MAE, RMSE and R² of outputs (N, …), over all of them and for each one.

    R² is 1 − Σ(y − ŷ)²/Σ(y − ȳ)², undefined of a constant; over all outputs it is the mean of theirs, as in
    scikit-learn.
    """
    given, wanted = (np.asarray(part, np.float64).reshape(len(part), -1) for part in (outputs, targets))
    errors = given - wanted
    absolute, squares = np.abs(errors), errors**2
    left, all_ = squares.sum(axis=0), ((wanted - wanted.mean(axis=0)) ** 2).sum(axis=0)
    explained = [float(1 - rest / whole) if whole > 0 else None for rest, whole in zip(left, all_, strict=True)]
    columns = zip(absolute.mean(axis=0).tolist(), np.sqrt(squares.mean(axis=0)).tolist(), explained, strict=True)
    rows = tuple(zip(names, columns, strict=False)) if given.shape[1] == len(names) <= MOST_ROWS else ()
    found = (float(absolute.mean()), float(np.sqrt(squares.mean())), known_mean(explained))
    facts = tuple(zip(FACTS, found, strict=True))
    return Measures(len(given), measure_numbers(loss, given, wanted), facts, FACTS, rows)
