"""Keras is the oracle for its own words: a layer written in Keras' names is taken, or refused, as Keras does."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cnnspec
from cnnspec.keras.naming import what_keras_lacks

if TYPE_CHECKING:
    from cnnspec.ir.shapes import Shape

pytestmark = pytest.mark.keras

SLOW = settings(deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
COUNT, FLAG, RATE = st.integers(1, 4), st.booleans(), st.sampled_from([0, 0.5, 1])
PADDING = st.sampled_from(["valid", "same"])
ACTIVATION = st.sampled_from(["linear", "relu", "softmax", "hard_silu", "leaky_relu"])


def _per_axis(rank: int, most: int) -> st.SearchStrategy[Any]:
    numbers = st.integers(1, most)
    return numbers | st.lists(numbers, min_size=rank, max_size=rank)


def _border(rank: int) -> st.SearchStrategy[Any]:
    numbers = st.integers(0, 3)
    pair = st.lists(numbers, min_size=2, max_size=2)
    return numbers if rank == 1 else numbers | pair.map(lambda p: [p] * rank)


def _layers(rank: int) -> dict[str, dict[str, st.SearchStrategy[Any]]]:
    """Return what to draw for the Keras classes that work on a number of spatial axes."""
    window = {"kernel_size": _per_axis(rank, 4), "padding": PADDING, "use_bias": FLAG, "activation": ACTIVATION}
    strides, dilation = {"strides": _per_axis(rank, 3)}, {"dilation_rate": _per_axis(rank, 2)}
    pool = {"pool_size": _per_axis(rank, 4), **strides, "padding": PADDING}
    shape = st.lists(st.sampled_from([-1, 1, 2, 3, 4, 6]), min_size=1, max_size=3)
    affine = {"center": FLAG, "scale": FLAG, "epsilon": st.sampled_from([1e-3, 1e-5])}
    layers: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        "Dense": {"units": COUNT, "use_bias": FLAG, "activation": ACTIVATION},
        "BatchNormalization": {**affine, "momentum": RATE},
        "LayerNormalization": affine,
        "GroupNormalization": {**affine, "groups": COUNT},
        "Dropout": {"rate": RATE},
        "Flatten": {},
        "Reshape": {"target_shape": shape},
        "Permute": {"dims": st.lists(st.integers(1, rank + 1), min_size=rank + 1, max_size=rank + 1)},
        "ReLU": {"max_value": RATE, "negative_slope": RATE, "threshold": RATE},
        "LeakyReLU": {"negative_slope": RATE},
        "ELU": {"alpha": RATE},
        "PReLU": {},
        "Softmax": {},
        "Activation": {"activation": ACTIVATION},
        "Rescaling": {"scale": RATE, "offset": RATE},
        "Identity": {},
    }
    if rank:
        layers |= {
            f"Conv{rank}D": {"filters": COUNT, "groups": COUNT, **window, **strides, **dilation},
            f"Conv{rank}DTranspose": {"filters": COUNT, **window, **strides},
            f"MaxPooling{rank}D": pool,
            f"MaxPool{rank}D": pool,
            f"AveragePooling{rank}D": pool,
            f"GlobalAveragePooling{rank}D": {"keepdims": FLAG},
            f"GlobalMaxPooling{rank}D": {"keepdims": FLAG},
            f"ZeroPadding{rank}D": {"padding": _border(rank)},
            f"Cropping{rank}D": {"cropping": _border(rank)},
            f"UpSampling{rank}D": {"size": st.integers(1, 3) if rank == 1 else _per_axis(rank, 3)},
            f"SpatialDropout{rank}D": {"rate": RATE},
        }
    if rank in (1, 2):
        depthwise = {"depth_multiplier": COUNT, **window, "strides": st.integers(1, 3), **dilation}
        layers |= {f"DepthwiseConv{rank}D": depthwise, f"SeparableConv{rank}D": {"filters": COUNT, **depthwise}}
    return layers


@st.composite
def _layer(draw: st.DrawFn) -> tuple[Shape, str, dict[str, Any]]:
    """Draw an input shape, a Keras class and some of its arguments, in Keras' own names."""
    rank = draw(st.integers(0, 3))
    shape = tuple(draw(st.integers(1, 6)) for _ in range(rank + 1))
    name, arguments = draw(st.sampled_from(sorted(_layers(rank).items(), key=lambda entry: entry[0])))
    return shape, name, {key: draw(value) for key, value in arguments.items()}


def _ours(shape: Shape, name: str, arguments: dict[str, Any]) -> tuple[Shape, int] | str:
    """Return shape and parameters, or `refused`, which is also what is computed and said to be none of Keras'."""
    text = f"input: {list(shape)}\nlayers:\n  - {name}: {json.dumps(arguments)}\n"
    try:
        summary = cnnspec.summarize(cnnspec.loads(text))
    except cnnspec.SpecError:
        return "refused"
    if what_keras_lacks(summary.graph):
        return "refused"
    return summary.rows[-1].shape, summary.totals.params


def _theirs(keras: Any, shape: Shape, name: str, arguments: dict[str, Any]) -> tuple[Shape, int] | str:
    """Return shape and parameters of the Keras layer after a run, or `refused`."""
    errors = pytest.importorskip("tensorflow").errors
    try:
        layer = getattr(keras.layers, name)(**arguments)
        layer(keras.Input(shape))
        output = layer(keras.ops.zeros((2, *shape)))
    except (ValueError, TypeError, errors.OpError):
        return "refused"
    return tuple(output.shape[1:]), layer.count_params()


@pytest.mark.filterwarnings("ignore:You are using a softmax over axis")
def test_keras_words_mean_what_they_mean_in_keras(keras: Any) -> None:
    """A Keras class with arguments in Keras' names gives Keras' shape and parameters, or is refused by both."""
    outcomes: Counter[bool] = Counter()

    @settings(SLOW, max_examples=1000)
    @given(_layer())
    def check(layer: tuple[Shape, str, dict[str, Any]]) -> None:
        ours = _ours(*layer)
        assert ours == _theirs(keras, *layer)
        outcomes[ours == "refused"] += 1

    check()
    assert outcomes[False] > 500
    assert outcomes[True] > 50
