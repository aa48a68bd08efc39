"""Batches of one epoch: shuffled, varied and scaled, the same whenever seed and epoch are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnspec.language.train.augmentations import CROP, FLIP
from cnnspec.language.train.targets import MASK
from cnnspec.training.data.dataset import Samples
from cnnspec.training.data.inputs import parted
from cnnspec.training.fitting.class_weights import Weights, weigh
from cnnspec.training.fitting.mixing import draw_mixture, mixed
from cnnspec.training.fitting.targets import kept_targets, targets_for
from cnnspec.training.settings import Settings
from cnnspec.training.workers.shares import Share

if TYPE_CHECKING:
    import tensorflow as tf

Order = NDArray[np.int64]


class Draw(NamedTuple):
    """What chance decides for one epoch: the order of the samples, their shifts in pixels, and which are mirrored."""

    order: Order
    shift: NDArray[np.int32]
    mirrored: NDArray[np.bool_]


def draw(samples: int, shape: tuple[int, ...], settings: Settings, epoch: int) -> Draw:
    """Return the random choices of an epoch; they depend on the seed and the epoch alone."""
    random = np.random.default_rng((settings.seed, epoch))
    order = random.permutation(samples)
    axes = max(len(shape) - 1, 1)
    shift = np.zeros((samples, axes), np.int32)
    if CROP in settings.augment:
        margins = np.array(margins_of(shape), np.int32)
        shift = random.integers(0, 2 * margins + 1, (samples, axes), dtype=np.int32)
    mirrored = random.random(samples) < (0.5 if FLIP in settings.augment else 0.0)
    return Draw(order, shift, mirrored)


def margins_of(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return by how many pixels images are shifted at most: an eighth of their size, as 4 of CIFAR's 32 (He et al.)."""
    return tuple(max(size // 8, 1) for size in shape[:-1])


class Feed:
    """Samples in memory, ready to be cut into batches."""

    def __init__(
        self,
        samples: Samples,
        settings: Settings,
        classes: int,
        share: Share | None = None,
        weights: Weights | None = None,
        inputs: int = 1,
    ) -> None:
        """Hand the samples to TensorFlow once: pixels as they are, labels as the loss takes them.

        A batch enters a network with so many inputs. With a share, an epoch has this worker's samples of each batch,
        and the weight of their loss. With weights of classes, every sample of an epoch has its own.
        """
        import tensorflow as tf

        self.settings = settings
        self.share = share
        self.weights = weights
        self.inputs = inputs
        self.classes = classes
        self.shape = tuple(samples.x.shape[1:])
        self.count = len(samples)
        with tf.device("CPU:0"):
            self.x = tf.constant(samples.x)
            self.y = tf.constant(kept_targets(settings, samples.y, classes))

    def epoch(self, epoch: int) -> tf.data.Dataset:
        """Return the batches of a training epoch."""
        import tensorflow as tf

        size, chances = self.settings.batch_size, self._chances(epoch)
        if self.share is None:
            return self._batches(tf.data.Dataset.from_tensor_slices(chances), size, self._learned)
        own = self.share.places(self.count, size)
        chosen = tf.data.Dataset.from_tensor_slices(tuple(chance[own] for chance in chances))
        weights = tf.data.Dataset.from_tensor_slices(self.share.weights(self.count, size))
        return tf.data.Dataset.zip((self._batches(chosen, self.share.size(size), self._learned), weights))

    def in_order(self) -> tf.data.Dataset:
        """Return batches of the samples as they are, for measuring."""
        import tensorflow as tf

        indices = np.arange(self.count, dtype=np.int64)
        if self.share is not None:
            indices = indices[self.share.part(self.count)]
        return self._batches(tf.data.Dataset.from_tensor_slices((indices,)), self.settings.batch_size, self._measured)

    def _chances(self, epoch: int) -> tuple[NDArray[Any], ...]:
        """Return what chance decides for each place of an epoch: for its sample, and for the one mixed into it."""
        chance = draw(self.count, self.shape, self.settings, epoch)
        if not self.settings.mixup:
            return tuple(chance)
        mixture = draw_mixture(self.count, self.settings, epoch)
        return (*chance, *(choice[mixture.other] for choice in chance), mixture.share)

    def _learned(self, *chances: tf.Tensor) -> tuple[tf.Tensor, ...]:
        x, y = self._varied(*chances[:3])
        if len(chances) > 3:
            other, labels = self._varied(*chances[3:6])
            x, y = mixed(x, other, chances[6]), mixed(y, labels, chances[6])
        x = parted(x, self.inputs)
        return (x, y) if self.weights is None else (x, y, weigh(self.weights, y))

    def _varied(self, order: tf.Tensor, shift: tf.Tensor, mirrored: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        x = tf.gather(self.x, order)
        if self.settings.augment:
            x = vary(x, shift, mirrored, self.settings.augment)
        y = targets_for(self.settings, tf.gather(self.y, order), self.classes)
        if self.settings.augment and self.settings.sort == MASK:
            y = vary(y, shift, mirrored, self.settings.augment, has_channels=y.dtype.is_floating)
        return self._scaled(x), y

    def _measured(self, order: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        y = targets_for(self.settings, tf.gather(self.y, order), self.classes)
        return parted(self._scaled(tf.gather(self.x, order)), self.inputs), y

    def _scaled(self, x: tf.Tensor) -> tf.Tensor:
        import tensorflow as tf

        return tf.cast(x, tf.float32) * tf.constant(self.settings.scale, tf.float32)

    @staticmethod
    def _batches(chosen: tf.data.Dataset, size: int, batch: Callable[..., Any]) -> tf.data.Dataset:
        import tensorflow as tf

        options = tf.data.Options()
        options.deterministic = True
        options.autotune.enabled = False  # its thread is waited for at the end of an epoch, for seconds
        options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
        batches = chosen.batch(size).map(batch, num_parallel_calls=1)
        return batches.prefetch(2).with_options(options)


def vary(
    x: tf.Tensor, shift: tf.Tensor, mirrored: tf.Tensor, how: tuple[str, ...], *, has_channels: bool = True
) -> tf.Tensor:
    """Return images (N, H, W, C) shifted within a margin of zeros and mirrored left to right."""
    import tensorflow as tf

    if not has_channels:
        return vary(x[..., None], shift, mirrored, how)[..., 0]
    if FLIP in how:
        x = tf.where(tf.reshape(mirrored, (-1, *[1] * (len(x.shape) - 1))), tf.reverse(x, [len(x.shape) - 2]), x)
    if CROP in how:
        sizes = x.shape[1:-1]
        margins = margins_of(tuple(x.shape[1:]))
        x = tf.pad(x, [(0, 0), *((margin, margin) for margin in margins), (0, 0)])
        for axis, size in enumerate(sizes):
            places = shift[:, axis, None] + tf.range(size)
            x = _take(x, places, axis + 1)
    return x


def _take(x: tf.Tensor, places: tf.Tensor, axis: int) -> tf.Tensor:
    """Return for every image the rows at its own places along an axis."""
    import tensorflow as tf

    front = [0, axis, *(other for other in range(1, len(x.shape)) if other != axis)]
    back = [front.index(axis) for axis in range(len(front))]
    return tf.transpose(tf.gather(tf.transpose(x, front), places, batch_dims=1), back)
