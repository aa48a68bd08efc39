"""The PyTorch listing: what it looks like, that it says all that it must, and that it runs nothing a spec says.

PyTorch itself has its say in `test_verification.py`; nothing here needs it.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from runpy import run_path
from typing import TYPE_CHECKING, Final

import pytest

import cnnspec
from cnnspec.ir.layer import KINDS
from cnnspec.torch.listing import render
from cnnspec.torch.planning import what_torch_lacks
from tests.bundled_cases import cases as bundled_cases

if TYPE_CHECKING:
    from collections.abc import Callable

ORACLE: Final = run_path(str(Path(__file__).parents[1] / "keras" / "test_oracle.py"))
ROWS: Final = ORACLE["ALL"]
"""An input shape and an item for every kind on input of every number of axes."""
LENET: Final = """\
# lenet5: 8 layers, 664,086 parameters, 8,778,056 MACs
# PyTorch counts 664,086 parameters too
# input: 1×28×28 behind the batch, channels first
from torch import nn

model = nn.Sequential(
    nn.Conv2d(1, 32, 5, padding=2),
    nn.ReLU(),  # conv1: 32×28×28
    nn.MaxPool2d(2),  # maxpool1: 32×14×14
    nn.Conv2d(32, 48, 5, padding=2),
    nn.ReLU(),  # conv2: 48×14×14
    nn.MaxPool2d(2),  # maxpool2: 48×7×7
    nn.Flatten(),  # flatten1: 2352; channel by channel: Keras has these elements in another order
    nn.Linear(2352, 256),
    nn.ReLU(),  # dense1: 256
    nn.Linear(256, 84),
    nn.ReLU(),  # dense2: 84
    nn.Linear(84, 10),
    nn.Softmax(dim=1),  # dense3: 10
)
"""
BRANCHES: Final = """
name: small residual
input: 9x9x3
layers:
  - conv: 4 3x3/2 same bn
  - maxpool: 3x3/2 pad=1
  - residual: [conv: 4 3x3 same nobias, bn: noscale]
  - dense: 6 relu
  - conv: 8 1x1
  - gap
outputs: [gap1, conv3]
"""
BRANCHES_LISTED: Final = """\
# small residual: 9 layers, 370 parameters, 4,644 MACs
# PyTorch counts 358 parameters: the 16 moving means and variances are buffers there, and 4 that its layers have \
beyond these are held at what changes nothing
# input: 3×9×9 behind the batch, channels first
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.bn1 = nn.BatchNorm2d(4, eps=0.001, momentum=0.01)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(4, eps=0.001, momentum=0.01)
        nn.init.constant_(self.bn2.weight, 1.0).requires_grad_(False)
        self.dense1 = nn.Linear(4, 6)
        self.relu = nn.ReLU()
        self.conv3 = nn.Conv2d(6, 8, 1)
        self.adaptiveavgpool = nn.AdaptiveAvgPool2d(1)

    def forward(self, x):
        x = self.conv1(x)  # 4×5×5
        x = self.bn1(x)  # 4×5×5
        maxpool1 = self.maxpool(x)  # 4×3×3
        x = self.conv2(maxpool1)  # 4×3×3
        x = self.bn2(x)  # 4×3×3
        x = x + maxpool1  # 4×3×3
        x = self.relu(self.dense1(x.permute(0, 2, 3, 1)))  # 3×3×6
        conv3 = self.conv3(x.permute(0, 3, 1, 2))  # 8×3×3
        gap1 = self.adaptiveavgpool(conv3).flatten(1)  # 8
        return gap1, conv3


