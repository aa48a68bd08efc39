"""Every bundled network can be trained: all are planned on made-up data, the small ones take some steps."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

import cnnspec
from cnnspec.errors import CnnspecError
from cnnspec.training import train
from cnnspec.training.data.inputs import sample_shape
from cnnspec.training.plan import make_plan
from cnnspec.training.settings import merge
from tests.bundled_cases import cases as bundled_cases

REFUSED: Final = {
    "fc-vs-conv": "several inputs of one shape; those of the network are (32, 32, 3), (32, 32, 1)",
    "yolov8n-backbone": "training needs one output; the network has 3",
}
"""Networks with inputs of different shapes, or with several outputs."""
TRAINED: Final = (
    *("alexnet-cifar10", "convnet-39", "crnn", "dcgan-discriminator", "dcgan-generator", "digits-cnn", "lenet5"),
    *("lenet5-1998", "lenet5-rgb", "mnist-cnn", "nature-dqn", "pilotnet", "resnet-cifar10", "siamese"),
)
"""Those with at most 105 million MACs and few layers: two steps take seconds."""
SORTS: Final = dict.fromkeys(("crnn", "unet", "wavenet"), "mask") | dict.fromkeys(
    ("dcgan-generator", "nature-dqn", "pilotnet"), "numbers"
)
"""What is told by those that tell no class of an image."""


@pytest.mark.parametrize("name", bundled_cases(without=frozenset(REFUSED)))
def test_a_bundled_network_can_be_planned(name: str) -> None:
    """Its file says what is not the default; output, loss, metrics and made-up data agree, and an image fits."""
    graph = cnnspec.load(name)
    plan = make_plan(graph, merge(graph.train, {"data": "synthetic:10", "batch_size": 1, "validation_split": 0.2}))
    outputs = graph[graph.outputs[0]].shape
    assert plan.settings.sort == SORTS.get(name, "class")
    own = {"class": (), "mask": outputs[:-1], "numbers": outputs}[plan.settings.sort]
    assert (plan.dataset.shape, plan.dataset.train.y.shape) == (sample_shape(graph), (10, *own))


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_trained_is_refused(name: str) -> None:
    """With what the network has."""
    graph = cnnspec.load(name)
    with pytest.raises(CnnspecError) as caught:
        make_plan(graph, merge(graph.train, {"data": "synthetic:10"}))
    assert REFUSED[name] in str(caught.value)


@pytest.mark.slow
@pytest.mark.keras
@pytest.mark.usefixtures("keras")
@pytest.mark.parametrize("name", TRAINED)
def test_a_small_one_takes_some_steps(name: str, tmp_path: Path) -> None:
    """Two steps, validation and the test."""
    graph = cnnspec.load(name)
    outcome = train(graph, run_dir=tmp_path, data="synthetic:5", batch_size=2, validation_split=0.2, epochs=1)
    assert outcome.is_tested
    assert outcome.run.best.is_file()


@pytest.mark.slow
@pytest.mark.keras
@pytest.mark.usefixtures("keras")
def test_the_unet_takes_a_step_on_smaller_images(tmp_path: Path) -> None:
    """188 × 188 pixels are the fewest of which its path leaves any: 4 × 4 are told, by all of its weights."""
    lines = cnnspec.load("unet").source.text.splitlines(keepends=True)
    text = "".join(line for line in lines if "expect:" not in line)
    graph = cnnspec.loads(text.replace("572x572x1", "188x188x1"))
    outcome = train(graph, run_dir=tmp_path, data="synthetic:1", epochs=1)
    assert outcome.measured is not None
    assert outcome.measured.data.train.y.shape == (1, 4, 4)
    assert outcome.measured.scores.fact("accuracy") is not None
