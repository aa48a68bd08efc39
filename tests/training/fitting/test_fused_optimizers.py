"""Optimizers in one operation learn what Keras' own learn, from the same variables, and are saved as Keras' own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

import cnnspec
from cnnspec.keras import build
from cnnspec.training.fitting.fused_optimizers import fuse_optimizer

NET: Final = "input: 6x6x2\nlayers:\n  - conv: 3 3x3\n  - relu\n  - flatten\n  - dense: 4\n  - softmax\n"
FUSED: Final = (
    ("Adam", {}),
    ("Adam", {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 0.01}),
    ("Adam", {"learning_rate": None}),  # a schedule
    ("Adam", {"clipnorm": 0.1}),
    ("AdamW", {"weight_decay": 0.1}),
    ("SGD", {"momentum": 0.9}),
    ("SGD", {"momentum": 0.9, "nesterov": True}),
)
COMPOSED: Final = (
    ("SGD", {}),
    ("Adam", {"amsgrad": True}),
    ("Nadam", {}),
    ("Adamax", {}),
    ("RMSprop", {"momentum": 0.9}),
    ("Lion", {}),
)

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("keras")]


def made(keras: Any, name: str, options: Mapping[str, Any]) -> Any:
    """Return an optimizer of Keras; a learning rate of None is one that falls."""
    if options.get("learning_rate", 0) is None:
        options = {"learning_rate": keras.optimizers.schedules.ExponentialDecay(0.05, 2, 0.5)}
    return getattr(keras.optimizers, name)(**({"learning_rate": 0.05} | dict(options)))


def trained(model: Any, optimizer: Any, steps: int = 5) -> list[Any]:
    """Return the weights, and the variables of the optimizer, after some steps."""
    random = np.random.default_rng(0)
    x, y = random.random((16, 6, 6, 2), np.float32) * 3 - 1, random.integers(0, 4, 16)
    model.compile(optimizer, "sparse_categorical_crossentropy", jit_compile=False)
    for _ in range(steps):
        model.train_on_batch(x, y)
    return [*model.get_weights(), *(np.asarray(variable) for variable in optimizer.variables)]


@pytest.mark.parametrize(("name", "options"), FUSED)
def test_fused_optimizers_learn_what_those_of_keras_do(keras: Any, name: str, options: Mapping[str, Any]) -> None:
    """The same weights and slots after five steps."""
    graph = cnnspec.loads(NET)
    plain, fused = build(graph), build(graph)
    fused.set_weights(plain.get_weights())
    start = plain.get_weights()[0]
    one, other = made(keras, name, options), made(keras, name, options)
    fuse_optimizer(other)
    assert "update_step" in vars(other)
    theirs, ours = trained(plain, one), trained(fused, other)
    assert np.abs(theirs[0] - start).max() > 0.001  # something was learned
    for their, our in zip(theirs, ours, strict=True):
        assert np.allclose(our, their, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("name", "options"), COMPOSED)
def test_other_optimizers_stay_as_they_are(keras: Any, name: str, options: Mapping[str, Any]) -> None:
    """No operation computes what they do."""
    optimizer = made(keras, name, options)
    fuse_optimizer(optimizer)
    assert "update_step" not in vars(optimizer)


def test_a_step_is_one_operation_for_each_weight(keras: Any) -> None:
    """Four weights are trained, so four operations; nothing of the dozen is left."""
    import tensorflow as tf

    model = build(cnnspec.loads(NET))
    optimizer = keras.optimizers.Adam()
    fuse_optimizer(optimizer)
    optimizer.build(model.trainable_variables)
    step = tf.function(lambda: optimizer.apply([tf.ones(v.shape) for v in model.trainable_variables]))
    types = [operation.type for operation in step.get_concrete_function().graph.get_operations()]
    assert types.count("ResourceApplyAdam") == 4
    assert "Sqrt" not in types


def test_a_fused_optimizer_is_saved_as_one_of_keras(keras: Any, tmp_path: Path) -> None:
    """The file is read without us, and goes on where it was."""
    model, optimizer = build(cnnspec.loads(NET)), keras.optimizers.Adam(0.05)
    fuse_optimizer(optimizer)
    *_, kept = trained(model, optimizer)
    model.save(tmp_path / "net.keras")
    read = keras.models.load_model(tmp_path / "net.keras")
    assert type(read.optimizer) is keras.optimizers.Adam
    assert np.allclose(np.asarray(read.optimizer.variables[-1]), kept)
    assert int(read.optimizer.iterations) == 5
