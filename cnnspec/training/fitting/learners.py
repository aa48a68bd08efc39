"""Who runs the steps of an epoch: Keras' own loop, in one process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

Look = Callable[[int, float], bool]
"""Told after every execution how many steps of the epoch are done and their mean loss; whether to stop there."""


class Learner(Protocol):
    """What trains a model for an epoch, and measures it."""

    def learn(self, batches: tf.data.Dataset, epoch: int, look: Look) -> Mapping[str, float]:
        """Take a step for each batch of an epoch, and return the mean loss and metrics."""

    def measure(self, batches: tf.data.Dataset) -> Mapping[str, float]:
        """Return the mean loss and metrics of a model that does not learn."""


class Alone:
    """Keras' own `fit` and `evaluate`."""

    def __init__(self, model: keras.Model) -> None:
        """Take a compiled model."""
        self._model = model

    def learn(self, batches: tf.data.Dataset, epoch: int, look: Look) -> Mapping[str, float]:
        """Take a step for each batch of an epoch, and return the mean loss and metrics."""
        found = self._model.fit(
            batches, initial_epoch=epoch, epochs=epoch + 1, verbose=0, shuffle=False, callbacks=[_watch(look)]
        )
        return {name: float(values[-1]) for name, values in found.history.items()}

    def measure(self, batches: tf.data.Dataset) -> Mapping[str, float]:
        """Return the mean loss and metrics of a model that does not learn."""
        found = self._model.evaluate(batches, verbose=0, return_dict=True)
        return {name: float(value) for name, value in found.items()}


def _watch(look: Look) -> Any:
    """Return the Keras callback that looks after every execution, which may be several steps."""
    import keras

    class Watch(keras.callbacks.Callback):  # type: ignore[misc] # keras has no types
        """Lets somebody look."""

        def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
            """Stop where it is told to."""
            self.model.stop_training = look(batch + 1, float((logs or {})["loss"]))

    return Watch()
