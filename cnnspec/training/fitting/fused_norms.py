"""Batch normalization in one operation: Keras composes it of a dozen, each of which goes through memory once.

It computes the same and learns the same; a model is saved, and tested, as Keras has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


def fuse_norms(model: keras.Model) -> None:
    """Let the batch norms of images in a model learn in TensorFlow's fused operation, on a processor in 32 bits."""
    import keras
    import tensorflow as tf

    if tf.config.get_visible_devices("GPU"):
        return  # what is compiled just in time is fused anyway
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization) and _is_of_images(layer):
            layer.call = _fused(layer)


def _is_of_images(layer: Any) -> bool:
    """Tell whether a layer normalizes the channels, which are last, of (N, H, W, C)."""
    spec = layer.input_spec
    return bool(
        spec is not None
        and spec.ndim == 4
        and [*spec.axes] in ([-1], [3])
        and not layer.synchronized
        and not layer.renorm
        and layer.compute_dtype == "float32"
    )


def _fused(layer: Any) -> Any:
    """Return what a layer calls instead of its own method: that one, but for learning."""
    import tensorflow as tf

    composed = layer.call

    def call(inputs: tf.Tensor, training: bool | None = None, mask: Any = None) -> Any:  # noqa: FBT001 - the signature of Keras
        if not (training and layer.trainable) or mask is not None:
            return composed(inputs, training=training, mask=mask)
        nothing, channels = tf.zeros((0,)), inputs.shape[-1:]
        found = tf.raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=layer.gamma.value if layer.scale else tf.ones(channels),
            offset=layer.beta.value if layer.center else tf.zeros(channels),
            mean=nothing,
            variance=nothing,
            epsilon=layer.epsilon,
            is_training=True,
        )
        each = tf.cast(tf.size(inputs) // tf.shape(inputs)[-1], tf.float32)
        biased = found.batch_variance * ((each - 1) / each)  # TensorFlow divides by n − 1, Keras by n
        for kept, new in ((layer.moving_mean, found.batch_mean), (layer.moving_variance, biased)):
            kept.assign(kept * layer.momentum + new * (1 - layer.momentum))
        return found.y

    return call
