"""How much each class counts in the loss: as in Keras' `class_weight`, a factor of the loss of every sample."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnspec.language.train.class_weights import BALANCED, by_class
from cnnspec.training.data.dataset import Labels
from cnnspec.training.settings import Settings

Weights = tuple[float, ...]


def class_weights(settings: Settings, classes: tuple[str, ...], labels: Labels) -> Weights | None:
    """Return the weight of each class for the labels that are learned from, None where all count alike.

    Balanced weights are n/(K·n_c), as scikit-learn computes them; a class without a sample has nothing to weigh.
    """
    if not settings.class_weight:
        return None
    if settings.class_weight == (BALANCED,):
        counts = np.bincount(labels.ravel(), minlength=len(classes))
        return tuple(labels.size / (np.count_nonzero(counts) * count) if count else 1.0 for count in counts.tolist())
    given = by_class(settings.class_weight)
    return tuple(given.get(name, given.get(str(number), 1.0)) for number, name in enumerate(classes))


def unknown_classes(settings: Settings, classes: tuple[str, ...]) -> list[str]:
    """Return the classes with weights that are neither names nor numbers of classes."""
    if settings.class_weight in ((), (BALANCED,)):
        return []
    known = {*classes, *map(str, range(len(classes)))}
    return [name for name in by_class(settings.class_weight) if name not in known]


def weigh(weights: Weights, y: Any) -> Any:
    """Return the weight of each of the labels as losses take them; of a row, the class is where most of it is."""
    import tensorflow as tf

    if y.dtype.is_floating:
        y = tf.cast(tf.round(y[..., 0]), tf.int32) if y.shape[-1] == 1 else tf.argmax(y, -1)
    return tf.gather(tf.constant(weights, tf.float32), y)
