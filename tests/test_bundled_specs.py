"""The bundled networks against published totals, hand counts, and Keras' own layers."""

from __future__ import annotations

import json
from collections import Counter
from functools import lru_cache
from math import prod
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

import cnnspec
from cnnspec.bundled import bundled, bundled_source
from cnnspec.ir.shapes import compact

HERE: Final = Path(__file__).parent
SPECS: Final = HERE.parent / "specs"


def layers_of(file: str) -> dict[str, dict[str, Any]]:
    """Return networks with their totals, and output shape -> parameters -> number of layers with both."""
    networks: dict[str, dict[str, Any]] = json.loads((HERE / "data" / file).read_text(encoding="utf-8"))["networks"]
    return networks


KERAS: Final = layers_of("keras_layers.json")
"""All networks of keras.applications, made by Keras 3.15.1 with `weights=None`."""
TORCH: Final = layers_of("torchvision_layers.json")
"""Networks of torchvision 0.29.1, with the parameters and MACs that its weights publish."""


class Published(NamedTuple):
    """What a bundled network must count, and words of the source that its header must name."""

    params: int
    non_trainable: int
    macs: int
    source: str


PUBLISHED: Final = {
    "alexnet": Published(60_965_224, 0, 724_406_816, "Krizhevsky, Sutskever and Hinton"),
    "alexnet-cifar10": Published(2_472_266, 0, 14_957_056, "bearpaw/pytorch-classification"),
    "alexnet-torchvision": Published(61_100_840, 0, 714_188_480, "torchvision's alexnet"),
    "convnet-39": Published(27_301, 0, 2_796_590, "Simple convolutional network example"),
    "crnn": Published(432_725, 0, 69_574_400, "OCR model for reading Captchas"),
    "digits-cnn": Published(99_178, 0, 1_527_040, "Simonyan and Zisserman"),
    "fc-vs-conv": Published(456 + 156 + 3_072 * 4_704, 0, 14_921_088, "Why convolutions?"),
    "googlenet": Published(6_998_552, 0, 1_582_671_872, "Going deeper with convolutions"),
    "dcgan-discriminator": Published(2_767_360, 1_792, 103_817_216, "PyTorch's DCGAN tutorial"),
    "dcgan-generator": Published(3_578_624, 1_920, 104_628_224, "PyTorch's DCGAN tutorial"),
    "nature-dqn": Published(1_686_180, 0, 9_345_024, "Human-level control through deep reinforcement learning"),
    "pilotnet": Published(252_219, 0, 26_876_342, "End to end learning for self-driving cars"),
    "yolov8n-backbone": Published(1_277_680, 5_024, 1_577_779_200, "Ultralytics YOLOv8"),
    "lenet5": Published(664_086, 0, 8_778_056, "Keras notebook"),
    "lenet5-1998": Published(61_706, 0, 416_520, "LeCun, Bottou, Bengio and Haffner"),
    "lenet5-rgb": Published(62_958, 0, 849_320, "CNN example"),
    "mnist-cnn": Published(104_202, 0, 3_100_032, "Keras notebook"),
    "resnet-cifar10": Published(223_242, 0, 28_997_504, "A toy ResNet model"),
    "resnet18": Published(11_699_112, 9_600, 1_814_073_344, "torchvision's resnet18"),
    "resnet20-cifar10": Published(274_442, 1_376, 40_813_184, "cifar10_resnet.py"),
    "siamese": Published(133_633, 0, 266_368, "mnist_siamese"),
    "transfer-mobilenetv2": Published(2_259_265, 2_257_984, 152_804_480, "Transfer learning and fine-tuning"),
    "unet": Published(31_030_658, 0, 150_428_424_448, "Ronneberger, Fischer and Brox"),
    "vit-b16": Published(86_567_656, 0, 17_563_828_224, "torchvision's vit_b_16"),
    "wavenet": Published(622_272, 0, 9_846_784_000, "ibab/tensorflow-wavenet"),
}
"""MACs are counted by hand."""

KERAS_MACS: Final = {
    "densenet121": 2_834_161_664,
    "efficientnetb0": 385_814_752,
    "inceptionv3": 5_713_216_096,
    "mobilenetv2": 300_774_272,
    "resnet50": 3_857_973_248,
    "vgg16": 15_470_264_320,
}
"""Kernel sizes times output positions of the live models of keras.applications."""

NETWORKS: Final = tuple(dict.fromkeys((*PUBLISHED, *KERAS, *TORCH)))

