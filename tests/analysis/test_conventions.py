"""Conventions of other tools: their totals of known networks to the last digit, and layer by layer what they print.

The numbers of layers are those that the tools themselves printed: torchinfo 1.8.0, fvcore 0.1.5, thop 0.1.1, ptflops
0.7.5, calflops 0.3.2 with PyTorch 2.13, and TensorFlow 2.21 with Keras 3.15, whose graph was frozen.
"""

from __future__ import annotations

import json
from typing import Final

import pytest
from typer.testing import CliRunner

import cnnspec
from cnnspec.analysis.conventions import convention, names
from cnnspec.cli.app import COMMANDS, make_app
from cnnspec.errors import UsageError
from cnnspec.explaining.conventions import render as render_page
from cnnspec.formula import Term, render
from cnnspec.ir.layer import ALIASES, KINDS
from cnnspec.ir.role import Role

COLUMNS: Final = 80
TORCH: Final = ("torchvision", "ptflops", "torchinfo", "fvcore", "thop", "ptflops-pytorch", "calflops")
VGG16: Final = """input: 224x224x3
layers:
  - for: [f, n]
    in: [[64, 2], [128, 2], [256, 3], [512, 3], [512, 3]]
    do:
      - conv: $f 3x3 pad=1 relu
        repeat: $n
      - maxpool: 2
  - adaptive_avgpool: 7
  - flatten
  - dense: 4096 relu
  - dense: 4096 relu
  - dense: 1000
"""
RESNET50: Final = """input: 224x224x3
defaults:
  conv: nobias bn
blocks:
  bottleneck:
    params: {f: required, stride: 1, project: false}
    layers:
      - residual:
          body:
            - conv: $f 1x1 relu
            - conv: $f 3x3/$stride pad=1 relu
            - conv: ${4*f} 1x1
          shortcut:
            - conv: ${4*f} 1x1/$stride
              when: $project
      - relu
layers:
  - conv: 64 7x7/2 pad=3 relu
  - maxpool: 3x3/2 pad=1
  - for: [f, n, s]
    in: [[64, 3, 1], [128, 4, 2], [256, 6, 2], [512, 3, 2]]
    do:
      - bottleneck: {f: $f}
        repeat: $n
        first: {stride: $s, project: true}
  - gap
  - dense: 1000
"""
RESNET18: Final = cnnspec.load("resnet18").source.text.replace(" softmax", "")
"""PyTorch's networks end without a softmax, which its loss contains."""
LENET5: Final = """input: 32x32x1
layers: [conv: 6 5x5, avgpool: 2, conv: 16 5x5, avgpool: 2, flatten, dense: 120, dense: 84, dense: 10]
"""
TOTALS: Final = {
    cnnspec.load("alexnet-torchvision").source.text: (
        714_188_480,
        714_682_664,
        714_682_664,
        714_197_696,
        714_206_912,
        716_441_128,
        1_429_741_184,
    ),
    VGG16: (
        15_470_264_320,
        15_483_821_032,
        15_483_821_032,
        15_470_289_408,
        15_470_314_496,
        15_523_225_576,
        30_973_778_432,
    ),
    RESNET18: (1_814_073_344, 1_814_074_344, 1_814_083_944, 1_819_065_856, 1_824_033_792, 1_825_313_768, 3_636_250_112),
    RESNET50: (4_089_184_256, 4_089_185_256, 4_089_238_376, 4_111_512_576, 4_133_742_592, 4_132_436_968, 8_211_108_352),
    LENET5: (416_520, 423_038, 423_038, 416_520, 418_096, 435_646, 845_648),
}
"""What the tools print for torchvision's networks and LeNet-5 (reference/counting.md); fvcore and torchinfo's LeNet-5
are the MACs, and the MACs with their biases."""


@pytest.mark.parametrize("text", TOTALS, ids=["alexnet", "vgg16", "resnet18", "resnet50", "lenet5"])
@pytest.mark.parametrize("tool", TORCH)
def test_totals_of_networks(text: str, tool: str) -> None:
    """Every tool's total, to the last digit."""
    table = cnnspec.summarize(cnnspec.loads(text), convention=tool)
    assert sum(row.operations for row in table) == TOTALS[text][TORCH.index(tool)]


