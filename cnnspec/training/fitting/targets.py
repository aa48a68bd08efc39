"""Targets in the form that a loss takes: as they are kept in memory, and as a batch has them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnspec.language.train.losses import LOSSES
from cnnspec.language.train.targets import CLASS, MASK
from cnnspec.training.settings import Settings


def kept_targets(settings: Settings, y: NDArray[Any], units: int) -> NDArray[np.generic]:
    """Return targets as they are kept: classes in the form of the loss, masks as they are, for they are large."""
    if settings.sort == CLASS:
        return labels_for(settings.loss, y, units)
    return y if settings.sort == MASK else y.astype(np.float32)


def labels_for(loss: str, y: NDArray[np.int64], classes: int) -> NDArray[np.generic]:
    """Return class numbers in the form that a loss takes: numbers, or a one per row among zeros."""
    if LOSSES[loss].sparse:
        return y.astype(np.int32)
    if classes == 1:
        return y.astype(np.float32)[:, None]
    return np.eye(classes, dtype=np.float32)[y]


def targets_for(settings: Settings, y: Any, units: int) -> Any:
    """Return a batch of targets that are kept, as tensors in the form that the loss takes."""
    import tensorflow as tf

    if settings.sort != MASK:
        return y
    if LOSSES[settings.loss].sparse:
        return tf.cast(y, tf.int32)
    return tf.cast(y, tf.float32)[..., None] if units == 1 else tf.one_hot(y, units)
