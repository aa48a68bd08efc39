"""Kinds that are several Keras layers or functions compute what their sources say, element by element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import cnnspec

if TYPE_CHECKING:
    from collections.abc import Callable

    Array = Any

pytestmark = pytest.mark.keras

np: Any = pytest.importorskip("numpy", reason="numpy is missing: it comes with TensorFlow")


def _lrn(x: Array) -> Array:
    """`torch.nn.LocalResponseNorm(3, alpha=0.5, beta=0.75, k=2)`: b = a/(k + α/n·Σ a²)^β, as in its documentation."""
    y = np.empty_like(x)
    for c in range(x.shape[-1]):
        near = x[..., max(0, c - 1) : c + 2]
        y[..., c] = x[..., c] / (2 + 0.5 / 3 * (near**2).sum(-1)) ** 0.75
    return y


def _depth_to_space(x: Array) -> Array:
    """`tf.nn.depth_to_space(x, 2)`: channel (2·i + j)·C + c goes to row 2·h + i, column 2·w + j."""
    height, width, depth = x.shape
    y = np.empty((2 * height, 2 * width, depth // 4))
    for h, w, i, j, c in np.ndindex(height, width, 2, 2, depth // 4):
        y[2 * h + i, 2 * w + j, c] = x[h, w, (2 * i + j) * (depth // 4) + c]
    return y


def _shuffle(x: Array) -> Array:
    """ShuffleNet: channel g·n + c of groups of n goes to c·G + g."""
    order = [group * (x.shape[-1] // 2) + c for c in range(x.shape[-1] // 2) for group in range(2)]
    return x[..., order]


def _glu(x: Array) -> Array:
    half = x.shape[-1] // 2
    return x[..., :half] / (1 + np.exp(-x[..., half:]))


def _space_to_depth(x: Array) -> Array:
    """The way back from `_depth_to_space`."""
    height, width, depth = x.shape
    y = np.empty((height // 2, width // 2, 4 * depth))
    for h, w, i, j, c in np.ndindex(height // 2, width // 2, 2, 2, depth):
        y[h, w, (2 * i + j) * depth + c] = x[2 * h + i, 2 * w + j, c]
    return y


FUNCTIONS = (
    ("5x6x4", "lrn: 3 alpha=0.5 k=2", _lrn),
    ("9x4", "lrn: 3 alpha=0.5 k=2", _lrn),
    ("5x6x8", "depth_to_space: 2", _depth_to_space),
    ("4x6x3", "space_to_depth: 2", _space_to_depth),
    ("5x6x4", "channel_shuffle: 2", _shuffle),
    ("9x6", "channel_shuffle: 2", _shuffle),
    ("5x6x4", "slice: {axis: 2, start: 1, stop: 4}", lambda x: x[:, 1:4]),
    ("5x6x4", "slice: start=3", lambda x: x[..., 3:]),
    ("5x6x4", "split: 2 index=1", lambda x: x[..., 2:]),
    ("9x4", "split: {parts: 3, axis: 1, index: 2}", lambda x: x[6:]),
    ("9x4", "glu", _glu),
    ("9x4", "threshold: 0.5 value=-1", lambda x: np.where(x > 0.5, x, -1)),
)
"""An input, an item, and what comes out."""


def _model(text: str) -> tuple[Any, Array]:
    from cnnspec.keras import build

    graph = cnnspec.loads(text)
    x = np.random.default_rng(2).uniform(-2, 2, graph.inputs[0].shape).astype("float32")
    return build(graph), x


@pytest.mark.usefixtures("keras")
@pytest.mark.parametrize(("shape", "item", "expected"), FUNCTIONS)
def test_values_are_those_of_the_definition(shape: str, item: str, expected: Callable[[Array], Array]) -> None:
    """On random numbers."""
    model, x = _model(f"input: {shape}\nlayers:\n  - {item}\n")
    assert np.allclose(np.asarray(model(x[np.newaxis]))[0], expected(x), atol=1e-5)


@pytest.mark.usefixtures("keras")
@pytest.mark.parametrize("shape", ["9x4", "5x6x3", "2x3x4x5"])
def test_positions_are_added(shape: str) -> None:
    """The learned numbers, to every sample alike."""
    model, x = _model(f"input: {shape}\nlayers: [positions]\n")
    (weights,) = model.weights
    rows = np.arange(x.size, dtype="float32").reshape(weights.shape)
    weights.assign(rows)
    y = np.asarray(model(np.stack([x, 2 * x])))
    assert np.allclose(y, np.stack([x, 2 * x]) + rows.reshape(x.shape))


@pytest.mark.usefixtures("keras")
def test_class_tokens_stand_in_front() -> None:
    """The learned rows, of every sample."""
    model, x = _model("input: 9x4\nlayers: [class_token: 2]\n")
    (weights,) = model.weights
    rows = np.arange(8, dtype="float32").reshape(2, 4)
    weights.assign(rows.reshape(weights.shape))
    y = np.asarray(model(np.stack([x, 2 * x])))
    assert np.allclose(y, [np.concatenate([rows, x]), np.concatenate([rows, 2 * x])])
