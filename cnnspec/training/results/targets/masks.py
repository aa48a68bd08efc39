"""Masks: how much the region of each class and what is taken for it have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cnnspec.training.results.losses import both_classes, measure_loss
from cnnspec.training.results.scores import Counts, count, score_classes
from cnnspec.training.results.targets.measures import Measures, Quantity, known_mean, ratio

ACCURACY: Final = Quantity("accuracy", "Accuracy", is_share=True)
MEAN_IOU: Final = Quantity("mean_iou", "Mean IoU", is_share=True)
FACTS: Final = (ACCURACY, MEAN_IOU)
COLUMNS: Final = (
    Quantity("iou", "IoU", is_share=True),
    Quantity("precision", "Precision", is_share=True),
    Quantity("recall", "Recall", is_share=True),
    Quantity("f1", "F1", is_share=True),
    Quantity("pixels", "Pixels"),
)
Part = tuple[NDArray[Any], NDArray[Any]]
"""Outputs (N, …, K), and the class of every position (N, …)."""


def measure(parts: Iterable[Part], names: tuple[str, ...], loss: str, smoothing: float = 0.0) -> Measures:
    """Return the intersection over union of each class, over all positions of all samples, and their mean.

    F1 of positions is also called Dice. Classes that are neither there nor told have no IoU, and the mean leaves them
    out, as Keras' MeanIoU does.
    """
    confusion = np.zeros((len(names), len(names)), np.int64)
    samples, total, losses = 0, 0, []
    for outputs, targets in parts:
        rows, classes = outputs.reshape(-1, outputs.shape[-1]), targets.reshape(-1).astype(np.int64)
        confusion += count(classes, both_classes(rows).argmax(axis=1), len(names))
        samples, total = samples + len(targets), total + len(classes)
        value = measure_loss(loss, rows, classes, smoothing)
        losses.append(None if value is None else value * len(classes))
    mean = None if None in losses or not total else sum(value for value in losses if value is not None) / total
    shared = ious(confusion)
    rows_ = ((iou, *scores) for iou, scores in zip(shared, score_classes(confusion), strict=True))
    found = (ratio(int(confusion.trace()), total), known_mean(shared))
    facts = tuple(zip(FACTS, found, strict=True))
    return Measures(samples, mean, facts, COLUMNS, tuple(zip(names, rows_, strict=True)))


def ious(confusion: Counts) -> list[float | None]:
    """Return what a class and what is taken for it have in common, as a share of all that is either: TP/(TP + FP + FN).

    >>> ious(np.array([[3, 1], [0, 4]]))
    [0.75, 0.8]
    """
    right = confusion.diagonal()
    either = confusion.sum(axis=0) + confusion.sum(axis=1) - right
    return [ratio(hit, all_) for hit, all_ in zip(right.tolist(), either.tolist(), strict=True)]