@pytest.mark.parametrize(
    ("name", "total"), [("vgg16", 30_960_211_824), ("resnet50", 7_755_299_312), ("lenet5-1998", None)]
)
def test_totals_of_keras_networks(name: str, total: int | None) -> None:
    """TensorFlow's profiler on keras.applications, and on a LeNet-5 with mean pooling and a softmax: 845,912."""
    graph = cnnspec.load(name) if total else cnnspec.loads(LENET5.replace("dense: 10", "dense: 10 softmax"))
    table = cnnspec.summarize(graph, convention="tf-profiler")
    assert sum(row.operations for row in table) == (total or 845_912)


# Columns: torchvision, ptflops, torchinfo, fvcore, thop, ptflops-pytorch, calflops. None is said to be unknown.
LAYERS: Final = {
    "conv: 4 3x3": (4608, 4672, 4672, 4608, 4608, 4672, 9280),
    "conv: 4 3x3 nobias": (4608, 4608, 4608, 4608, 4608, 4608, 9216),
    "upconv: 4 3x3/2": (10368, 11044, 49348, 10368, 48672, 11044, None),
    "bn": (0, 0, 16, 576, 1152, 576, 576),
    "bn: {center: false, scale: false}": (0, 0, 0, 288, 576, 288, 288),
    "gn: 2": (0, 0, 16, 1440, 0, 576, 1440),
    "gn: {groups: -1, center: false, scale: false}": (0, 0, 0, 1152, 576, 288, 1152),
    "lrn: 5": (0, 0, 0, 0, 0, None, None),
    "relu": (0, 0, 0, 0, 0, 576, 288),
    "relu6": (0, 0, 0, 0, 0, 288, 0),
    "leaky_relu": (0, 0, 0, 0, 0, 288, 288),
    "prelu: {shared: all}": (0, 0, 1, 0, 288, 576, 288),
    "elu": (0, 0, 0, 0, 0, 576, 288),
    "selu": (0, 0, 0, 0, 0, 0, 0),
    "gelu": (0, 0, 0, 0, 0, 576, 288),
    "silu": (0, 0, 0, 0, 0, 288, 288),
    "hard_silu": (0, 0, 0, 0, 0, 0, 0),
    "sigmoid": (0, 0, 0, 0, 0, 0, 0),
    "tanh": (0, 0, 0, 0, 0, 0, 0),
    "mish": (0, 0, 0, 0, 0, 0, 0),
    "log_softmax": (0, 0, 0, 0, 0, 0, 0),
    "glu": (0, 0, 0, 0, 0, 0, 0),
    "maxpool: 2": (0, 0, 0, 0, 0, 576, 288),
    "avgpool: 3": (0, 0, 0, 0, 32, 576, 288),
    "gap": (0, 0, 0, 288, 296, 576, 288),
    "adaptive_avgpool: 4": (0, 0, 0, 288, 416, 576, 288),
    "gmp": (0, 0, 0, 0, 0, 576, 288),
    "upsample: 2": (0, 0, 0, 1152, 1152, 2304, 288),
    "upsample: 2 bilinear": (0, 0, 0, 4608, 12672, 2304, 288),
    "upsample: 2 bicubic": (0, 0, 0, 0, None, 2304, 288),
    "dropout: 0.5": (0, 0, 0, 0, 0, 0, 0),
    "flatten": (0, 0, 0, 0, 0, 0, 0),
    "pad: 1": (0, 0, 0, 0, 0, 0, 0),
    "add: [identity, [identity]]": (0, 0, 0, 0, 0, 0, 0),
    "multiply: [identity, [identity]]": (0, 0, 0, 0, 0, 0, 0),
    "concat: [identity, [identity]]": (0, 0, 0, 0, 0, 0, 0),
    "depth_to_space: 2": (0, 0, 0, 0, 0, 0, 0),
    "conv: 4 3x3 relu": (4608, 4672, 4672, 4608, 4608, 4672 + 2 * 64, 9280 + 64),
}
"""What the tools print for a layer on (6, 6, 8)."""