model = Net()
"""
STEPS: Final = (
    # TensorFlow puts the odd row of `same` behind.
    ("8x8x3", "conv: 4 3x3/2 same", "self.conv1(F.pad(x, (0, 1, 0, 1)))", "nn.Conv2d(3, 4, 3, stride=2)"),
    ("8x8x3", "conv: 4 4x4 same", "self.conv1(F.pad(x, (1, 2, 1, 2)))", "nn.Conv2d(3, 4, 4)"),
    ("9x8x3", "conv: 4 3x5 pad=[[1,1],[0,2]]", "self.conv1(F.pad(x, (0, 2, 1, 1)))", "nn.Conv2d(3, 4, (3, 5))"),
    ("9x3", "conv: 4 kernel=3 causal dilation=2", "self.conv1(F.pad(x, (4, 0)))", "nn.Conv1d(3, 4, 3, dilation=2)"),
    # Padding never wins the maximum.
    (
        "8x8x3",
        "maxpool: 3x3/2 same",
        'self.maxpool(F.pad(x, (0, 1, 0, 1), value=float("-inf")))',
        "nn.MaxPool2d(3, stride=2)",
    ),
    (
        "8x8x3",
        "avgpool: 3x3/2 same",
        "F.avg_pool2d(F.pad(x, (0, 1, 0, 1)), 3, 2) / F.avg_pool2d(F.pad(torch.ones_like(x), (0, 1, 0, 1)), 3, 2)",
        "",
    ),
    # Keras gives s·n elements, and cuts off behind first: (8 − 1)·2 + 3 − 16 = 1.
    ("8x8x3", "upconv: 4 3x3/2 same", "self.upconv1(x)[..., :-1, :-1]", "nn.ConvTranspose2d(3, 4, 3, stride=2)"),
    # With a kernel smaller than the stride nothing is cut off: 7·3 + 1 + 2 = 24.
    (
        "8x8x3",
        "upconv: 4 1x1/3 same",
        "self.upconv1(x)",
        "nn.ConvTranspose2d(3, 4, 1, stride=3, output_padding=2)",
    ),
    # PyTorch pads by at most half of a window.
    (
        *("8x8x3", "avgpool: {pool: 3, stride: 1, padding: 2}"),
        *("self.avgpool(F.pad(x, (2, 2, 2, 2)))", "nn.AvgPool2d(3, stride=1)"),
    ),
    (
        *("8x8x3", "maxpool: {pool: 3, stride: 1, padding: 2}"),
        *('self.maxpool(F.pad(x, (2, 2, 2, 2), value=float("-inf")))', "nn.MaxPool2d(3, stride=1)"),
    ),
    ("8x8x3", "avgpool: {pool: 2, padding: 1}", "self.avgpool(x)", "nn.AvgPool2d(2, padding=1)"),
    ("8x8x4", "alpha_dropout: 0.3", "self.alphadropout(x)", "nn.AlphaDropout(0.3)"),
    ("8x8x4", "spatial_dropout: 0.2", "self.dropout(x)", "nn.Dropout2d(0.2)"),
    ("8x8x4", "gaussian_noise: 0.1", "x + torch.randn_like(x) * (0.1 if self.training else 0)", ""),
    # The variance of a dropout: 0.3/0.7 is 0.654653670708².
    (
        "8x8x4",
        "gaussian_dropout: 0.3",
        "x * (1 + torch.randn_like(x) * (0.654653670708 if self.training else 0))",
        "",
    ),
    # A slope for every column and channel, for every channel.
    (
        "5x8x3",
        "prelu: {shared_axes: [1]}",
        "F.relu(x) - self.prelu1 * F.relu(-x)",
        "nn.Parameter(torch.full((3, 1, 8), 0.25))",
    ),
    ("5x8x3", "prelu: shared", "self.prelu1(x)", "nn.PReLU(num_parameters=3)"),
    ("8x8x3", "relu: 5", "self.hardtanh(x)", "nn.Hardtanh(0.0, 5.0)"),
    ("8x8x3", "relu: slope=0.2", "self.leakyrelu(x)", "nn.LeakyReLU(0.2)"),
    ("8x8x3", "leaky_relu: 0.2", "self.leakyrelu(x)", "nn.LeakyReLU(0.2)"),
    ("8x8x4", "ln", "self.ln1(x.permute(0, 2, 3, 1))", "nn.LayerNorm(4, eps=0.001)"),
    ("8x8x4", "gn: 2", "self.gn1(x)", "nn.GroupNorm(2, 4, eps=0.001)"),
    ("8x8x3", "crop: [[1,2],[0,3]]", "x[..., 1:-2, :-3]", ""),
    ("28x28x3", "centercrop: 24x20", "x[..., 2:26, 4:24]", ""),
    ("28x28x3", "centercrop: 28x20", "x[..., 0:28, 4:24]", ""),
    ("4x4x12", "split: 3 index=1", "x.narrow(1, 4, 4)", ""),
    ("4x6", "lstm: 5 second_bias", "self.lstm1(x)[0][:, -1]", "nn.LSTM(6, 5, batch_first=True)"),
    (
        "4x6",
        "gru: 5 bidirectional",
        "self.gru1(x)[1].transpose(0, 1).flatten(1)",
        "nn.GRU(6, 5, batch_first=True, bidirectional=True)",
    ),
    ("7", "embedding: 5 vocabulary=100", "self.embedding1(x.long())", "nn.Embedding(100, 5)"),
)
"""An input, an item, what `forward` returns of it, and its layer."""
CALLS: Final = (
    ("8x8x4", "conv: 6 3x3", "Conv2d(4, 6, 3)"),
    ("8x8x4", "upconv: 6 3x3", "ConvTranspose2d(4, 6, 3)"),
    ("8x8x4", "dense: 6", "Linear(4, 6)"),
    ("8x8x4", "maxpool: 2", "MaxPool2d(2)"),
    ("8x8x4", "avgpool: 3x3/2", "AvgPool2d(3, stride=2)"),
    ("8x8x4", "gap", "AdaptiveAvgPool2d(1)"),
    ("8x4", "gmp: keepdims", "AdaptiveMaxPool1d(1)"),
    ("8x8x4", "adaptive_avgpool: 4", "AdaptiveAvgPool2d(4)"),
    ("8x8x4", "adaptive_maxpool: 4x2", "AdaptiveMaxPool2d((4, 2))"),
    ("8x4", "bn", "BatchNorm1d(4, eps=0.001, momentum=0.01)"),
    ("8x8x4", "rms_norm", "RMSNorm(4)"),
    ("8x8x4", "lrn: 3", "LocalResponseNorm(3)"),
    ("8x8x4", "depth_to_space: 2", "PixelShuffle(2)"),
    ("8x8x4", "space_to_depth: 2", "PixelUnshuffle(2)"),
    ("8x8x4", "channel_shuffle: 2", "ChannelShuffle(2)"),
    ("8x8x4", "pad: 1 reflect", "ReflectionPad2d(1)"),
    ("8x8x4", "pad: 1 replicate", "ReplicationPad2d(1)"),
    ("8x8x4", "dropout: 0.2", "Dropout(0.2)"),
    ("8x4", "lstm: 6 second_bias", "LSTM(4, 6, batch_first=True)"),
    ("8x4", "gru: 6", "GRU(4, 6, batch_first=True)"),
    ("8x4", "rnn: 6 second_bias relu", 'RNN(4, 6, nonlinearity="relu", batch_first=True)'),
    ("8x4", "attention: 2", "MultiheadAttention(4, 2, batch_first=True)"),
    ("8", "embedding: 5 vocabulary=100", "Embedding(100, 5)"),
    ("8x8x4", "prelu: shared=[1,2,3]", "PReLU()"),
    ("8x8x4", "elu: 0.5", "ELU(alpha=0.5)"),
    ("8x8x4", "softmax", "Softmax(dim=1)"),
    ("8x8x4", "log_softmax", "LogSoftmax(dim=1)"),
    ("8x8x4", "glu", "GLU(dim=1)"),
    ("8x8x4", "threshold: 0.1 value=2", "Threshold(0.1, 2.0)"),
    ("8x8x4", "upsample: 2x3 bilinear", 'Upsample(scale_factor=(2, 3), mode="bilinear")'),
    ("8x8x4", "resize: 12", 'Upsample(size=(12, 12), mode="bilinear")'),
    ("8x8x4", "resize: 12 width=10 nearest", 'Upsample(size=(12, 10), mode="nearest-exact")'),
    ("8x8x4", "normalize", "BatchNorm2d(4, eps=1e-07, momentum=None, affine=False)"),
)
"""An input, an item, and how PyTorch's documentation writes its class: what has no default without its name."""
REFUSED: Final = {
    "activity_regularization",
    "convlstm",
    "masking",
    "opaque",
    "random_crop",
    "sparsemax",
}
"""Kinds that PyTorch has no layer for, whatever their arguments are."""
LACKING: Final = """
input: 8x8x4
layers:
  - sparsemax
  - conv: 4 3x3 same
  - pad: 1 symmetric
  - bn: axis=1
  - softmax: axis=[1,2]
  - upsample: 2 bicubic
  - gaussian_dropout: 1
"""
LACKED: Final = [
    (4, "PyTorch has no layer that does what `sparsemax` does"),
    (6, "PyTorch has no `pad` with the mode `symmetric`"),
    (7, "PyTorch has no `bn` along another axis than the channels"),
    (8, "PyTorch has no `softmax` over several axes at once"),
    (9, "PyTorch has no `upsample` with Keras' interpolation `bicubic`"),
    (10, "PyTorch has no `gaussian_dropout` of the rate 1"),
]
PUBLISHED: Final = {
    "densenet121": 7_978_856,
    "efficientnetb0": 5_288_548,
    "mobilenetv2": 3_504_872,
    "resnet18": 11_689_512,
    "vgg16": 138_357_544,
    "vit-b16": 86_567_656,
}
"""What torchvision publishes as the parameters of its models of these networks."""


