"""What the tests against Keras share: TensorFlow quiet and on the CPU, a clean session, and the comparison."""

from __future__ import annotations

import os
from math import prod
from typing import TYPE_CHECKING, Any

import pytest

import cnnspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MISSING = 'TensorFlow is missing, so nothing was compared with Keras: pip install "cnnspec[train]"'

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"


@pytest.fixture(scope="session")
def keras() -> Any:
    """Return the module `keras`; skip, and say so, where TensorFlow is missing."""
    pytest.importorskip("tensorflow", reason=MISSING)
    return pytest.importorskip("keras", reason=MISSING)


@pytest.fixture(scope="session")
def assert_agreement(keras: Any) -> Callable[..., Any]:
    """Return the comparison of a graph with its Keras model, layer by layer; it returns the model.

    With `run`, a batch of two samples goes through the model too, so that TensorFlow itself has the last word on
    shapes, not Keras' inference of them.
    """

    def compare(graph: cnnspec.Graph, *, run: bool = False) -> Any:
        from cnnspec.keras import build
        from cnnspec.keras.uses import uses

        keras.utils.clear_session(free_memory=False)  # freeing takes longer than the comparison
        model, summary = build(graph), cnnspec.summarize(graph)
        ours = {row.name: (row.shape, row.params, row.trainable_params, row.biases) for row in summary}
        used = {name: use for name, use in uses(graph, model) if use is not None}
        theirs = {name: _facts(use) for name, use in used.items()}
        for node in graph:
            if node.shared:  # the numbers of the same Keras layer, which are counted where it is used first
                assert used[node.name].layers[-1] is used[node.shared].layers[-1]
                theirs[node.name] = (theirs[node.name][0], 0, 0, 0)
        assert ours == theirs
        totals = summary.totals
        assert totals.params == model.count_params()
        assert totals.trainable_params == _size(model.trainable_weights)
        assert totals.non_trainable_params == _size(model.non_trainable_weights)
        assert [tensor.shape[1:] for tensor in model.outputs] == [graph[name].shape for name in graph.outputs]
        if run:
            outputs = {name: use.output for name, use in used.items()}
            assert {row.name: row.shape for row in summary} == _shapes_of_a_run(keras, model, graph, outputs)
        return model

    return compare


def _facts(use: Any) -> tuple[tuple[int, ...], int, int, int]:
    """Return the output shape, the parameters, the trainable ones and the biases of the Keras layers of a node."""
    layers = [layer for layer in use.layers if hasattr(layer, "weights")]
    biases = [weight for layer in layers for weight in layer.weights if weight.name in ("bias", "beta")]
    trainable = sum(_size(layer.trainable_weights) for layer in layers)
    return use.output.shape[1:], sum(layer.count_params() for layer in layers), trainable, _size(biases)


def _size(weights: Iterable[Any]) -> int:
    return sum(prod(weight.shape) for weight in weights)


def _shapes_of_a_run(
    keras: Any, model: Any, graph: cnnspec.Graph, outputs: dict[str, Any]
) -> dict[str, tuple[int, ...]]:
    """Return the shapes of what the layers of a model make of two samples of zeros."""
    probe = keras.Model(model.inputs, outputs)
    made = probe([keras.ops.zeros((2, *entry.shape)) for entry in graph.inputs])
    return {name: tuple(output.shape[1:]) for name, output in made.items()}