@pytest.mark.parametrize("item", LAYERS)
def test_layers_of_torch(item: str) -> None:
    """Role by role, with the deviations that kinds state."""
    found = [_operations(f"input: 6x6x8\nlayers:\n  - {item}\n", tool) for tool in TORCH]
    assert tuple(found) == LAYERS[item]


def _operations(text: str, tool: str, **options: int) -> int | None:
    table = cnnspec.summarize(cnnspec.loads(text), convention=tool, **options)
    if any(isinstance(row.quantities.counted, str) for row in table):
        return None
    return sum(row.operations for row in table)


@pytest.mark.parametrize(
    ("item", "shape", "counts"),
    [
        ("dense: 4", "8", (32, 36, 36, 32, 32, 36, 64)),
        ("dense: 4", "8x6x6", (1152, 1344, 28, 1152, 1152, 1344, 2304)),
        ("ln", "8x6x6", (0, 0, 12, 1440, 1152, 288, 1440)),
        ("rms_norm", "8x6x6", (0, 0, 6, 0, 0, 0, 0)),
        ("softmax", "8x6x6", (0, 0, 0, 0, 816, 288, 288)),
    ],
)
def test_layers_on_the_last_axis(item: str, shape: str, counts: tuple[int, ...]) -> None:
    """PyTorch's linear layers and softmax take the last axis, where ours have the channels."""
    text = f"input: {shape}\nlayers:\n  - {item}\n"
    assert tuple(_operations(text, tool) for tool in TORCH) == counts


KERAS: Final = {
    "conv: 4 3x3": 9280,
    "conv: 4 3x3 relu": 9280,
    "conv: 4 3x3 softmax": 9600,
    "conv: 4 3x3 groups=2": None,
    "dwconv: 3x3": 2432,
    "sepconv: 4 3x3": 3392,
    "upconv: 4 3x3/2": None,
    "dense: 4": 2448,
    "bn": 624,
    "bn: {scale: false}": 616,
    "bn: {center: false}": 624,
    "bn: {center: false, scale: false}": 616,
    "ln": None,
    "relu": 0,
    "leaky_relu": 0,
    "prelu": 1152,
    "tanh": 0,
    "softmax": 1440,
    "silu": 576,
    "gelu": 1152,
    "hard_sigmoid": 576,
    "hard_silu": 864,
    "mish": 288,
    "celu": 1440,
    "squareplus": 1152,
    "sparse_plus": 1440,
    "hard_tanh": 576,
    "tanh_shrink": 288,
    "hard_shrink": 288,
    "soft_shrink": 1152,
    "sparse_sigmoid": 1152,
    "log_sigmoid": 576,
    "sparsemax": None,
    "maxpool: 2": 288,
    "avgpool: 3": 288,
    "maxpool: 3x3/2 same": 648,
    "gap": 288,
    "gmp": 0,
    "adaptive_avgpool: 2": None,
    "rescale: 1/255": 576,
    "dropout: 0.5": 0,
    "flatten": 0,
    "pad: 1": 0,
    "permute: 2x1x3": 0,
    "add: [identity, [identity]]": 288,
    "maximum: [identity, [identity], [identity]]": 576,
    "average: [identity, [identity]]": 576,
    "average: [identity, [identity], [identity]]": 864,
    "concat: [identity, [identity]]": 0,
}
"""What TensorFlow's profiler prints for a layer on (6, 6, 8)."""


@pytest.mark.parametrize("item", KERAS)
def test_layers_of_keras(item: str) -> None:
    """What is not modelled is unknown, not 0."""
    assert _operations(f"input: 6x6x8\nlayers:\n  - {item}\n", "tf-profiler") == KERAS[item]