def listed(shape: str, *items: str) -> str:
    """Return the listing of a few items."""
    return render(cnnspec.loads(f"input: {shape}\nlayers:\n" + "".join(f"  - {item}\n" for item in items)))


def test_a_chain_is_sequential() -> None:
    """One line per layer of PyTorch, with the arguments that differ from its defaults."""
    assert render(cnnspec.load("lenet5")) == LENET


def test_everything_else_is_a_module() -> None:
    """Layers that learn have the names of the spec, others are made once; axes move where a layer wants it."""
    assert render(cnnspec.loads(BRANCHES)) == BRANCHES_LISTED


def test_a_large_network_reads_well(assert_golden: Callable[[str, str], None]) -> None:
    """ResNet-50: every layer that learns is made once and used once, and the numbers are Keras' and PyTorch's."""
    text = render(cnnspec.load("resnet50"))
    assert_golden("torch/resnet50.txt", text)
    assert "25,636,712 parameters" in text  # Keras' own
    assert (
        "PyTorch counts 25,583,592 parameters" in text
    )  # with biases, which torchvision's has not: 25,557,032 + 26,560
    assert (text.count("nn.Conv2d("), text.count("nn.BatchNorm2d("), text.count("nn.ReLU(")) == (53, 53, 1)
    made = [line.split()[0] for line in text.splitlines() if "= nn.Conv2d(" in line or "= nn.BatchNorm2d(" in line]
    assert [text.count(f"{name}(") for name in made] == [1] * 106


