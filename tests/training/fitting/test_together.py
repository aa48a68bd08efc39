"""Why the steps of several workers stand in a loop of their own, and what that loop changes of a model."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack, closing
from socket import create_server
from types import SimpleNamespace
from typing import Any, Final

import pytest

import cnnspec
from cnnspec.errors import CnnspecError

FIT: Final = """
import os, sys

os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import tensorflow as tf

index, *ports = map(int, sys.argv[1:])
cluster = tf.train.ClusterSpec({"worker": [f"127.0.0.1:{port}" for port in ports]})
resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
    cluster, task_type="worker", task_id=index, rpc_layer="grpc"
)
strategy = tf.distribute.MultiWorkerMirroredStrategy(cluster_resolver=resolver)
with strategy.scope():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    model.compile("sgd", "mse")
options = tf.data.Options()
options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
x, y = tf.ones((8, 4)), tf.ones((8, 2))
model.fit(tf.data.Dataset.from_tensor_slices((x, y)).batch(4).with_options(options), verbose=0)
print("fitted", flush=True)
"""


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
@pytest.mark.xfail(strict=True, reason="Keras' fit fails with MultiWorkerMirroredStrategy (keras-team/keras#20585)")
def test_keras_fit_trains_with_several_workers() -> None:
    """The day it does, the loop in `fitting/together.py` can go."""
    with ExitStack() as stack:
        ports = [stack.enter_context(closing(create_server(("127.0.0.1", 0)))).getsockname()[1] for _ in range(2)]
    words = [str(port) for port in ports]
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", FIT, str(index), *words],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for index in range(2)
    ]
    try:
        outputs = [process.communicate(timeout=120)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    assert outputs == ["fitted\n", "fitted\n"]


@pytest.mark.keras
def test_one_worker_learns_as_keras_does(keras: Any) -> None:
    """Its steps, means and sums, without graphs of TensorFlow, are those of `fit` and `evaluate`."""
    import numpy as np
    import tensorflow as tf

    from cnnspec.keras import build
    from cnnspec.training.fitting.interruption import Interruption
    from cnnspec.training.fitting.together import Together

    graph = cnnspec.loads("input: 6x6x1\nlayers:\n  - conv: 2 3x3 bn relu\n  - gap\n  - dense: 3 softmax\n")
    chance = np.random.default_rng(7)
    x, y = chance.random((10, 6, 6, 1), np.float32), chance.integers(0, 3, 10)
    batches = tf.data.Dataset.from_tensor_slices((x, y)).batch(4)
    weighted = batches.map(lambda *batch: (batch, 1.0))
    ours, theirs = build(graph), build(graph)
    theirs.set_weights(ours.get_weights())
    for model in (ours, theirs):
        model.compile(keras.optimizers.SGD(0.1, 0.9), "sparse_categorical_crossentropy", metrics=["accuracy"])
    tf.config.run_functions_eagerly(True)
    try:
        interruption = Interruption(pytest.fail)
        crew = SimpleNamespace(is_chief=True, cluster=SimpleNamespace(size=1))
        together = Together(ours, crew, interruption, steps=2)
        looks: list[int] = []
        learned = together.learn(weighted, 1, lambda done, _: looks.append(done))
        measured = together.measure(batches)
        before = ours.get_weights()
        together.follow_chief(ours.weights)
        together.follow_chief([*ours.weights, *ours.optimizer.variables])
    finally:
        tf.config.run_functions_eagerly(False)
    history = theirs.fit(batches, shuffle=False, verbose=0).history
    assert looks == [2, 3]
    assert learned == pytest.approx({name: values[0] for name, values in history.items()}, rel=1e-5)
    assert measured == pytest.approx(theirs.evaluate(batches, verbose=0, return_dict=True), rel=1e-5)
    for own, other, after in zip(before, theirs.get_weights(), ours.get_weights(), strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-4, atol=1e-6)
        np.testing.assert_array_equal(own, after)
    assert not interruption.asked
    assert isinstance(ours, keras.Model)


@pytest.mark.keras
def test_batch_norms_are_common_while_training_and_ordinary_in_files(keras: Any) -> None:
    """Also one that works at every step of a sequence; what is saved is what one process saves."""
    from cnnspec.keras import build
    from cnnspec.training.fitting.together import make_common, ordinary

    graph = cnnspec.loads("input: 3x8x8x1\nlayers:\n  - each: [conv: 2 3x3 bn]\n  - bn\n  - flatten\n  - dense: 2\n")
    model = build(graph)
    make_common(model, graph)
    inner = [getattr(layer, "layer", layer) for layer in model.layers]
    norms = [layer for layer in inner if isinstance(layer, keras.layers.BatchNormalization)]
    assert [layer.synchronized for layer in norms] == [True, True]
    with ordinary(model):
        assert [layer.synchronized for layer in norms] == [False, False]
        assert '"synchronized": true' not in model.to_json()
    assert [layer.synchronized for layer in norms] == [True, True]


@pytest.mark.keras
def test_a_layer_that_sees_one_part_of_the_batch_only_is_refused(keras: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that Keras cannot synchronise."""
    from cnnspec.keras import build
    from cnnspec.training.fitting.together import make_common

    graph = cnnspec.loads("input: 8x8x1\nlayers:\n  - conv: 2 3x3\n  - flatten\n  - dense: 2\n")
    model = build(graph)
    monkeypatch.setattr(type(graph["conv1"].layer), "mixes_samples", True)
    with pytest.raises(
        CnnspecError, match="`conv1` looks at the whole batch, and Keras' Conv2D sees one worker's part"
    ):
        make_common(model, graph)
    assert isinstance(model, keras.Model)
