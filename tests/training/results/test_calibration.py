"""The calibration error against published numbers, a loop over samples, and laws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cnnspec.training.results.calibration import calibrate


def test_calibration_error_of_torchmetrics() -> None:
    """The example of its MulticlassCalibrationError with three bins: 0.2 as `l1`, 0.2333 as `max`."""
    table = np.array([[0.25, 0.20, 0.55], [0.55, 0.05, 0.40], [0.10, 0.30, 0.60], [0.90, 0.05, 0.05]])
    found = calibrate(table, np.array([0, 1, 2, 0]), bins=3)
    assert found is not None
    assert (found.ece, found.mce) == (pytest.approx(0.2), pytest.approx(0.2333, abs=5e-5))
    assert [(each.samples, each.right) for each in found.bins] == [(0, 0), (3, 1), (1, 1)]
    assert found.confidence == pytest.approx(0.65)


def test_an_edge_belongs_to_the_bin_below() -> None:
    """As Guo et al. have it; certainty is in the last bin, and so is what rounding made of it."""
    found = calibrate(np.array([[0.5, 0.5], [0.75, 0.25], [1.0, 0.0], [0.0, 1.001]]), np.array([0, 0, 0, 1]), bins=4)
    assert found is not None
    assert [each.samples for each in found.bins] == [0, 1, 1, 2]
    assert found.bins[3].confidence == 1.0


def test_one_sigmoid_unit_is_sure_of_either_class() -> None:
    """0.1 is 0.9 sure of the first."""
    found = calibrate(np.array([[0.1], [0.9]]), np.array([0, 0]), bins=10)
    assert found is not None
    assert [(each.samples, each.right) for each in found.bins if each.samples] == [(2, 1)]
    assert found.ece == pytest.approx(0.4)


@pytest.mark.parametrize(("outputs", "labels"), [([[3.0, -1.0]], [0]), (np.zeros((0, 2)), [])])
def test_nothing_to_calibrate(outputs: Any, labels: list[int]) -> None:
    """What is no probability is no confidence."""
    assert calibrate(np.array(outputs), np.array(labels)) is None


@given(st.integers(1, 40), st.integers(2, 5), st.integers(1, 20), st.integers(0, 2**32 - 1))
def test_the_error_is_that_of_a_loop(samples: int, classes: int, bins: int, seed: int) -> None:
    """The definition, sample by sample; it lies between the gap of the means and the largest gap."""
    generator = np.random.default_rng(seed)
    table = generator.dirichlet(np.ones(classes), samples)
    labels = generator.integers(0, classes, samples)
    found = calibrate(table, labels, bins)
    assert found is not None
    assert found.ece == pytest.approx(_loop(table, labels, bins))
    accuracy = float((table.argmax(axis=1) == labels).mean())
    assert abs(accuracy - found.confidence) - 1e-12 <= found.ece <= found.mce + 1e-12
    assert sum(each.samples for each in found.bins) == samples


def _loop(table: NDArray[np.float64], labels: NDArray[Any], bins: int) -> float:
    total = 0.0
    for index in range(bins):
        inside = [
            (float(row.max()), float(row.argmax() == label))
            for row, label in zip(table, labels, strict=True)
            if index / bins < row.max() <= (index + 1) / bins
        ]
        total += abs(sum(right - sure for sure, right in inside))
    return total / len(labels)