LAYERS: Final = {
    "alexnet": [34_944, 307_456, 885_120, 663_936, 442_624, 37_752_832, 16_781_312, 4_097_000],
    "alexnet-cifar10": [23_296, 307_392, 663_936, 884_992, 590_080, 2_570],
    "convnet-39": [280, 5_020, 20_040, 1_961],
    "digits-cnn": [320, 9_248, 18_496, 36_928, 32_896, 1_290],
    "fc-vs-conv": [456, 156, 14_450_688],
    "dcgan-discriminator": [3_072, 131_072, 512, 524_288, 1_024, 2_097_152, 2_048, 8_192],
    "dcgan-generator": [819_200, 2_048, 2_097_152, 1_024, 524_288, 512, 131_072, 256, 3_072],
    "nature-dqn": [8_224, 32_832, 36_928, 1_606_144, 2_052],
    "pilotnet": [1_824, 21_636, 43_248, 27_712, 36_928, 115_300, 5_050, 510, 11],
    "lenet5": [832, 38_448, 602_368, 21_588, 850],
    "lenet5-1998": [156, 2_416, 48_120, 10_164, 850],
    "lenet5-rgb": [608, 3_216, 48_120, 10_164, 850],
    "mnist-cnn": [320, 18_496, 73_856, 11_530],
    "resnet-cifar10": [896, 18_496, *[36_928] * 5, 16_640, 2_570],
}
"""The parameters of every layer that has any, from the top down."""

BLOCKS: Final = [448, 64, *[4_768] * 3, 14_688, 18_752, 18_752, 58_048, 74_368, 74_368, 650]
"""ResNet-20: the stem's convolution and batch norm, the nine blocks, the classifier."""

WIDTHS: Final = {
    "mobilenet": {"0.25": 475_544, "0.5": 1_342_536, "0.75": 2_601_976},
    "mobilenetv2": {"0.35": 1_691_208, "0.5": 1_987_224, "0.75": 2_663_064, "1.3": 5_431_048, "1.4": 6_156_712},
    "mobilenetv3": {"0.75": 4_012_616},
}
"""Parameters for other values of alpha, by Keras 3.15.1."""


@lru_cache
def summary(name: str) -> cnnspec.Summary:
    """Return a bundled network's numbers, computed once."""
    return cnnspec.summarize(cnnspec.load(name))


def header(name: str) -> str:
    """Return the comment at the top of a bundled spec as one line."""
    source = bundled_source(name)
    assert source is not None
    lines = source.text.splitlines()
    end = next(i for i, line in enumerate(lines) if not line.startswith("#"))
    return " ".join(line.removeprefix("#").strip() for line in lines[:end])


def test_every_spec_is_in_the_table() -> None:
    """A new bundled network needs published numbers, and a group."""
    assert cnnspec.bundled_names() == sorted(path.stem for path in SPECS.iterdir())
    entries = [bundled(name) for name in cnnspec.bundled_names()]
    assert sorted(name for entry in entries for name in entry.variants() or [entry.name]) == sorted(NETWORKS)
    assert all(entry.group for entry in entries)


@pytest.mark.parametrize("name", PUBLISHED)
def test_totals_are_the_published_ones(name: str) -> None:
    """Parameters, stored parameters and MACs agree to the last digit."""
    totals = summary(name).totals
    assert (totals.params, totals.non_trainable_params, totals.macs) == PUBLISHED[name][:3]


@pytest.mark.parametrize("name", KERAS_MACS)
def test_macs_of_keras_networks(name: str) -> None:
    """MACs agree to the last digit."""
    assert summary(name).totals.macs == KERAS_MACS[name]


@pytest.mark.parametrize("name", NETWORKS)
def test_totals_are_the_sums_of_the_rows(name: str) -> None:
    """Every total is the sum of its column, and an activation size the product of its shape."""
    rows, totals, inputs = list(summary(name)), summary(name).totals, summary(name).inputs
    assert totals.params == sum(row.params for row in rows)
    assert totals.trainable_params == sum(row.trainable_params for row in rows)
    assert totals.non_trainable_params == sum(row.non_trainable_params for row in rows)
    assert totals.macs == sum(row.macs for row in rows)
    assert totals.flops == sum(row.flops for row in rows)
    assert totals.layers == len(rows)
    assert all(row.activation_size == prod(row.shape) for row in rows)
    assert all(row.weights + row.biases == row.params for row in rows)
    kept = sum(row.activation_size for row in rows if not row.node.layer.is_view)
    assert totals.activation_size == kept + sum(prod(entry.shape) for entry in inputs)


