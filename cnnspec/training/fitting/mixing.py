"""Pairs of samples that are mixed (Zhang et al., mixup, 2018), as Keras' MixUp does it with a batch."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnspec.training.settings import Settings

STREAM: Final = 1
"""What tells these random numbers from those of order, shifts and mirrors."""


class Mixture(NamedTuple):
    """For every place of an epoch, the place in its batch that is mixed into it, and the share that remains."""

    other: NDArray[np.int64]
    share: NDArray[np.float32]


def draw_mixture(samples: int, settings: Settings, epoch: int) -> Mixture:
    """Return the random choices of an epoch; they depend on the seed and the epoch alone."""
    random = np.random.default_rng((settings.seed, epoch, STREAM))
    starts = range(0, samples, settings.batch_size)
    batches = [start + random.permutation(min(settings.batch_size, samples - start)) for start in starts]
    share = random.beta(settings.mixup, settings.mixup, samples)
    return Mixture(np.concatenate(batches), share.astype(np.float32))


def mixed(one: Any, other: Any, share: Any) -> Any:
    """Return the weighted sums of two tensors, each row with its share of the first one."""
    import tensorflow as tf

    share = tf.reshape(share, (-1, *[1] * (len(one.shape) - 1)))
    return share * one + (1.0 - share) * other
