"""Optimizers in one operation for each weight: Keras composes them of a dozen, each of which goes through memory once.

They compute the same, from the same variables; a model is saved as Keras has it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import tensorflow as tf

Step = Callable[[Any, int, Any, Any, Any], Any]
"""Changes a weight: takes the optimizer, the number of the weight, the weight, its gradient and the learning rate."""


def fuse_optimizer(optimizer: Any) -> None:
    """Let an optimizer that has such an operation take its steps in it, on a processor; any other stays as it is."""
    import tensorflow as tf

    step = _step_of(optimizer)
    if step is None or tf.config.get_visible_devices("GPU"):
        return  # what is compiled just in time is fused anyway
    composed = optimizer.update_step

    def update_step(gradient: Any, variable: tf.Variable, learning_rate: Any) -> None:
        if isinstance(gradient, tf.IndexedSlices) or not gradient.dtype == variable.dtype == tf.float32:
            composed(gradient, variable, learning_rate)
            return
        number = optimizer._get_variable_index(variable)  # noqa: SLF001 - as all of Keras' own optimizers call it
        step(optimizer, number, variable, gradient, tf.cast(learning_rate, tf.float32))

    optimizer.update_step = update_step


def _step_of(optimizer: Any) -> Step | None:
    import keras

    if isinstance(optimizer, keras.optimizers.Adam) and not optimizer.amsgrad:  # AdamW is one: it decays beforehand
        return _adam
    if type(optimizer) is keras.optimizers.SGD and optimizer.momentum:
        return _momentum
    return None


def _adam(optimizer: Any, number: int, variable: tf.Variable, gradient: tf.Tensor, rate: tf.Tensor) -> None:
    import tensorflow as tf

    done = tf.cast(optimizer.iterations.value + 1, tf.float32)
    tf.raw_ops.ResourceApplyAdam(
        var=variable.handle,
        m=optimizer._momentums[number].value.handle,  # noqa: SLF001 - Keras has no other name for them
        v=optimizer._velocities[number].value.handle,  # noqa: SLF001 - as above
        beta1_power=tf.pow(optimizer.beta_1, done),
        beta2_power=tf.pow(optimizer.beta_2, done),
        lr=rate,
        beta1=optimizer.beta_1,
        beta2=optimizer.beta_2,
        epsilon=optimizer.epsilon,
        grad=gradient,
    )


def _momentum(optimizer: Any, number: int, variable: tf.Variable, gradient: tf.Tensor, rate: tf.Tensor) -> None:
    import tensorflow as tf

    tf.raw_ops.ResourceApplyKerasMomentum(
        var=variable.handle,
        accum=optimizer.momentums[number].value.handle,
        lr=rate,
        grad=gradient,
        momentum=optimizer.momentum,
        use_nesterov=optimizer.nesterov,
    )
