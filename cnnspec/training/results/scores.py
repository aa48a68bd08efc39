"""What a network's outputs are worth: loss, accuracy, the confusion matrix and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnspec.language.train.losses import CROSS_ENTROPY
from cnnspec.language.train.metrics import TOP
from cnnspec.training.results.losses import Floats, both_classes, measure_loss

Counts = NDArray[np.int64]


class ClassScore(NamedTuple):
    """How well one class is known; None where nothing was said of it, or nothing of it was there.

    `precision` is the share of what was taken for the class that is of it, `recall` the share of the class that was
    found, `f1` their harmonic mean 2·TP/(2·TP + FP + FN): 0 for a class that is there and never found.
    """

    precision: float | None
    recall: float | None
    f1: float | None
    support: int


class Macro(NamedTuple):
    """The means over those classes for which a value is known."""

    precision: float | None
    recall: float | None
    f1: float | None


class Mistake(NamedTuple):
    """One sample that was taken for another class, and how sure the network was of that."""

    sample: int
    actual: int
    predicted: int
    confidence: float


class Mixup(NamedTuple):
    """How often samples of one class were taken for another."""

    actual: int
    predicted: int
    times: int


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """The scores of a network on labelled samples; None where they are undefined."""

    samples: int
    loss: float | None
    accuracy: float | None
    top_5_accuracy: float | None
    confusion: Counts
    classes: tuple[ClassScore, ...]
    macro: Macro


def score(outputs: NDArray[Any], labels: NDArray[Any], loss: str = CROSS_ENTROPY, smoothing: float = 0.0) -> Scores:
    """Return the scores of outputs (N, K), or (N, 1) of one sigmoid unit, against the numbers of the classes.

    The outputs are probabilities, or at least largest for the class that a sample is taken for.
    """
    table = both_classes(outputs)
    actual, predicted = np.asarray(labels, dtype=np.int64), table.argmax(axis=1)
    confusion = count(actual, predicted, table.shape[1])
    classes = score_classes(confusion)
    return Scores(
        samples=len(actual),
        loss=measure_loss(loss, outputs, actual, smoothing),
        accuracy=_mean(predicted == actual),
        top_5_accuracy=top_accuracy(table, actual) if table.shape[1] > TOP else None,
        confusion=confusion,
        classes=classes,
        macro=average(classes),
    )


def count(actual: NDArray[Any], predicted: NDArray[Any], classes: int) -> Counts:
    """Return the confusion matrix: rows are the true classes, columns what they were taken for."""
    flat = np.bincount(actual * classes + predicted, minlength=classes * classes)
    return flat.reshape(classes, classes).astype(np.int64)


def top_accuracy(table: Floats, actual: NDArray[Any], k: int = TOP) -> float | None:
    """Return the share of samples whose class is among the k most probable; of equal ones the first come first."""
    best = np.argsort(-table, axis=1, kind="stable")[:, :k]
    return _mean((best == actual[:, None]).any(axis=1))


def score_classes(confusion: Counts) -> tuple[ClassScore, ...]:
    """Return the scores of each class of a confusion matrix."""
    right = confusion.diagonal().tolist()
    said = confusion.sum(axis=0).tolist()
    there = confusion.sum(axis=1).tolist()
    return tuple(
        ClassScore(_ratio(hits, calls), _ratio(hits, support), _ratio(2 * hits, calls + support), support)
        for hits, calls, support in zip(right, said, there, strict=True)
    )


def average(classes: tuple[ClassScore, ...]) -> Macro:
    """Return the means of the classes' known values."""
    precisions, recalls, f1s, _ = zip(*classes, strict=True)
    return Macro(_known_mean(precisions), _known_mean(recalls), _known_mean(f1s))


def find_mistakes(outputs: NDArray[Any], labels: NDArray[Any], most: int | None = None) -> list[Mistake]:
    """Return the samples taken for another class, the most confident first; of equally confident ones the first."""
    table = both_classes(outputs)
    predicted = table.argmax(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    confidence = table[wrong, predicted[wrong]]
    order = np.argsort(-confidence, kind="stable")[:most]
    return [
        Mistake(int(wrong[i]), int(labels[wrong[i]]), int(predicted[wrong[i]]), float(confidence[i])) for i in order
    ]


def find_mixups(confusion: Counts, most: int | None = None) -> list[Mixup]:
    """Return which classes were taken for which others, the most frequent first."""
    wrong = confusion.copy()
    np.fill_diagonal(wrong, 0)
    rows, columns = np.nonzero(wrong)
    order = np.argsort(-wrong[rows, columns], kind="stable")[:most]
    return [Mixup(int(rows[i]), int(columns[i]), int(wrong[rows[i], columns[i]])) for i in order]


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(values: NDArray[Any]) -> float | None:
    return float(values.mean()) if len(values) else None


def _known_mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