@pytest.mark.parametrize(
    ("item", "shape", "count"),
    [
        ("conv: 4 kernel=3", "9x8", 1372),
        ("maxpool: 2", "9x8", 64),
        ("gap", "9x8", 72),
        ("conv: 4 3x3x3", "5x5x5x2", 11772),
        ("maxpool: 2", "4x4x4x2", 0),
    ],
)
def test_other_ranks_of_keras(item: str, shape: str, count: int) -> None:
    """The profiler does not know the pooling of volumes."""
    assert _operations(f"input: {shape}\nlayers:\n  - {item}\n", "tf-profiler") == count


def test_batches() -> None:
    """TensorFlow's batch norm of 3 samples has its constants once; torchinfo's README has a batch of 7."""
    assert _operations("input: 6x6x8\nlayers: [bn]\n", "tf-profiler", batch=3) == 1776
    assert _operations("input: 6x6x8\nlayers: [conv: 4 3x3]\n", "tf-profiler", batch=2) == 18560
    text = (
        "input: 28x28x1\nlayers: [conv: 10 5x5, maxpool: 2, conv: 20 5x5, maxpool: 2, flatten, dense: 50, dense: 10]\n"
    )
    table = cnnspec.summarize(cnnspec.loads(text), convention="torchinfo", batch=7)
    assert [row.operations for row in table if row.macs] == [1_048_320, 2_248_960, 112_350, 3_570]
    assert _operations(text, "ptflops", batch=7) == _operations(text, "ptflops")


def test_published_examples() -> None:
    """Tests of ptflops, fvcore's documentation, tests of keras-flops, Netscope's rule for local response norms."""
    assert _operations("input: 224x224x3\nlayers: [conv: 2 3x3]\n", "ptflops") == 2_759_904
    assert _operations("input: 224x224x3\nlayers: [upconv: 2 3x3/2]\n", "ptflops") == 3_112_706
    assert _operations("input: 3\nlayers: [dense: 2]\n", "ptflops") == 8
    assert _operations("input: 10x10x3\nlayers: [conv: 10 1x1, flatten, dense: 10]\n", "fvcore") == 13_000
    assert _operations("input: 32x32x3\nlayers: [conv: 32 3x3 same]\n", "tf-profiler") == 55 * 32 * 32 * 32
    assert _operations("input: 32x32x3\nlayers: [dwconv: 3x3 same]\n", "tf-profiler") == 19 * 32 * 32 * 3
    assert _operations("input: 6x6x8\nlayers: [lrn: 5]\n", "netscope") == 5 * 288
    assert _operations("input: 6x6x8\nlayers: [conv: 4 3x3, flatten, dense: 9]\n", "darknet") == 9216


def test_the_conventions_that_there_are() -> None:
    """Our own stands first, which counts the MACs."""
    assert names() == [
        "course",
        "calflops",
        "darknet",
        "fvcore",
        "netscope",
        "ptflops",
        "ptflops-pytorch",
        "tf-profiler",
        "thop",
        "torchinfo",
        "torchvision",
    ]
    for name in ("vgg16", "crnn", "vit-b16", "unet"):
        table = cnnspec.summarize(cnnspec.load(name), convention="course")
        assert sum(row.operations for row in table) == table.totals.macs


@pytest.mark.parametrize("name", names())
def test_every_kind_is_counted_or_said_to_be_unknown(name: str) -> None:
    """A rule says in words what it counts, and no kind with MACs counts nothing without a word."""
    tool = convention(name)
    assert all((rule.__doc__ or "").split("\n", maxsplit=1)[0].endswith(".") for rule in tool.rules.values())
    assert {Role.CONVOLUTION, Role.DENSE} <= tool.rules.keys()
    for text in ("input: 6x6x8\nlayers: [dot: [[flatten], [flatten]]]", "input: 7x6\nlayers: [lstm: 5]"):
        try:
            table = cnnspec.summarize(cnnspec.loads(text), convention=name)
        except cnnspec.SpecError:
            continue
        assert all(row.operations or not row.macs or row.quantities.counted for row in table)


def test_no_convention_is_named_as_a_kind_is() -> None:
    """`cnnspec explain NAME` means one thing."""
    assert not {*names()} & {*KINDS, *ALIASES}