@pytest.mark.parametrize(("name", "count"), PUBLISHED.items())
def test_counts_are_torchvisions(name: str, count: int) -> None:
    """Without the moving means and variances, as PyTorch counts."""
    assert f"\n# PyTorch counts {count:,} parameters" in render(cnnspec.load(name))


@pytest.mark.parametrize(("shape", "item", "returned", "made"), STEPS)
def test_steps(shape: str, item: str, returned: str, made: str) -> None:
    """Padding has the numbers of Keras, and tuples are taken apart."""
    text = listed(shape, item, "add: [identity, identity]")
    assert f" = {returned}  # " in text
    assert made in text


@pytest.mark.parametrize(("shape", "item", "call"), CALLS)
def test_calls(shape: str, item: str, call: str) -> None:
    """The first arguments stand without their names, as in PyTorch's own examples."""
    assert f" = nn.{call}\n" in listed(shape, "add: [identity, identity]", item)


@pytest.mark.parametrize(
    ("item", "step"),
    [
        ("stochastic_depth: 0.1", "x = x * F.dropout(x.new_ones(x.shape[0], 1, 1, 1), 0.1, self.training)  # 8×8×4"),
        ("normalize: {mean: 0.5, variance: 4}", "x = (x - 0.5) / 2.0  # 8×8×4"),
        ("unit_norm", "x = F.normalize(x, dim=3)  # 8×8×4"),
        ("rescale: 2 offset=1", "x = x * 2.0 + 1.0  # 8×8×4"),
    ],
)
def test_what_works_in_any_order_leaves_it(item: str, step: str) -> None:
    """Between two layers that want the channels last, one number for all channels permutes nothing."""
    lines = listed("8x8x4", "ln", item, "ln").partition("def forward")[2].splitlines()
    assert [line.strip() for line in lines[2:4]] == [step, "x = self.ln2(x)  # 8×8×4"]


