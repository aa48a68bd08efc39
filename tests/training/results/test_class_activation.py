"""Grad-CAM against what it is by hand for a network with global pooling, and against differences for another one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest

import cnnspec
from cnnspec.errors import UsageError
from cnnspec.keras import build
from cnnspec.keras.gradients import slope
from cnnspec.training.results.class_activation import choose_class, choose_layer, map_class, paint, weigh
from cnnspec.training.results.prediction import Picture
from cnnspec.training.runs.run import Run
from cnnspec.training.settings import Settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnnspec.ir.graph import Graph

HEAD: Final = "name: net\ninput: 8x8x1\nlayers:\n"
POOLED: Final = f"{HEAD}  - conv: 5 3x3 relu\n  - gap\n  - dense: 3 softmax\n"
FLAT: Final = f"{HEAD}  - conv: 4 3x3 softplus\n  - maxpool: 2\n  - flatten\n  - dense: 6 tanh\n  - dense: 3 softmax\n"
IMAGE: Final = np.random.default_rng(1).integers(0, 256, (8, 8, 1)).astype(np.uint8)


class Untrained(Run):
    """A run whose model has random weights, the same ones every time."""

    def load_model(self, which: str = "best") -> Any:
        """Return a new model."""
        del which
        return seeded(self.graph)


def seeded(graph: Graph) -> Any:
    """Return the model of a graph, with weights and biases that are drawn by a seed."""
    model = build(graph)
    generator = np.random.default_rng(7)
    model.set_weights([generator.normal(0, 0.5, weight.shape) for weight in model.get_weights()])
    return model


def run_of(text: str, classes: tuple[str, ...] = ("cat", "dog", "eel")) -> Run:
    """Return a run of a spec without a folder."""
    return Untrained(Path("none"), cnnspec.loads(text), Settings(data="digits", scale=1 / 255), classes, 255.0, {})


def maps_of(run: Run, name: str) -> NDArray[Any]:
    """Return what a layer makes of the image."""
    return slope(run.graph, run.load_model(), name, IMAGE / np.float32(255), 0).values


# The map


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
@pytest.mark.parametrize("number", [0, 1, 2])
def test_behind_global_pooling_it_is_the_class_activation_map(number: int) -> None:
    """The gradient of Σ w·mean(A) is w/(H·W) everywhere: the map of Zhou et al. 2016, of its 36 places."""
    run = run_of(POOLED)
    found = map_class(run, Picture("x", IMAGE, ""), choose_layer(run.graph), number)
    weights = run.load_model().get_layer("dense1").get_weights()[0][:, number].astype(np.float64)
    by_hand = np.maximum(maps_of(run, "conv1").astype(np.float64) @ weights, 0) / 36
    assert (found.layer, found.name, found.values.shape) == ("conv1", run.classes[number], (6, 6))
    assert found.values == pytest.approx(by_hand, rel=1e-4, abs=1e-7)


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
@pytest.mark.parametrize("number", [0, 2])
def test_it_is_what_differences_give(number: int) -> None:
    """Every number of the maps is moved up and down, and NumPy computes the scores; no pool has two equal maxima."""
    run = run_of(FLAT)
    model = run.load_model()
    hidden, last = (
        [weight.astype(np.float64) for weight in model.get_layer(name).get_weights()] for name in ("dense1", "dense2")
    )

    def score(maps: NDArray[np.float64]) -> float:
        pooled = maps.reshape(3, 2, 3, 2, 4).max(axis=(1, 3)).ravel()
        return float((np.tanh(pooled @ hidden[0] + hidden[1]) @ last[0] + last[1])[number])

    maps, step = maps_of(run, "conv1").astype(np.float64), 1e-6
    gradient = np.zeros_like(maps)
    for place in np.ndindex(maps.shape):
        up, down = maps.copy(), maps.copy()
        up[place], down[place] = maps[place] + step, maps[place] - step
        gradient[place] = (score(up) - score(down)) / (2 * step)
    expected = np.maximum((maps * gradient.mean(axis=(0, 1))).sum(axis=2), 0)
    found = map_class(run, Picture("x", IMAGE, ""), choose_layer(run.graph), number)
    assert found.layer == "conv1"  # and not the pool behind it
    assert found.values.any()
    assert found.values == pytest.approx(expected, rel=1e-3, abs=1e-6)


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
def test_the_most_probable_class_unless_one_is_named() -> None:
    """With its probability, which softmax gives and the score is not."""
    run = run_of(POOLED)
    outputs = run.load_model().predict(IMAGE[None] / np.float32(255), verbose=0)[0]
    found = map_class(run, Picture("x", IMAGE, ""), choose_layer(run.graph))
    assert (found.name, found.percent) == (run.classes[int(outputs.argmax())], True)
    assert found.output == pytest.approx(float(outputs.max()), rel=1e-5)


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
@pytest.mark.parametrize("end", ["dense: 3\n  - softmax", "dense: 3\n  - softmax\n  - dropout: 0.5", "dense: 3"])
def test_the_score_stands_in_front_of_the_last_function(end: str) -> None:
    """Wherever that function is written, and where there is none."""
    one, other = run_of(POOLED), run_of(POOLED.replace("dense: 3 softmax", end))
    maps = [map_class(run, Picture("x", IMAGE, ""), choose_layer(run.graph), 2).values for run in (one, other)]
    assert maps[0].any()
    assert maps[1] == pytest.approx(maps[0], rel=1e-6)


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
def test_one_unit_speaks_for_either_class() -> None:
    """What speaks for one speaks against the other: the gradients differ in sign."""
    graph = cnnspec.loads(POOLED.replace("3 softmax", "1 sigmoid"))
    first, second = (slope(graph, seeded(graph), "conv1", IMAGE / np.float32(255), number) for number in (0, 1))
    assert second.gradient is not None
    assert np.abs(second.gradient).max() > 0
    assert np.array_equal(first.gradient, -second.gradient)


def test_weights_are_means_and_what_is_below_zero_is_nothing() -> None:
    """Two maps of one row: 2·(1, −3) + (−1)·(4, 0) = (−2, −6); with the weights 2 and 1 it is (6, −6)."""
    maps = np.array([[[1.0, 4.0], [-3.0, 0.0]]])
    assert weigh(maps, np.array([[[3.0, -2.0], [1.0, 0.0]]])).tolist() == [[0.0, 0.0]]
    assert weigh(maps, np.array([[[3.0, 2.0], [1.0, 0.0]]])).tolist() == [[6.0, 0.0]]


# What is chosen


@pytest.mark.parametrize(
    ("name", "layer"),
    [("lenet5", "conv2"), ("vgg16", "conv13"), ("resnet18", "basic8.relu2")],
)
def test_the_last_layer_with_maps(name: str, layer: str) -> None:
    """The convolution in front of the last pool, as in the paper, or the function behind the last block."""
    assert choose_layer(cnnspec.load(name)).name == layer


def test_a_layer_without_maps_is_none() -> None:
    """A vector has no places; what has them is said."""
    graph = cnnspec.loads(FLAT)
    assert choose_layer(graph, "maxpool1").name == "maxpool1"
    for name in ("dense1", "conv9"):
        with pytest.raises(UsageError) as caught:
            choose_layer(graph, name)
        assert caught.value.diagnostics[0].notes == ("layers with height and width are conv1, maxpool1",)
    with pytest.raises(UsageError, match="has none"):
        choose_layer(cnnspec.loads(f"{HEAD}  - flatten\n  - dense: 3 softmax\n"))


def test_a_class_by_its_name() -> None:
    """With what was meant."""
    run = run_of(POOLED)
    assert (choose_class(run, "eel"), choose_class(run, None)) == (2, None)
    with pytest.raises(UsageError) as caught:
        choose_class(run, "eeel")
    assert caught.value.diagnostics[0].help == "did you mean `eel`?"


# What is drawn


def test_the_picture_is_seen_where_nothing_speaks_for_the_class() -> None:
    """A map of nothing leaves it as it is, in grey; else it is covered where the map is large."""
    image = np.full((4, 4, 3), 100, np.uint8)
    plain = paint(np.zeros((2, 2)), image)
    assert plain.shape == (224, 224, 3)
    assert plain.min() == plain.max() == 100
    covered = paint(np.array([[0.0, 0.0], [0.0, 8.0]]), image)
    assert covered[0, 0].tolist() == [100, 100, 100]
    assert covered[-1, -1].tolist() == [199, 185, 59]  # 0.35·100 + 0.65·(253, 231, 37)
