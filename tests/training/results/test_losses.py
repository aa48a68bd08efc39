"""Losses against Keras' own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cnnspec.training.results.losses import are_distributions, are_probabilities, measure_loss

TABLE = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8], [0.3, 0.4, 0.3], [1.0, 0.0, 0.0]])
LABELS = np.array([0, 2, 0, 1])


@pytest.mark.parametrize(
    ("name", "value"),
    [("mean_squared_error", (0.04 + 0.36) / 2), ("mean_absolute_error", (0.2 + 0.6) / 2)],
)
def test_losses_worked_by_hand(name: str, value: float) -> None:
    """One unit is compared with the number of the class: 0.2 with 0, 0.4 with 1."""
    assert measure_loss(name, np.array([[0.2], [0.4]]), np.array([0, 1])) == pytest.approx(value)


def test_probabilities_are_told_from_other_outputs() -> None:
    """Sigmoids need not add up to 1; nothing negative or above 1 is a probability."""
    assert are_distributions(TABLE)
    assert are_probabilities(np.array([[0.9, 0.9]]))
    assert not are_distributions(np.array([[0.9, 0.9]]))
    assert not are_probabilities(np.array([[-0.1, 1.1]]))


@pytest.mark.keras
@pytest.mark.parametrize(
    "name", ["categorical_crossentropy", "binary_crossentropy", "mean_squared_error", "mean_absolute_error"]
)
def test_losses_are_those_of_keras(keras: Any, name: str) -> None:
    """On labels as one-hot rows."""
    theirs = np.mean(keras.losses.get(name)(np.eye(3)[LABELS], TABLE))
    assert measure_loss(name, TABLE, LABELS) == pytest.approx(float(theirs), rel=1e-5)


@pytest.mark.keras
def test_sparse_loss_is_that_of_keras(keras: Any) -> None:
    """On labels as numbers."""
    theirs = np.mean(keras.losses.sparse_categorical_crossentropy(LABELS, TABLE))
    assert measure_loss("sparse_categorical_crossentropy", TABLE, LABELS) == pytest.approx(float(theirs), rel=1e-5)


@pytest.mark.keras
@pytest.mark.parametrize("name", ["binary_crossentropy", "mean_squared_error", "mean_absolute_error"])
def test_losses_of_one_unit_are_those_of_keras(keras: Any, name: str) -> None:
    """On labels as one column."""
    outputs, labels = np.array([[0.1], [0.8], [1.0]]), np.array([0, 1, 0])
    theirs = np.mean(keras.losses.get(name)(labels[:, None].astype(float), outputs))
    assert measure_loss(name, outputs, labels) == pytest.approx(float(theirs), rel=1e-5)