@pytest.mark.parametrize(
    ("axis", "equation", "dim", "output"), [(2, "nak,nsk->nas", 2, "9×9"), (1, "nkb,nkt->nbt", 1, "8×8")]
)
def test_a_cosine_is_one_of_normalized_tensors(axis: int, equation: str, dim: int, output: str) -> None:
    """Along the axis of the products, which the batch precedes."""
    text = listed("9x8", f"dot: {{branches: [identity, [relu]], axes: {axis}, normalize: true}}")
    both = [f"F.normalize({name}.permute(0, 2, 1), dim={dim})" for name in ("inputs", "x")]
    assert f'torch.einsum("{equation}", {both[0]}, {both[1]})  # {output}' in text


ORDER: Final = "channel by channel: Keras has these elements in another order"


@pytest.mark.parametrize(
    ("shape", "item", "note"),
    [
        ("2x2x8", "flatten", ORDER),
        ("1x2x8", "flatten", ORDER),
        ("1x1x8", "flatten", ""),  # one place
        ("2x2x1", "flatten", ""),  # one channel
        ("24", "reshape: 2x2x6", ORDER),
        ("24", "reshape: 1x2x12", ORDER),
        ("24", "reshape: 1x1x24", ""),
        ("24", "reshape: 4x6x1", ""),
        ("24", "reshape: 4x6", ""),
    ],
)
def test_elements_in_another_order_are_said(shape: str, item: str, note: str) -> None:
    """PyTorch reads image by image what Keras reads pixel by pixel: the same where there is one of either."""
    (line,) = (line for line in listed(shape, item, "add: [identity, identity]").splitlines() if "flatten(1" in line)
    assert line.partition("; ")[2] == note


def test_a_long_way_back() -> None:
    """An image that a layer wants with its channels last comes out with its channels first."""
    assert listed("4x4x6", "ln").endswith("        return x.permute(0, 3, 1, 2)\n\n\nmodel = Net()\n")
    assert "# input: 4×6 behind the batch, channels last" in listed("4x6", "ln")


def test_every_step_of_a_sequence_is_a_sample() -> None:
    """The steps join the samples, and are taken apart again."""
    text = listed("3x4x4x6", "each: [conv: 2 3x3]")
    assert "= self.conv1(x.permute(0, 2, 3, 4, 1).flatten(0, 1).permute(0, 3, 1, 2))" in text


def test_a_shared_layer_is_made_once() -> None:
    """Both towers apply the same attributes."""
    text = render(cnnspec.load("siamese"))
    assert text.count("nn.Linear(784, 128)") == 1
    assert text.count("self.relu(self.first_dense1(x))") == 2


def test_frozen_layers_say_so() -> None:
    """Their numbers take no gradients; what a frozen batch norm needs beside that is said."""
    text = render(
        cnnspec.loads("input: 4x4x3\nlayers:\n  - conv: 2 3x3\n    trainable: false\n  - bn:\n    trainable: false\n")
    )
    assert "nn.Conv2d(3, 2, 3).requires_grad_(False),  # conv1" in text
    assert "nn.BatchNorm2d(2, eps=0.001, momentum=0.01).requires_grad_(False),  # bn1" in text
    assert "# a batch norm that is frozen needs `.eval()` too, whenever the others are in training\n" in text


def test_what_torch_lacks_is_said_of_every_layer() -> None:
    """All at once, with the place of each."""
    graph = cnnspec.loads(LACKING)
    with pytest.raises(cnnspec.CnnspecError) as caught:
        render(graph)
    found = [(found.span.position[0] if found.span else 0, found.message) for found in caught.value.diagnostics]
    assert found == LACKED
    assert {found.code for found in caught.value.diagnostics} == {"E542"}
    assert tuple(what_torch_lacks(graph)) == caught.value.diagnostics


def test_a_separable_convolution_is_two() -> None:
    """A filter for every channel, twice, and one of size 1 that mixes what they make."""
    text = listed("8x8x3", "sepconv: 5 3x3 multiplier=2")
    assert "nn.Conv2d(3, 6, 3, groups=3, bias=False)" in text
    assert "nn.Conv2d(6, 5, 1)" in text


