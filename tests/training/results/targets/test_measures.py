"""Scores of numbers, labels and masks: by hand, and as Keras measures them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnspec.training.results.targets import labels, masks, numbers
from cnnspec.training.results.targets.report import in_a_line


def test_numbers_by_hand() -> None:
    """Errors 1, −1, 2 of one output; the other is a constant, whose R² is undefined.

    The first one's targets 0, 2, 4 have squares 4 + 0 + 4 around their mean, its errors 1 + 1 + 4: R² = 1 − 6/8.
    """
    targets, outputs = np.array([[0, 5], [2, 5], [4, 5]]), np.array([[1, 5], [1, 5], [6, 4.0]])
    found = numbers.measure(outputs, targets, ("a", "b"), "mean_squared_error")
    assert found.loss == pytest.approx(7 / 6)
    assert found.fact("mean_absolute_error") == pytest.approx(5 / 6)
    assert found.fact("root_mean_squared_error") == pytest.approx((7 / 6) ** 0.5)
    assert found.fact("r2") == pytest.approx(0.25)
    (first, one), (second, other) = found.rows
    assert (first, second) == ("a", "b")
    assert one == pytest.approx((4 / 3, 2**0.5, 0.25))
    assert other == (pytest.approx(1 / 3), pytest.approx(3**-0.5), None)
    assert in_a_line(found) == "loss 1.1667, MAE 0.8333, RMSE 1.08, R² 0.25"


def test_labels_by_hand() -> None:
    """An output of exactly 1/2 says nothing, as in Keras; the second label is nowhere and never said."""
    targets = np.array([[1, 0], [1, 0], [0, 0], [0, 0]])
    outputs = np.array([[0.9, 0.1], [0.5, 0.1], [0.8, 0.2], [0.2, 0.3]])
    found = labels.measure(outputs, targets, ("cat", "dog"), "binary_crossentropy")
    assert found.fact("accuracy") == 6 / 8
    assert found.fact("exact") == 2 / 4
    assert found.rows == (("cat", (0.5, 0.5, 0.5, 0.5, 2)), ("dog", (1.0, None, None, None, 0)))
    assert found.fact("f1") == 0.5


def test_masks_by_hand() -> None:
    """Of 4 pixels of the class 1, 3 are found, and 1 of the class 0 is taken for it; the class 2 is nowhere."""
    targets = np.array([[[0, 0, 1, 1]], [[0, 0, 1, 1]]])
    taken = np.array([[[0, 1, 1, 1]], [[0, 0, 1, 0]]])
    parts = [(np.eye(3)[taken[:1]], targets[:1]), (np.eye(3)[taken[1:]], targets[1:])]
    found = masks.measure(parts, ("0", "1", "2"), "mean_squared_error")
    assert found.samples == 2
    assert found.fact("accuracy") == 6 / 8
    assert found.fact("mean_iou") == pytest.approx(3 / 5)
    assert [(name, row[0], row[-1]) for name, row in found.rows] == [("0", 0.6, 4), ("1", 0.6, 4), ("2", None, 0)]
    assert found.rows[1][1] == (0.6, 0.75, 0.75, 0.75, 4)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60))
def test_iou_is_that_of_sets(pixels: list[tuple[int, int]]) -> None:
    """Of the pixels that are of a class, and those that are taken for it."""
    found = np.zeros((4, 4), np.int64)
    np.add.at(found, tuple(np.array(pixels).T), 1)
    for number, share in enumerate(masks.ious(found)):
        there, taken = ({at for at, pair in enumerate(pixels) if pair[side] == number} for side in (0, 1))
        assert share == (len(there & taken) / len(there | taken) if there | taken else None)


def test_one_unit_tells_two_classes() -> None:
    """What is above 1/2 is the second one."""
    outputs = np.array([[[[0.9], [0.1]], [[0.4], [0.8]]]])
    found = masks.measure([(outputs, np.array([[[1, 0], [1, 1]]]))], ("0", "1"), "binary_crossentropy")
    assert [row[0] for _, row in found.rows] == [0.5, pytest.approx(2 / 3)]
    assert found.loss == pytest.approx(-np.log([0.9, 0.9, 0.4, 0.8]).mean())


@pytest.mark.keras
def test_scores_are_those_of_keras(keras: Any) -> None:
    """Of random outputs."""
    random = np.random.default_rng(0)
    outputs, targets = random.normal(size=(2, 40, 3))
    measured = numbers.measure(outputs, targets, tuple("abc"), "mean_absolute_error")
    for key, metric in (
        ("mean_absolute_error", keras.metrics.MeanAbsoluteError()),
        ("root_mean_squared_error", keras.metrics.RootMeanSquaredError()),
        ("r2", keras.metrics.R2Score()),
    ):
        metric.update_state(targets, outputs)
        assert measured.fact(key) == pytest.approx(float(metric.result()), rel=1e-5)
    chances, said = random.random((40, 3)), random.integers(0, 2, (40, 3))
    measured = labels.measure(chances, said, tuple("abc"), "binary_crossentropy", 0.2)
    f1, accuracy = keras.metrics.F1Score(threshold=0.5), keras.metrics.BinaryAccuracy()
    for metric in (f1, accuracy):
        metric.update_state(said, chances)
    assert [row[3] for _, row in measured.rows] == pytest.approx(np.array(f1.result()).tolist(), rel=1e-5)
    assert measured.fact("accuracy") == pytest.approx(float(accuracy.result()))
    loss = keras.losses.BinaryCrossentropy(label_smoothing=0.2)
    assert measured.loss == pytest.approx(float(loss(said.astype(np.float32), chances)), rel=1e-5)
    shares, classes = random.dirichlet(np.ones(4), (5, 6, 6)), random.integers(0, 4, (5, 6, 6))
    measured = masks.measure([(shares, classes)], tuple("abcd"), "sparse_categorical_crossentropy")
    iou = keras.metrics.MeanIoU(4, sparse_y_pred=False)
    iou.update_state(classes, shares)
    assert measured.fact("mean_iou") == pytest.approx(float(iou.result()), rel=1e-5)
    loss = keras.losses.SparseCategoricalCrossentropy()
    assert measured.loss == pytest.approx(float(loss(classes, shares)), rel=1e-5)