@pytest.mark.parametrize("name", NETWORKS)
def test_names_are_unique(name: str) -> None:
    """Every layer of a bundled network can be referred to."""
    names = [row.name for row in summary(name)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", NETWORKS)
def test_header_names_source_and_totals(name: str) -> None:
    """The comment on top tells where the network and its numbers come from."""
    text = header(name)
    assert "Source:" in text
    assert "Published totals:" in text or "Totals:" in text
    where = "keras.applications." if name in KERAS else "torchvision's"
    assert (PUBLISHED[name].source if name in PUBLISHED else where) in text
    assert cnnspec.load(name).name == name


def test_comments_fit_80_columns() -> None:
    """What `cnnspec show` prints stands on any terminal; rows of a table in a spec may be longer."""
    lines = [line for path in SPECS.glob("*.yaml") for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line for line in lines if line.lstrip().startswith("#") and len(line) > 80] == []


@pytest.mark.parametrize("name", LAYERS)
def test_layers_have_the_published_parameters(name: str) -> None:
    """The parameters of each layer agree, in order."""
    assert [row.params for row in summary(name) if row.params] == LAYERS[name]


@pytest.mark.parametrize("name", [*KERAS, *TORCH])
def test_layers_are_those_of_the_original(name: str) -> None:
    """As many layers as in keras.applications or torchvision have the same parameters and the same output shape."""
    layers = (KERAS if name in KERAS else TORCH)[name]["layers"]
    ours = Counter(("x".join(map(str, row.shape)), row.params) for row in summary(name) if row.params)
    assert ours == {(shape, int(n)): count for shape, found in layers.items() for n, count in found.items()}


@pytest.mark.parametrize("name", KERAS)
def test_totals_are_those_of_keras(name: str) -> None:
    """Parameters, those that are not trained, and the input."""
    keras, table = KERAS[name], summary(name)
    assert (table.totals.params, table.totals.non_trainable_params) == (keras["params"], keras["non_trainable"])
    assert compact(table.inputs[0].shape) == keras["input"]


@pytest.mark.parametrize("name", TORCH)
def test_totals_are_those_of_torchvision(name: str) -> None:
    """Parameters without the moving statistics of batch norms; MACs in billions, rounded."""
    torch, totals = TORCH[name], summary(name).totals
    assert (totals.trainable_params, totals.non_trainable_params) == (torch["params"], torch["moving"])
    assert round(totals.macs / 1e9, 3) == torch["ops"]


def test_yolov8n_has_what_ultralytics_prints() -> None:
    """Parameters of each of its first ten layers, printed by Ultralytics 8 (pull request 7651, for one)."""
    blocks: dict[str, int] = {}
    for row in summary("yolov8n-backbone"):
        place = row.name.partition(".")[0]
        blocks[place] = blocks.get(place, 0) + row.trainable_params
    assert [*blocks.values()] == [464, 4_672, 7_360, 18_560, 49_664, 73_984, 197_632, 295_424, 460_288, 164_608]


def test_resnet20_blocks() -> None:
    """The blocks of ResNet-20 have the published parameters, projections and batch norms included."""
    blocks: dict[str, int] = {}
    for row in summary("resnet20-cifar10"):
        place = row.name.partition(".")[0]
        blocks[place] = blocks.get(place, 0) + row.params
    assert [params for params in blocks.values() if params] == BLOCKS


def test_resnet18_trains_what_torch_counts() -> None:
    """Torch does not count the moving statistics of batch norms."""
    assert summary("resnet18").totals.trainable_params == 11_689_512


@pytest.mark.parametrize(("name", "width"), [(name, width) for name in WIDTHS for width in WIDTHS[name]])
def test_mobilenets_have_a_width(name: str, width: str) -> None:
    """The width multiplier rounds channels as Keras does."""
    net = cnnspec.load(name, params={"width": width})
    assert cnnspec.summarize(net).totals.params == WIDTHS[name][width]


def test_unet_halves_and_doubles() -> None:
    """Without padding, U-Net makes 388x388 of 572x572, with 28x28 at the bottom."""
    shapes = [row.shape for row in summary("unet")]
    assert (28, 28, 1024) in shapes
    assert shapes[-1] == (388, 388, 2)


def test_wavenet_hears_1024_samples() -> None:
    """Van den Oord et al., 2016, section 2.1; the layer with dilation d adds d."""
    fields = {row.name: row.receptive_field for row in summary("wavenet")}
    assert [fields[f"unit{number}.gate"] for number in range(1, 11)] == [(2**number,) for number in range(1, 11)]
    assert fields["conv3"] == (1024,)