@pytest.mark.parametrize("argument", ["dropout", "recurrent_dropout"])
def test_a_recurrent_layer_that_drops_is_refused(argument: str) -> None:
    """Either of both: PyTorch's layers drop between layers alone."""
    with pytest.raises(cnnspec.CnnspecError, match="that drops its inputs or its state"):
        listed("9x4", f"lstm: 5 {argument}=0.2")


def test_every_kind_is_listed_or_refused() -> None:
    """Every row of the table compiles as Python, or is refused by name; only the kinds above are always refused."""
    seen: set[str] = set()
    for shape, item in ROWS:
        graph = cnnspec.loads(f"input: {shape}\nlayers:\n  - {item}\n")
        if lacking := what_torch_lacks(graph):
            assert {found.code for found in lacking} == {"E542"}
            assert all("`" in found.message for found in lacking)
            continue
        compile(render(graph), item, "exec")
        seen |= {node.kind for node in graph}
    assert KINDS.keys() - seen == REFUSED


@pytest.mark.parametrize("name", bundled_cases())
def test_every_bundled_network_has_a_listing(name: str) -> None:
    """It compiles, and every attribute that is used is made."""
    tree = ast.parse(render(cnnspec.load(name)))
    attributes = [
        node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self"
    ]
    made = {node.attr for node in attributes if isinstance(node.ctx, ast.Store)}
    used = {node.attr for node in attributes if isinstance(node.ctx, ast.Load)} - {"training"}
    assert made == used


def test_a_listing_needs_no_framework() -> None:
    """Not even numpy."""
    program = (
        "import sys, cnnspec\nfrom cnnspec.torch.listing import render\nprint(render(cnnspec.load('lenet5')), end='')\n"
        "assert not {'torch', 'tensorflow', 'keras', 'numpy'} & sys.modules.keys()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, encoding="utf-8", check=True)
    assert done.stdout == LENET


@pytest.mark.parametrize(
    "name",
    [
        'x"); import os; os.abort()  # ',
        "x\nimport os\nos.abort()",
        "x\r\x0c\u2028import os",
        "'''\"\"\"\\",
        "\u202eevil",
        "__import__('os')",
        "__noted__",
        "forward",
        "_modules",
    ],
)
@pytest.mark.parametrize("last", ["dense: 4", "residual: [dense: 4]"])
def test_nothing_of_a_spec_is_code(name: str, last: str) -> None:
    """Whatever a network or its layers are called: the listing imports and calls PyTorch alone."""
    graph = cnnspec.loads(f"input: 4\nlayers:\n  - dense: 4\n  - {last}\n")
    names = {node.name: f"{name}{node.name}" for node in graph} | {"input": f"{name}input"}
    nodes = [node._replace(name=names[node.name], inputs=tuple(names[read] for read in node.inputs)) for node in graph]
    entry = graph.inputs[0]._replace(name=names["input"])
    outputs = tuple(names[output] for output in graph.outputs)
    wild = replace(graph, name=name, inputs=(entry,), nodes=tuple(nodes), outputs=outputs)
    text = render(wild)
    assert all(line.isprintable() for line in text.split("\n"))
    tree = ast.parse(text)
    assert {type(part).__name__ for part in tree.body} <= {"ImportFrom", "ClassDef", "Assign"}
    assert ast.unparse(tree.body[0]) == "from torch import nn"
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    own = {word for word in called if word.startswith("self.")}
    assert called - own <= {"nn.Linear", "nn.Sequential", "super", "super().__init__", "Net"}
    assert not any(isinstance(node, ast.Constant) and isinstance(node.value, str) for node in ast.walk(tree))
    assert all(word.removeprefix("self.").isidentifier() and not word.startswith("self._") for word in own)


def test_names_shadow_nothing() -> None:
    """Layers that are called as methods of a module, or as words of the listing, get another name."""
    words = "".join(f"  - dense: 4\n    name: {name}\n" for name in ("forward", "_modules", "self", "nn", "class"))
    text = render(cnnspec.loads(f"input: 4\nlayers:\n{words}outputs: [forward, _modules, self, nn, class]\n"))
    assert [line.split()[0] for line in text.splitlines() if "= nn.Linear" in line] == [
        *("self.forward_2", "self.layer__modules", "self.self", "self.nn", "self.class_2"),
    ]
    assert [line.split()[0] for line in text.splitlines() if "= self." in line] == [
        *("forward", "_modules", "self_2", "nn_2", "class_2"),
    ]
