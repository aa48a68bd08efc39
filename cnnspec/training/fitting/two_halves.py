"""Two cores, two halves: each batch is computed as two, side by side, which sum up to the same gradient.

TensorFlow divides one operation between cores; on two of them, two operations at once lose less time waiting.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from cnnspec.ir.graph import Graph
from cnnspec.training.settings import Settings

if TYPE_CHECKING:
    import keras

CORES: Final = 2
SMALLEST: Final = 32
"""Batches below that are not worth dividing."""


def is_worth_halving(graph: Graph, settings: Settings, samples: int) -> bool:
    """Tell whether halves are faster and the same: on two cores without a GPU, if nothing mixes samples."""
    import tensorflow as tf

    return (
        cores() == CORES
        and settings.devices == 1
        and settings.jit != "on"
        and settings.batch_size >= SMALLEST
        and samples % settings.batch_size != 1
        and not tf.config.get_visible_devices("GPU")
        and not any(node.layer.mixes_samples for node in graph)
    )


def cores() -> int:
    """Return how many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def give_each_half_a_core() -> None:
    """Let TensorFlow run two operations at once, each on one core, unless it was told otherwise or runs already."""
    import tensorflow as tf

    threading = tf.config.threading
    if threading.get_inter_op_parallelism_threads() or threading.get_intra_op_parallelism_threads():
        return
    try:
        threading.set_inter_op_parallelism_threads(CORES)
        threading.set_intra_op_parallelism_threads(1)
    except RuntimeError:
        return


def halved(model: keras.Model) -> keras.Model:
    """Return a model with the same weights and outputs that computes a batch as two halves."""
    import keras
    import tensorflow as tf

    class Halved(keras.Model):  # type: ignore[misc] # keras has no types
        """Applies a model to each half of a batch."""

        def __init__(self) -> None:
            super().__init__(name=model.name)
            self.whole = model

        def call(self, x: Any, training: bool | None = None) -> Any:  # noqa: FBT001 - the signature of Keras
            """Return the outputs for the first half and, behind them, those for the second."""
            half = tf.shape(x)[0] // 2
            halves = (self.whole(part, training=training) for part in (x[:half], x[half:]))
            return tf.concat(tuple(halves), 0)

    return Halved()
