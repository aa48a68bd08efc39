"""Batch norms in one operation learn what Keras' own learn, and leave nothing behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

import cnnspec
from cnnspec.keras import build
from cnnspec.training.fitting.fused_norms import fuse_norms

NET: Final = (
    "input: 6x6x2\nlayers:\n  - conv: 3 3x3\n  - {norm}\n  - relu\n  - flatten\n  - dense: 4\n  - bn\n  - softmax\n"
)
NORMS: Final = (
    "bn",
    "bn: momentum=0.5 eps=0.01",
    "bn: noscale",
    "bn: nocenter",
    "{bn: momentum=0.9, trainable: false}",
    "bn: axis=1",
)

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("keras")]


def learned(keras: Any, model: Any, samples: int, steps: int = 3) -> list[Any]:
    """Return the weights of a model after some steps of SGD, and what it then gives."""
    random = np.random.default_rng(0)
    x, y = random.random((samples, 6, 6, 2), np.float32) * 3 - 1, random.integers(0, 4, samples)
    model.compile(keras.optimizers.SGD(0.5), "sparse_categorical_crossentropy", jit_compile=False)
    for _ in range(steps):
        model.train_on_batch(x, y)
    return [*model.get_weights(), model.predict(x, verbose=0)]


@pytest.mark.parametrize("norm", NORMS)
def test_fused_norms_learn_what_those_of_keras_do(keras: Any, norm: str) -> None:
    """The same weights, means and variances after three steps, whatever the arguments."""
    graph = cnnspec.loads(NET.format(norm=norm))
    plain, fused = build(graph), build(graph)
    fused.set_weights(plain.get_weights())
    fuse_norms(fused)
    assert ("call" in vars(fused.layers[2])) is (norm != "bn: axis=1")
    assert "call" not in vars(fused.layers[-2])  # of rows, not of images
    for theirs, ours in zip(learned(keras, plain, 16), learned(keras, fused, 16), strict=True):
        assert np.allclose(ours, theirs, rtol=0, atol=1e-5)


def test_a_fused_norm_is_saved_as_one_of_keras(keras: Any, tmp_path: Path) -> None:
    """The file is read without us, and its outputs are the same."""
    model = build(cnnspec.loads(NET.format(norm="bn")))
    fuse_norms(model)
    *_, outputs = learned(keras, model, 8)
    model.save(tmp_path / "net.keras")
    read = keras.models.load_model(tmp_path / "net.keras")
    assert type(read.layers[2]) is keras.layers.BatchNormalization
    x = np.random.default_rng(0).random((8, 6, 6, 2), np.float32) * 3 - 1
    assert np.allclose(read.predict(x, verbose=0), outputs, rtol=0, atol=1e-6)
