"""Parts of a batch, computed side by side: the gradient is the same sum, and cores wait less for each other.

TensorFlow divides one operation between cores; several operations at once lose less time waiting.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from cnnspec.ir.graph import Graph
from cnnspec.language.train.threads import parts_of
from cnnspec.training.fitting.threads import cores
from cnnspec.training.settings import Settings

if TYPE_CHECKING:
    import keras

SMALLEST: Final = 16
"""Parts below that are not worth computing alone."""
LONG: Final = 2e12
"""Multiply-accumulates of a training of about a minute on a core or two; below that nothing is won by measuring."""


def divisions(graph: Graph, settings: Settings, samples: int, macs: int) -> tuple[int, ...]:
    """Return into how many parts a batch may be divided, to be tried in this order; a single one needs no trial."""
    if settings.threads:
        return (parts_of(settings.threads),)
    if settings.deterministic or 3 * macs * samples * settings.epochs < LONG or not can_be_divided(graph, settings):
        return (1,)
    rest = samples % settings.batch_size
    doubled = (1 << power for power in range(cores().bit_length()))
    fitting = (parts for parts in doubled if parts * SMALLEST <= settings.batch_size and (not rest or rest >= parts))
    return tuple(fitting) or (1,)


def can_be_divided(graph: Graph, settings: Settings) -> bool:
    """Tell whether parts of a batch give what the whole does, on the cores of one processor."""
    import tensorflow as tf

    return (
        settings.devices == 1
        and settings.jit != "on"
        and not tf.config.get_visible_devices("GPU")
        and not any(node.layer.mixes_samples for node in graph)
    )


def divided(model: keras.Model, parts: int) -> Any:
    """Return a model with the same weights and outputs that computes a batch as so many parts; `parts` may be set."""
    import keras
    import tensorflow as tf

    class Divided(keras.Model):  # type: ignore[misc] # keras has no types
        """Applies a model to each part of a batch."""

        def __init__(self) -> None:
            super().__init__(name=model.name)
            self.whole = model
            self.parts = parts

        def call(self, x: Any, training: bool | None = None) -> Any:  # noqa: FBT001 - the signature of Keras
            """Return the outputs of all parts, one behind the other."""
            if self.parts == 1:
                return self.whole(x, training=training)
            count = tf.shape(tf.nest.flatten(x)[0])[0]
            ends = [count * number // self.parts for number in range(self.parts + 1)]
            outputs = [self.whole(_rows(x, start, end), training=training) for start, end in pairwise(ends)]
            return tf.concat(outputs, 0)

    return Divided()


def _rows(x: Any, start: Any, end: Any) -> Any:
    """Return some samples of a batch, of all inputs."""
    import tensorflow as tf

    return tf.nest.map_structure(lambda each: each[start:end], x)
