"""Scores against numbers worked by hand, published ones, and laws that hold for all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cnnspec.training.results.losses import both_classes
from cnnspec.training.results.scores import (
    ClassScore,
    Mistake,
    Mixup,
    find_mistakes,
    find_mixups,
    score,
    top_accuracy,
)


def hot(predicted: list[int], classes: int) -> NDArray[Any]:
    """Return outputs that are sure of some classes."""
    return np.eye(classes)[predicted]


@st.composite
def samples(draw: st.DrawFn) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return probabilities of up to eight classes, with many equal ones, and labels."""
    count, classes = draw(st.integers(1, 30)), draw(st.integers(2, 8))
    weights = draw(
        st.lists(st.lists(st.integers(1, 4), min_size=classes, max_size=classes), min_size=count, max_size=count)
    )
    labels = draw(st.lists(st.integers(0, classes - 1), min_size=count, max_size=count))
    table = np.array(weights, dtype=np.float64)
    return table / table.sum(axis=1, keepdims=True), np.array(labels)


# Published numbers


def test_classification_report_of_scikit_learn() -> None:
    """The example in the documentation of sklearn.metrics.classification_report (scikit-learn 1.x).

    It shows 0.50 1.00 0.67 1, 0.00 0.00 0.00 1, 1.00 0.67 0.80 3, accuracy 0.60, macro avg 0.50 0.56 0.49.
    """
    found = score(hot([0, 0, 2, 2, 1], 3), np.array([0, 1, 2, 2, 2]))
    assert found.classes == (
        ClassScore(1 / 2, 1.0, 2 / 3, 1),
        ClassScore(0.0, 0.0, 0.0, 1),
        ClassScore(1.0, 2 / 3, 4 / 5, 3),
    )
    assert found.accuracy == pytest.approx(0.6)
    assert [round(value, 2) for value in found.macro if value is not None] == [0.50, 0.56, 0.49]


def test_confusion_matrix_of_scikit_learn() -> None:
    """The example in the documentation of sklearn.metrics.confusion_matrix (scikit-learn 1.x)."""
    found = score(hot([0, 0, 2, 2, 0, 2], 3), np.array([2, 0, 2, 2, 0, 1]))
    assert found.confusion.tolist() == [[2, 0, 0], [0, 0, 1], [1, 0, 2]]


def test_top_accuracy_of_scikit_learn() -> None:
    """The example in the documentation of sklearn.metrics.top_k_accuracy_score (scikit-learn 1.x): 0.75."""
    table = np.array([[0.5, 0.2, 0.2], [0.3, 0.4, 0.2], [0.2, 0.4, 0.3], [0.7, 0.2, 0.1]])
    assert top_accuracy(table, np.array([0, 1, 2, 2]), 2) == 0.75


def test_log_loss_of_scikit_learn() -> None:
    """The example in the documentation of sklearn.metrics.log_loss (scikit-learn 1.x): 0.21616."""
    table = np.array([[0.1, 0.9], [0.9, 0.1], [0.8, 0.2], [0.35, 0.65]])
    assert score(table, np.array([1, 0, 0, 1])).loss == pytest.approx(0.21616, abs=5e-6)


# Worked by hand


def test_scores_worked_by_hand() -> None:
    """Three cats, of which one is taken for a dog, and one dog: −(ln .9 + ln .6 + ln .2 + ln .7)/4 = 0.6456."""
    found = score(np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.3, 0.7]]), np.array([0, 0, 0, 1]))
    assert found.samples == 4
    assert found.accuracy == 0.75
    assert found.loss == pytest.approx(0.6456, abs=5e-5)
    assert found.confusion.tolist() == [[2, 1], [0, 1]]
    assert found.classes == (ClassScore(1.0, 2 / 3, 0.8, 3), ClassScore(0.5, 1.0, 2 / 3, 1))
    assert list(found.macro) == pytest.approx([0.75, 5 / 6, 11 / 15])
    assert found.top_5_accuracy is None


def test_one_sigmoid_unit_has_two_classes() -> None:
    """0.5 itself is not the second class; −(ln .9 + ln .4 + ln .5)/3 = 0.5716."""
    outputs = np.array([[0.1], [0.4], [0.5]])
    found = score(outputs, np.array([0, 1, 0]))
    assert found.confusion.tolist() == [[2, 0], [1, 0]]
    assert found.loss == pytest.approx(0.5716, abs=5e-5)
    assert both_classes(outputs).tolist() == [[0.9, 0.1], [0.6, 0.4], [0.5, 0.5]]


