"""Every bundled network can be trained: all are planned on made-up data, the small ones take some steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

import cnnspec
from cnnspec.bundled import bundled_names
from cnnspec.errors import CnnspecError
from cnnspec.layers.activations import FUNCTIONS, Outputs
from cnnspec.training import train
from cnnspec.training.checks import last_activation
from cnnspec.training.plan import make_plan
from cnnspec.training.settings import merge

SEVERAL: Final = {"fc-vs-conv": (2, 3), "siamese": (2, 1), "yolov8n-backbone": (1, 3)}
"""Networks with several inputs or outputs, which `train` refuses: how many they have."""
TRAINED: Final = (
    *("alexnet-cifar10", "convnet-39", "crnn", "dcgan-discriminator", "dcgan-generator", "digits-cnn", "lenet5"),
    *("lenet5-1998", "lenet5-rgb", "mnist-cnn", "nature-dqn", "pilotnet", "resnet-cifar10"),
)
"""Those with at most 105 million MACs and few layers: two steps take seconds."""
SORTS: Final = {"crnn": "mask", "dcgan-generator": "numbers", "pilotnet": "numbers", "unet": "mask", "wavenet": "mask"}
"""What is told by those that tell no class of an image."""


def settings_of(graph: cnnspec.Graph) -> dict[str, Any]:
    """Return the loss that suits the last activation: logits of classes are turned into probabilities by it."""
    activation, outputs = last_activation(graph), graph[graph.outputs[0]].shape
    kind = FUNCTIONS[activation].outputs if activation in FUNCTIONS else Outputs.NUMBERS
    if kind is Outputs.DISTRIBUTION:
        return {"loss": "sparse_categorical_crossentropy"}
    if kind is Outputs.PROBABILITIES:
        return {"loss": "binary_crossentropy"}
    if activation or outputs == (1,):
        return {"loss": "mean_squared_error"}
    return {"loss": "sparse_categorical_crossentropy", "from_logits": True}


@pytest.mark.parametrize("name", sorted({*bundled_names()} - SEVERAL.keys()))
def test_a_bundled_network_can_be_planned(name: str) -> None:
    """Output, loss, metrics and made-up data agree, and one image fits into memory."""
    graph = cnnspec.load(name)
    given = {"data": "synthetic:10", "batch_size": 1, "validation_split": 0.2} | settings_of(graph)
    plan = make_plan(graph, merge(graph.train, given))
    outputs = graph[graph.outputs[0]].shape
    assert plan.settings.sort == SORTS.get(name, "class")
    own = {"class": (), "mask": outputs[:-1], "numbers": outputs}[plan.settings.sort]
    assert (plan.dataset.shape, plan.dataset.train.y.shape) == (graph.inputs[0].shape, (10, *own))


@pytest.mark.parametrize("name", SEVERAL)
def test_several_inputs_or_outputs_are_refused(name: str) -> None:
    """With their numbers."""
    graph = cnnspec.load(name)
    with pytest.raises(CnnspecError, match="the network has {} and {}".format(*SEVERAL[name])):
        make_plan(graph, merge(graph.train, {"data": "synthetic:10"}))


@pytest.mark.slow
@pytest.mark.keras
@pytest.mark.usefixtures("keras")
@pytest.mark.parametrize("name", TRAINED)
def test_a_small_one_takes_some_steps(name: str, tmp_path: Path) -> None:
    """Two steps, validation and the test."""
    graph = cnnspec.load(name)
    given = {"data": "synthetic:5", "batch_size": 2, "validation_split": 0.2, "epochs": 1} | settings_of(graph)
    outcome = train(graph, run_dir=tmp_path, **given)
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
