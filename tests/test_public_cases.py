"""What people ask in public about shapes, parameters, MACs and receptive fields: the right number, in one step.

The values come from the threads named, or from Keras 3.15.1 where a thread has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import pytest

import cnnspec


class Case(NamedTuple):
    """A network as somebody asks for it, where, and what is right: totals, and facts of layers by their names."""

    spec: str
    source: str
    params: int | None = None
    trainable: int | None = None
    macs: int | None = None
    layers: Mapping[str, Mapping[str, Any]] = MappingProxyType({})


def sequence(shape: str, *items: str) -> str:
    """Return the spec of layers in a row."""
    return f"input: {shape}\nlayers:\n" + "".join(f"  - {item}\n" for item in items)


def stack(dilations: range) -> list[str]:
    """Return the causal convolutions of WaveNet."""
    return [f"conv: 1 kernel=2 dilation={2**power} causal" for power in dilations]


LENET_CAPTCHA: Final = sequence(
    "200x50x1",
    *("conv: 32 3x3 same relu", "maxpool: 2", "conv: 64 3x3 same relu", "maxpool: 2", "reshape: 50x768"),
    *("dense: 64 relu", "lstm: 128 bidirectional sequences", "lstm: 64 bidirectional sequences", "dense: 21 softmax"),
)
DCGAN: Final = sequence(
    "1x1x100",
    *("upconv: 512 4x4 nobias bn relu", "upconv: 256 4x4/2 pad=1 nobias bn relu"),
    *("upconv: 128 4x4/2 pad=1 nobias bn relu", "upconv: 64 4x4/2 pad=1 nobias bn relu"),
    "upconv: 3 4x4/2 pad=1 nobias tanh",
)
CASES: Final = {
    "causal, dilated convolutions": Case(
        sequence(
            "200x1",
            *(f"conv: 5 kernel={k} dilation={d} causal" for k, d in ((10, 1),)),
            "conv: 5 kernel=5 dilation=2 causal",
            "conv: 1 kernel=1",
        ),
        "mcmap 2023544; keras #8751",
        layers={
            "conv1": {"shape": (200, 5), "params": 55},
            "conv2": {"shape": (200, 5), "params": 130},
            "conv3": {"params": 6},
        },
        params=191,
    ),
    "WaveNet's field, one stack": Case(
        sequence("4096x1", *stack(range(10))), "stats.SE 265462", layers={"conv10": {"receptive_field": (1024,)}}
    ),
    "WaveNet's field, three stacks": Case(
        sequence("4096x1", *stack(range(10)) * 3),
        "stats.SE 265462",
        layers={"conv20": {"receptive_field": (2047,)}, "conv30": {"receptive_field": (3070,)}},
    ),
    "one convolution on MNIST": Case(
        sequence("28x28x1", "Convolution2D: {filters: 32, kernel_size: [3, 3], activation: relu}"),
        "e-learn 389272",
        params=320,
        layers={"conv1": {"shape": (26, 26, 32)}},
    ),
    "an LSTM of 256 on 4096": Case(sequence("16x4096", "lstm: 256"), "newbedev", params=4_457_472),
    "an LSTM of 9 on 1": Case(sequence("20x1", "lstm: 9"), "datascience.SE 128705", params=396),
    "captcha OCR": Case(LENET_CAPTCHA, "keras.io captcha_ocr, 21 classes", params=432_725),
    "one convolution on two inputs": Case(
        "input: {x: 16x16x1, y: 28x28x1}\nlayers:\n  - conv: 1 3x3 same\n    from: x\n    name: one\n"
        "  - share: one\n    from: y\n    name: two\noutputs: [one, two]\n",
        "pytorch-summary #79",
        params=10,
        macs=9 * (16 * 16 + 28 * 28),
    ),
    "TimeDistributed Conv1D as a convolution": Case(
        sequence("100x125x1", "conv: 8 1x4 same"),
        "Audio-Classification #13",
        params=40,
        layers={"conv1": {"shape": (100, 125, 8)}},
    ),
    "PatchGAN": Case(
        sequence(
            "256x256x3",
            *("conv: 64 4x4/2 pad=1", "conv: 128 4x4/2 pad=1", "conv: 256 4x4/2 pad=1", "conv: 512 4x4 pad=1"),
            "conv: 1 4x4 pad=1",
        ),
        "geekdaxue toet90",
        layers={"conv5": {"shape": (30, 30, 1), "receptive_field": (70, 70)}},
    ),
    "ceil_mode": Case(
        sequence("112x112x64", "maxpool: {pool: 3, stride: 2, ceil_mode: true}"),
        "linuxtut 26971ed4",
        layers={"maxpool1": {"shape": (56, 56, 64)}},
    ),
    "a batch norm of 512": Case(sequence("7x7x512", "bn"), "devpeace 42521005", params=2048, trainable=1024),
    "a transposed convolution's MACs": Case(sequence("2x2x3", "upconv: 1 2x2/2 nobias"), "ptflops #149", macs=48),
    "mat1 and mat2": Case(
        sequence(
            "28x28x1", "conv: 16 3x3 same", "maxpool: 2", "conv: 32 3x3 same", "maxpool: 2", "flatten", "dense: 10"
        ),
        "androidkt",
        layers={"flatten1": {"shape": (1568,)}},
    ),
    "ResNeXt's cardinality in groups": Case(
        sequence("56x56x256", "conv: 128 1x1 nobias bn", "conv: 128 3x3 same groups=32 nobias bn"),
        "Keras-ResNeXt #6; grouped weights are 3·3·(128/32)·128",
        layers={"conv2": {"params": 4608}},
    ),
    "Nature DQN": Case(
        sequence(
            "84x84x4",
            "conv: 32 8x8/4 relu",
            "conv: 64 4x4/2 relu",
            "conv: 64 3x3 relu",
            "flatten",
            "dense: 512 relu",
            "dense: 4",
        ),
        "le.qun.ch",
        params=1_686_180,
        layers={"conv1": {"shape": (20, 20, 32)}, "conv2": {"shape": (9, 9, 64)}, "conv3": {"shape": (7, 7, 64)}},
    ),
    "DCGAN's generator": Case(
        DCGAN, "PyTorch's tutorial", trainable=3_576_704, layers={"upconv5": {"shape": (64, 64, 3)}}
    ),
    "d2l's transposed convolution": Case(
        sequence("6x6x10", "upconv: 20 5x5/3 pad=2"),
        "d2l, transposed-conv",
        layers={"upconv1": {"shape": (16, 16, 20)}},
    ),
    "Conv3D on a volume": Case(
        sequence("40x64x64x3", "conv: 8 3x3x3", "maxpool: 2"),
        "imathworks, Cross Validated",
        layers={"conv1": {"shape": (38, 62, 62, 8)}, "maxpool1": {"shape": (19, 31, 31, 8)}},
    ),
    "darknet's yolov3-tiny, first layers": Case(
        sequence("608x608x3", "conv: 16 3x3 same nobias bn leaky_relu"),
        "aiwiki #52: 0.319 BFLOPs are 2 MACs",
        layers={"conv1": {"macs": 159_694_848}},
    ),
    "ViT's patches": Case(
        sequence("224x224x3", "conv: 768 16x16/16", "reshape: -1x768"),
        "datahacker 54124",
        params=590_592,
        layers={"reshape1": {"shape": (196, 768)}},
    ),
    "a captcha's kernel": Case(
        sequence("6x29x6", "conv: 48 6x6 same nobias"),
        "the weights of a convolution are F·F·C·K",
        params=6 * 6 * 6 * 48,
    ),
    "IMDb by convolution": Case(
        sequence(
            "400",
            "embedding: {vocabulary: 5000, units: 50}",
            "conv: 250 kernel=3 relu",
            "gmp",
            "dense: 250 relu",
            "dense: 1 sigmoid",
        ),
        "keras imdb_cnn: 250,000 + 37,750 + 62,750 + 251",
        params=350_751,
    ),
    "CycleGAN's stem": Case(
        sequence(
            "256x256x3",
            *("nn.ReflectionPad2d: 3", "nn.Conv2d: {in_channels: 3, out_channels: 64, kernel_size: 7}"),
            "nn.InstanceNorm2d: {num_features: 64, affine: true}",
        ),
        "PyTorch-GAN: 7·7·3·64 + 64, and 2·64 of an instance norm that learns",
        params=9_600,
        layers={"conv1": {"shape": (256, 256, 64)}},
    ),
    "PyTorch's tutorial on CIFAR-10": Case(
        sequence(
            "32x32x3",
            *("nn.Conv2d: {in_channels: 3, out_channels: 6, kernel_size: 5}", "nn.ReLU", "nn.MaxPool2d: 2"),
            *("nn.Conv2d: {in_channels: 6, out_channels: 16, kernel_size: 5}", "nn.ReLU", "nn.MaxPool2d: 2"),
            *("nn.Flatten", "nn.Linear: {in_features: 400, out_features: 120}", "nn.ReLU"),
            *("nn.Linear: {in_features: 120, out_features: 84}", "nn.ReLU"),
            "nn.Linear: {in_features: 84, out_features: 10}",
        ),
        "pytorch.org, Training a Classifier",
        params=62_006,
    ),
    "four ConvLSTMs": Case(
        sequence("8x40x40x1", *["convlstm: 40 3x3 same sequences", "bn"] * 4, "conv: 1 1x3x3 same sigmoid"),
        "keras #3906",
        params=406_281,
    ),
    "broadcasting in add": Case(
        sequence("8x8x4", "add: [[conv: 4 1x1], [gap: keepdims]]"),
        "keras.layers.Add",
        layers={"add1": {"shape": (8, 8, 4)}},
    ),
    "a frozen base": Case(
        sequence("96x96x3", "network: mobilenetv2\n    without: top\n    trainable: false", "gap", "dense: 5 softmax"),
        "keras #4513",
        params=2_264_389,
        trainable=6_405,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_public_case_gets_its_number(name: str) -> None:
    """Totals and layers as the thread, or Keras, has them."""
    case = CASES[name]
    table = cnnspec.summarize(cnnspec.loads(case.spec))
    totals = table.totals
    for wanted, found in (
        (case.params, totals.params),
        (case.trainable, totals.trainable_params),
        (case.macs, totals.macs),
    ):
        assert wanted in (None, found)
    for layer, facts in case.layers.items():
        row = table[layer]
        assert {fact: getattr(row, fact) for fact in facts} == facts, layer


def unet(side: int) -> str:
    """Return a U-Net that enlarges without convolutions, on seven channels, as somebody has built it."""
    lines = [f"input: {side}x{side}x7", "blocks:", "  two:", "    params: {f: required}"]
    lines += ["    layers: [conv: $f 3x3 same bn relu, conv: $f 3x3 same bn relu]", "layers:"]
    for level, filters in enumerate((64, 128, 256, 512)):
        lines += [f"  - two: {filters}", f"    name: down{level}", "  - maxpool: 2"]
    lines.append("  - two: 1024")
    for level, filters in reversed(list(enumerate((64, 128, 256, 512)))):
        lines += ["  - upsample: 2", f"    name: up{level}", "  - concat:", f"    from: [down{level}, up{level}]"]
        lines.append(f"  - two: {filters}")
    return "\n".join([*lines, "  - conv: 1 1x1 sigmoid", ""])


def test_a_unet_on_an_odd_size_says_which_sizes_differ() -> None:
    """CSDN 131796911: 451 pixels are halved to 225 and 112, and 112 doubled is 224; padded, it has 31,404,801."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads(unet(451))
    (fault,) = caught.value.diagnostics
    differ = "(225, 225, 128) and (224, 224, 256)"
    assert fault.message == f"`concat` needs inputs that agree in all but channels, not {differ}"
    assert cnnspec.summarize(cnnspec.loads(unet(464))).totals.params == 31_404_801