def test_undefined_is_none_and_not_zero() -> None:
    """Class 1 is there and never found, class 2 neither there nor said, class 3 said and not there."""
    found = score(hot([0, 0, 3], 4), np.array([0, 1, 0]))
    assert found.classes == (
        ClassScore(0.5, 0.5, 0.5, 2),
        ClassScore(None, 0.0, 0.0, 1),
        ClassScore(None, None, None, 0),
        ClassScore(0.0, None, 0.0, 0),
    )
    assert list(found.macro) == pytest.approx([0.25, 0.25, 1 / 6])


def test_nothing_to_score() -> None:
    """Without samples nothing is known."""
    found = score(np.zeros((0, 6)), np.zeros(0, dtype=np.int64))
    assert (found.samples, found.loss, found.accuracy, found.top_5_accuracy) == (0, None, None, None)
    assert found.macro == (None, None, None)
    assert found.confusion.sum() == 0


def test_top_five_of_six() -> None:
    """Of equal outputs the first come first: all six are equal, so the last class is the sixth."""
    found = score(np.full((2, 6), 1 / 6), np.array([4, 5]))
    assert found.top_5_accuracy == 0.5
    assert found.accuracy == 0.0


def test_outputs_that_are_no_probabilities_have_no_cross_entropy() -> None:
    """Accuracy does not need probabilities."""
    found = score(np.array([[3.0, -1.0]]), np.array([0]))
    assert (found.loss, found.accuracy) == (None, 1.0)


def test_an_impossible_class_costs_no_infinity() -> None:
    """A probability of 0 counts as 1e-7, as with Keras: −ln 1e-7 = 16.118."""
    assert score(np.array([[1.0, 0.0]]), np.array([1])).loss == pytest.approx(16.118, abs=5e-4)


def test_mistakes_are_sorted_by_confidence() -> None:
    """The surest first, of equally sure ones the first; what is right is none."""
    table = np.array([[0.6, 0.4], [0.9, 0.1], [0.6, 0.4], [0.8, 0.2]])
    found = find_mistakes(table, np.array([1, 1, 1, 0]))
    assert found == [Mistake(1, 1, 0, 0.9), Mistake(0, 1, 0, 0.6), Mistake(2, 1, 0, 0.6)]
    assert find_mistakes(table, np.array([1, 1, 1, 0]), most=1) == found[:1]


def test_mixups_are_sorted_by_frequency() -> None:
    """The diagonal is no mix-up, and what never happened neither."""
    assert find_mixups(np.array([[9, 1, 0], [3, 9, 0], [1, 0, 9]])) == [Mixup(1, 0, 3), Mixup(0, 1, 1), Mixup(2, 0, 1)]


# Laws


@given(samples())
def test_laws_of_the_confusion_matrix(given_samples: tuple[NDArray[Any], NDArray[Any]]) -> None:
    """Accuracy is trace by sum, supports are row sums, and each class's values follow from its row and column."""
    table, labels = given_samples
    found = score(table, labels)
    matrix = found.confusion
    assert found.accuracy == pytest.approx(matrix.trace() / matrix.sum())
    assert [entry.support for entry in found.classes] == matrix.sum(axis=1).tolist()
    assert matrix.sum() == len(labels) == found.samples
    for index, entry in enumerate(found.classes):
        assert (entry.precision is None) == (matrix[:, index].sum() == 0)
        assert (entry.recall is None) == (entry.support == 0)
        if entry.precision and entry.recall:
            harmonic = 2 * entry.precision * entry.recall / (entry.precision + entry.recall)
            assert entry.f1 == pytest.approx(harmonic)


@given(samples())
def test_laws_of_mistakes(given_samples: tuple[NDArray[Any], NDArray[Any]]) -> None:
    """There are as many mistakes as the accuracy says, and as the mix-ups add up to; they are sorted."""
    table, labels = given_samples
    found, mistakes = score(table, labels), find_mistakes(table, labels)
    assert len(mistakes) == len(labels) - found.confusion.trace()
    assert sum(mixup.times for mixup in find_mixups(found.confusion)) == len(mistakes)
    assert [entry.confidence for entry in mistakes] == sorted((entry.confidence for entry in mistakes), reverse=True)
    for entry in mistakes:
        assert labels[entry.sample] == entry.actual != entry.predicted == table[entry.sample].argmax()


@given(samples())
def test_laws_of_top_accuracy(given_samples: tuple[NDArray[Any], NDArray[Any]]) -> None:
    """The best one alone is the accuracy, more are never worse, and all classes are always enough."""
    table, labels = given_samples
    found = [top_accuracy(table, labels, k) or 0.0 for k in range(1, table.shape[1] + 1)]
    assert found[0] == pytest.approx(score(table, labels).accuracy)
    assert found == sorted(found)
    assert found[-1] == 1.0
