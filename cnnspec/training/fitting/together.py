"""Steps that several workers take together: each computes its share of a batch, and their gradients are summed.

Keras' `fit` does not run with TensorFlow's MultiWorkerMirroredStrategy: `tests/training/fitting/test_together.py` tells
the day it does. Until then the loop stands here, made of Keras' public methods.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cnnspec.errors import CnnspecError
from cnnspec.ir.graph import Graph
from cnnspec.keras.naming import layer_names
from cnnspec.training.fitting.interruption import Interruption
from cnnspec.training.fitting.learners import Look
from cnnspec.training.workers.crew import Crew

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


JOINING: Final = 25
"""Seconds in which workers that have met find each other again in TensorFlow."""


def join(crew: Crew) -> Any:
    """Return the strategy of workers that have met; its variables and sums are common to all of them."""
    import tensorflow as tf

    addresses = [str(address) for address in crew.cluster.addresses]
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec({"worker": addresses}), task_type="worker", task_id=crew.cluster.index, rpc_layer="grpc"
    )
    crew.assemble()
    _limit_waiting(crew.cluster.size)
    crew.free_port()
    with crew.joining():
        return tf.distribute.MultiWorkerMirroredStrategy(cluster_resolver=resolver)


def _limit_waiting(workers: int) -> None:
    """Let TensorFlow wait for the chief for less than a minute, not an hour, and then raise an error.

    It has no public function for that; where a version has another private one, it waits as long as it may.
    """
    with suppress(ImportError, AttributeError, TypeError):
        from tensorflow.compiler.xla.tsl.protobuf import coordination_config_pb2 as configuration
        from tensorflow.python.eager import context

        context.context().configure_coordination_service(
            service_type="standalone",
            service_leader="/job:worker/replica:0/task:0",
            cluster_register_timeout_in_ms=JOINING * 1000,
            coordinated_jobs=[configuration.CoordinatedJob(name="worker", num_tasks=workers)],
        )


class Together:
    """What trains a model in several processes; all of them call the same methods in the same order."""

    def __init__(self, model: keras.Model, crew: Crew, interruption: Interruption, steps: int) -> None:
        """Take a model that was compiled in the scope of a strategy, and how many steps run in one execution."""
        self._model, self._crew, self._steps = model, crew, steps
        self._strategy = model.distribute_strategy
        self._interruption = interruption
        interruption.agree = self._agree
        interruption.listen_again()
        self._execute, self._measure, self._sum = self._functions()

    def learn(self, batches: tf.data.Dataset, epoch: int, look: Look) -> Mapping[str, float]:  # noqa: ARG002 - of all learners
        """Take a step for each batch of an epoch, and return the mean loss and metrics over all workers."""
        import tensorflow as tf

        model, left, done = self._model, len(batches), 0
        model.reset_metrics()
        iterator = iter(batches)
        while done < left:
            steps = min(self._steps, left - done)
            self._execute(iterator, tf.constant(steps))
            done += steps
            loss = float(model.metrics[0].result())
            self._interruption.settle()
            if look(done, loss):
                break
        return self._results()

    def measure(self, batches: tf.data.Dataset) -> Mapping[str, float]:
        """Return the mean loss and metrics over what all workers measure, each its own part."""
        self._model.reset_metrics()
        self._measure(batches)
        return self._results()

    def follow_chief(self, variables: Sequence[Any]) -> None:
        """Give variables the values that they have in the chief: the others add zeros to them."""
        values = [np.asarray(variable.numpy()) for variable in variables]
        for whole in (True, False):
            chosen = [at for at, value in enumerate(values) if (value.dtype.kind in "biu") == whole]
            if not chosen:
                continue
            wide = np.int64 if whole else np.float64
            sent = np.concatenate([values[at].ravel().astype(wide) for at in chosen])
            common = self._sum(sent if self._crew.is_chief else np.zeros_like(sent)).numpy()
            ends = np.cumsum([values[at].size for at in chosen])
            for at, part in zip(chosen, np.split(common, ends[:-1]), strict=True):
                variables[at].assign(part.reshape(values[at].shape).astype(values[at].dtype))

    def _agree(self, wishes: int) -> int:
        """Return the most urgent wish of all workers."""
        counts = self._sum(np.array([wishes >= least for least in range(1, 4)], np.int64)).numpy()
        return int(np.count_nonzero(counts))

    def _results(self) -> dict[str, float]:
        return {name: float(value) for name, value in self._model.get_metrics_result().items()}

    def _functions(self) -> tuple[Any, Any, Any]:
        import tensorflow as tf

        model, strategy, workers = self._model, self._strategy, self._crew.cluster.size

        def step(batch: tuple[tf.Tensor, ...], weight: tf.Tensor) -> None:
            x, y, each = (*batch, None)[:3]
            with tf.GradientTape() as tape:
                outputs = model(x, training=True)
                loss = model.compute_loss(x=x, y=y, y_pred=outputs, sample_weight=each, training=True)
                scaled = model.optimizer.scale_loss(loss * tf.cast(weight, loss.dtype))
            weights = model.trainable_variables
            model.optimizer.apply(tape.gradient(scaled, weights), weights)
            model.metrics[0].update_state(loss * workers, sample_weight=tf.shape(outputs)[0])
            model.compute_metrics(x, y, outputs)

        def execute(iterator: Any, steps: tf.Tensor) -> None:
            for _ in tf.range(steps):
                strategy.run(step, args=next(iterator))

        def measure(batches: tf.data.Dataset) -> None:
            for batch in batches:
                strategy.run(model.test_step, args=(batch,))

        def add(value: tf.Tensor) -> tf.Tensor:
            return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, tf.identity(value))

        def total(value: tf.Tensor) -> tf.Tensor:
            return strategy.run(add, args=(value,))

        summed = tf.function(total, reduce_retracing=True)
        return tf.function(execute), tf.function(measure), lambda value: summed(tf.constant(value))


def make_common(model: keras.Model, graph: Graph) -> None:
    """Let layers that look at the whole batch look at that of all workers; raise CnnspecError where one cannot."""
    names = layer_names(graph)
    found = {layer.name: layer for layer in _layers(model)}
    for node in graph:
        if node.layer.mixes_samples:
            layer = found[names[node.name]]
            layer = getattr(layer, "layer", layer)
            if not hasattr(layer, "synchronized"):
                message = (
                    f"`{node.name}` looks at the whole batch, and Keras' {type(layer).__name__} sees one worker's part"
                )
                raise CnnspecError.one("E502", message, span=graph.span(node), help="train it with `--workers 1`")
            layer.synchronized = True


@contextmanager
def ordinary(model: keras.Model) -> Iterator[None]:
    """Let a model be saved as one process would save it: what is common to workers is nothing of the network."""
    common = [layer for layer in _layers(model) if getattr(layer, "synchronized", False)]
    for layer in common:
        layer.synchronized = False
    try:
        yield
    finally:
        for layer in common:
            layer.synchronized = True


def _layers(model: keras.Model) -> Iterator[Any]:
    for layer in model.layers:
        yield layer
        if hasattr(layer, "layer"):
            yield layer.layer