def test_formulas() -> None:
    """The derivation of what is counted elsewhere, with the numbers put in."""
    table = cnnspec.summarize(
        cnnspec.loads("input: 6x6x8\nlayers: [bn, softmax, conv: 4 3x3 relu]\n"), convention="thop"
    )
    assert table["bn1"].formula("operations") == "4·H′·W′·C′ = 4·6·6·8 = 1,152"
    assert table["softmax1"].formula("operations") == "H′·W′·(3·C′ − 1) = 6·6·(3·8 − 1) = 828"
    found = cnnspec.summarize(cnnspec.loads("input: 6x6x8\nlayers: [bn]\n"), convention="tf-profiler", batch=2)
    counted = found["bn1"].quantities.counted
    assert isinstance(counted, Term)
    assert render(counted) == "b·2·H′·W′·C′ + 6·C"
    assert "operations" not in cnnspec.explain(cnnspec.load("lenet5"), "conv1")
    assert "unknown: what fvcore counts for `lstm` is not modelled" in cnnspec.explain(
        cnnspec.load("crnn"), "lstm1", convention="fvcore"
    )


def test_parameters_as_pytorch_counts_them() -> None:
    """Torchvision's resnet18 has 11,689,512; frozen ones are parameters, and not trainable."""
    table = cnnspec.summarize(cnnspec.load("resnet18"), params="torch")
    assert table.totals[:3] == (11_689_512, 11_689_512, 0)
    assert table["bn1"].formula("params") == "2·C = 2·64 = 128"
    text = "input: 8x8x3\nlayers:\n  - bn\n  - bn:\n    trainable: false\n  - normalize\n"
    assert cnnspec.summarize(cnnspec.loads(text), params="torch").totals[:3] == (12, 6, 6)


def test_unknown_words_are_misuse() -> None:
    """A convention, and who counts parameters."""
    graph = cnnspec.load("lenet5")
    for options, message in (
        ({"convention": "thops"}, "unknown convention `thops`"),
        ({"params": "pytorch"}, "unknown way to count parameters `pytorch`"),
    ):
        with pytest.raises(UsageError) as caught:
            cnnspec.summarize(graph, **options)
        assert caught.value.diagnostics[0].message == message


def test_commands() -> None:
    """The column stands in the place of the MACs, JSON has both, and there are pages."""

    def run(*words: str) -> str:
        done = CliRunner().invoke(make_app(COMMANDS), list(words))
        assert done.exit_code == 0, done.output
        return done.stdout

    text = run("summarize", "alexnet-torchvision", "--convention", "thop")
    assert "Operations  714,206,912 MACs as thop counts them\n" in text
    assert "MACs  " not in text.splitlines()[2]
    found = json.loads(run("summarize", "crnn", "--convention", "fvcore", "--format", "json", "--params", "torch"))
    assert (found["convention"], found["params_as"]) == ("fvcore", "torch")
    assert found["totals"]["operations"] is None
    assert [layer["operations"] for layer in found["layers"]][5:10] == [2_457_600, 0, None, None, 134_400]
    assert "convention" not in json.loads(run("summarize", "lenet5", "--format", "json"))
    assert run("summarize", "lenet5", "--convention", "help").count("\n") == len(names()) + 2
    for name in names():
        assert run("explain", name).startswith(f"{name}: ")
    assert "Per element" not in run("explain", "thop")
    assert "  Per element: 1 relu, leaky_relu, elu, gelu, silu, softmax.\n" in run("explain", "calflops")
    for words in (
        ("explain", "thop", "--memory"),
        ("explain", "E103", "--optimizer", "adam"),
        ("explain", "E103", "a"),
    ):
        done = CliRunner().invoke(make_app(COMMANDS), list(words))
        assert done.exit_code == 2
        assert "a page is shown alone, without other arguments" in done.stderr


@pytest.mark.parametrize("name", names())
def test_a_page_about_a_convention_fits_a_terminal(name: str) -> None:
    """It is prose, and nothing forces a line to be longer."""
    assert [line for line in render_page(name).splitlines() if len(line) > COLUMNS] == []
