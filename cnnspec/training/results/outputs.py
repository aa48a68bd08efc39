"""What a trained model makes of images, a part of them at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from cnnspec.errors import CnnspecError
from cnnspec.language.train.losses import LOSSES
from cnnspec.layers.activations import Outputs
from cnnspec.training.data.inputs import parted
from cnnspec.training.settings import Settings

if TYPE_CHECKING:
    import keras

PART: Final = 1 << 26
"""Bytes of scaled pixels that are in memory at once."""


def compute_outputs(model: keras.Model, images: NDArray[Any], scale: float, batch_size: int) -> NDArray[np.float64]:
    """Return the outputs (N, …, K) of a model for images whose pixels are not scaled yet.

    Raises CnnspecError where an output is no finite number.
    """
    step = max(1, PART // max(1, 4 * images[:1].size) // batch_size) * batch_size
    parts = [
        np.asarray(
            model.predict(
                parted(scaled(images[start : start + step], scale), len(model.inputs)), batch_size=batch_size, verbose=0
            ),
            np.float64,
        )
        for start in range(0, len(images), step)
    ]
    outputs = np.concatenate(parts) if parts else np.zeros((0, *model.output_shape[1:]))
    _demand_numbers(outputs)
    return outputs


def as_told(settings: Settings, outputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what outputs say: of logits, which the loss has turned into probabilities, these probabilities."""
    if not settings.from_logits:
        return outputs
    if LOSSES[settings.loss].outputs is Outputs.PROBABILITIES:
        shares: NDArray[np.float64] = 1 / (1 + np.exp(-outputs.clip(-500, 500)))
        return shares
    powers: NDArray[np.float64] = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
    powers /= powers.sum(axis=-1, keepdims=True)
    return powers


def scaled(images: NDArray[Any], scale: float) -> NDArray[np.float32]:
    """Return images as the network takes them."""
    return images.astype(np.float32) * np.float32(scale)


def _demand_numbers(outputs: NDArray[np.float64]) -> None:
    wrong = int((~np.isfinite(outputs)).any(axis=tuple(range(1, outputs.ndim))).sum())
    if wrong:
        message = f"the network's outputs for {wrong:,} of {len(outputs):,} images are no finite numbers"
        step = "train it with a smaller learning rate, or take `--checkpoint best`"
        raise CnnspecError.one("E527", message, help=step)
