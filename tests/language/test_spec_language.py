"""The spec language: what every feature of it makes, as literal names, kinds, inputs and shapes."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Final

import pytest
from steps import grows_linearly, steps

import cnnspec
from cnnspec.errors import MOST, SpecError
from cnnspec.language import instances, tokens
from cnnspec.language.expressions import substitute
from cnnspec.text.limits import Limits

if TYPE_CHECKING:
    from pathlib import Path

IMAGE: Final = "28x28x4"


def net(layers: str, shape: str = IMAGE, head: str = "", **options: object) -> cnnspec.Graph:
    """Return the network of the items of a layer list, behind an input and further keys."""
    lines = "\n".join(f"  {line}" for line in layers.strip("\n").splitlines())
    return cnnspec.loads(f"input: {shape}\n{head}layers:\n{lines}\n", "net.yaml", **options)  # type: ignore[arg-type] # limits


def rows(graph: cnnspec.Graph) -> list[str]:
    """Return the nodes as `name: kind of inputs is shape`."""
    return [f"{n.name}: {n.kind} of {' '.join(n.inputs)} is {'x'.join(map(str, n.shape))}" for n in graph]


def names(graph: cnnspec.Graph) -> list[str]:
    """Return the names of the nodes."""
    return [node.name for node in graph]


def codes(layers: str, shape: str = IMAGE, head: str = "", **options: object) -> list[str]:
    """Return the codes of everything that is wrong with a network."""
    with pytest.raises(cnnspec.SpecError) as caught:
        net(layers, shape, head, **options)
    return [diagnostic.code for diagnostic in caught.value.diagnostics]


EQUAL: Final = (
    ("conv: 8 3x3", "conv: {filters: 8, kernel: 3}", IMAGE),
    ("conv: 8 3x3", "conv: {filters: 8, kernel: [3, 3]}", IMAGE),
    ("conv: 8 3x3", "conv: {filters: 8, kernel: 3x3}", IMAGE),
    ("conv: 8 3x3", "Conv2D: {filters: 8, kernel_size: 3}", IMAGE),
    ("conv: 8 3x3", "Convolution2D: 8 3x3", IMAGE),
    (
        "conv: 8 3x3/2 nobias",
        "Conv2D: {filters: 8, kernel_size: 3, strides: 2, use_bias: false}",
        IMAGE,
    ),
    (
        "conv: 8 5x3/2x1 same relu",
        "conv: {filters: 8, kernel: [5, 3], stride: [2, 1], padding: same, activation: relu}",
        IMAGE,
    ),
    ("conv: 8 3x3 pad=2", "conv: {filters: 8, kernel: 3, padding: 2}", IMAGE),
    ("conv: 8 3x3 pad=1x2", "conv: {filters: 8, kernel: 3, p: [1, 2]}", IMAGE),
    ("conv: 8 3x3 pad=[[0,1],[2,3]]", "conv: {filters: 8, kernel: 3, pad: [[0, 1], [2, 3]]}", IMAGE),
    ("conv: 8 3x3 dilation=2 groups=4", "Conv2D: {filters: 8, kernel_size: 3, dilation_rate: 2, groups: 4}", IMAGE),
    ("conv: 8 3x3 l2=1e-4 init=he_normal", "conv: {filters: 8, kernel: 3, l2: 0.0001, init: he_normal}", IMAGE),
    ("conv: 8 3x3 bn relu", "conv: {filters: 8, kernel: 3, bn: true, activation: relu}", IMAGE),
    ("conv: 8 3x3 act=relu", "conv: {filters: 8, kernel: 3, act: relu}", IMAGE),
    ("conv: 8 3x3 swish", "conv: {filters: 8, kernel: 3, activation: silu}", IMAGE),
    ("conv: 8 3x3 none", "conv: {filters: 8, kernel: 3, activation: linear}", IMAGE),
    ("conv: k=8 f=3 s=2", "conv: {filters: 8, kernel: 3, stride: 2}", IMAGE),
    ("conv: 8 3x3 bias=no", "conv: {filters: 8, kernel: 3, bias: NO}", IMAGE),
    ("conv: 8 3x3 bias", "conv: {filters: 8, kernel: 3, use_bias: yes}", IMAGE),
    ("conv: 012 3x3", "conv: {filters: 012, kernel: 03}", IMAGE),
    ("conv: 8 kernel=3", "Conv1D: {filters: 8, kernel_size: 3}", "9x4"),
    ("conv: 8 3x3x3", "Conv3D: {filters: 8, kernel_size: 3}", "9x9x9x4"),
    ("dwconv: 3x3", "DepthwiseConv2D: {kernel_size: 3}", IMAGE),
    ("depthwise: 3 m=2", "dwconv: {kernel: 3, multiplier: 2}", IMAGE),
    ("sepconv: 8 3x3 same", "SeparableConv2D: {filters: 8, kernel_size: 3, padding: same}", IMAGE),
    ("upconv: 8 2x2/2", "Conv2DTranspose: {filters: 8, kernel_size: 2, strides: 2}", IMAGE),
    ("deconv: 8 2x2/2", "convtranspose: {filters: 8, kernel: 2, stride: 2}", IMAGE),
    ("maxpool", "maxpool: 2", IMAGE),
    ("maxpool", "MaxPool2D", IMAGE),
    ("maxpool: 3x3/2 pad=1", "maxpool: {pool: 3, stride: 2, padding: 1}", IMAGE),
    ("maxpool: 3", "MaxPooling2D: {pool_size: 3}", IMAGE),
    ("maxpool: 3 stride=1 same", "MaxPooling2D: {pool_size: [3, 3], strides: 1, padding: same}", IMAGE),
    ("maxpool: 3/1 same", "maxpool: {kernel: 3, s: 1, pad: same}", IMAGE),
    ("avgpool: 2x2", "AveragePooling2D: {pool_size: 2, strides: 2}", IMAGE),
    ("gap", "GlobalAveragePooling2D", IMAGE),
    ("gap: keepdims", "GlobalAveragePooling2D: {keepdims: true}", IMAGE),
    ("gmp", "GlobalMaxPool2D", IMAGE),
    ("dense: 10 softmax", "Dense: {units: 10, activation: softmax}", "16"),
    ("fc: 10 nobias", "dense: {units: 10, bias: false}", "16"),
    ("dropout: 0.5", "Dropout: {rate: 0.5}", IMAGE),
    ("dropout: .25", "Dropout: {rate: 25e-2}", IMAGE),
    ("flatten", "Flatten", IMAGE),
    ("reshape: 7x-1", "Reshape: {target_shape: [7, -1]}", IMAGE),
    ("permute: 3x1x2", "Permute: {dims: [3, 1, 2]}", IMAGE),
    ("pad: 2", "ZeroPadding2D: {padding: 2}", IMAGE),
    ("pad: [[0,1],[0,1]]", "zeropad: {margins: [[0, 1], [0, 1]]}", IMAGE),
    ("crop: 1x2", "Cropping2D: {cropping: [1, 2]}", IMAGE),
    ("upsample: 2 bilinear", "UpSampling2D: {size: 2, interpolation: bilinear}", IMAGE),
    ("bn: eps=1e-5 momentum=0.9", "BatchNormalization: {epsilon: 0.00001, momentum: .9}", IMAGE),
    ("bn: noscale", "batchnorm: {scale: false}", IMAGE),
    ("ln", "LayerNormalization", IMAGE),
    ("gn: 2", "GroupNormalization: {groups: 2}", IMAGE),
    ("relu: 6", "ReLU: {max_value: 6}", IMAGE),
    ("leaky_relu: 0.1", "LeakyReLU: {negative_slope: 0.1}", IMAGE),
    ("activation: tanh", "Activation: {activation: tanh}", IMAGE),
    ("rescale: 1/255 offset=-1", "Rescaling: {scale: 1/255, offset: -1}", IMAGE),
    ("normalize", "Normalization", IMAGE),
    ("add: [identity, [relu]]", "Add: [identity, [relu]]", IMAGE),
    ("concat: [identity, [relu]]", "Concatenate: [identity, relu: ]", IMAGE),
    ("residual: [relu]", "add: [[relu], identity]", IMAGE),
    ("residual: [relu]", "residual: {body: [relu]}", IMAGE),
    ("gate: [sigmoid]", "multiply: [identity, [sigmoid]]", IMAGE),
)


@pytest.mark.parametrize(("short", "long", "shape"), EQUAL, ids=lambda text: text.partition(" ")[0])
def test_two_ways_to_write_an_item_make_equal_nodes(short: str, long: str, shape: str) -> None:
    """Tokens, mappings and Keras' names are spellings of one thing."""
    first, second = ([node._replace(place=(0, 0)) for node in net(f"- {item}", shape)] for item in (short, long))
    assert first == second


TOKENS: Final = ("64", "7x7/2", "same", "nobias", "relu")


def test_tokens_have_no_order() -> None:
    """Every order of five tokens makes the same layer."""
    nodes = {net(f"- conv: {' '.join(tokens)}").nodes for tokens in permutations(TOKENS)}
    assert len(nodes) == 1


def test_a_flag_may_be_given_by_its_other_name() -> None:
    """Keras' `return_sequences` is our `sequences`, alone as with a value."""
    text = "input: 20x8\nlayers:\n  - {}\n"
    ours = cnnspec.loads(text.format("lstm: 64 sequences backwards")).nodes
    theirs = cnnspec.loads(text.format("lstm: 64 return_sequences go_backwards")).nodes
    assert [node.layer for node in theirs] == [node.layer for node in ours]


def test_a_token_reads_numbers_as_a_mapping_does() -> None:
    """The two forms of arguments are equivalent."""
    assert net("- conv: 1_000 3x3").nodes == net("- conv: {filters: 1_000, kernel: 3}").nodes


@pytest.mark.parametrize(
    ("item", "arguments"),
    [
        ("conv: 8 3x3", {"filters": 8, "kernel": (3, 3), "stride": (1, 1), "padding": "valid"}),
        ("conv: {filters: 012, kernel: 3, bias: no}", {"filters": 12, "bias": False}),
        ("conv: {filters: 8, kernel: 3, l2: 1e-3}", {"l2": 0.001}),
        ("conv: {filters: 8, kernel: 3, padding: '1'}", {"padding": ((1, 1), (1, 1))}),
        ("relu: 1e-3", {"max": 0.001}),
        ("relu: '6'", {"max": 6.0}),
        ("maxpool", {"pool": (2, 2), "stride": (2, 2), "padding": "valid"}),
        ("maxpool: 3", {"pool": (3, 3), "stride": (3, 3)}),
        ("maxpool: /3", {"pool": (2, 2), "stride": (3, 3)}),
        ("upconv: 8 2x2", {"stride": (1, 1), "padding": "valid"}),
        ("pad: [[1,2]]", {"margins": ((1, 2), (1, 2))}),
        ("pad: {margins: [[1, 2], [3, 4]]}", {"margins": ((1, 2), (3, 4))}),
        ("permute: [2, 1, 3]", {"dims": (2, 1, 3)}),
        ("normalize: {mean: [1, 2, 3, 4], variance: .5}", {"mean": (1.0, 2.0, 3.0, 4.0), "variance": (0.5,)}),
        ("rescale: 1/4", {"scale": 0.25}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_arguments_get_the_type_of_their_field(item: str, arguments: dict[str, object]) -> None:
    """A value is what its argument needs: a number, a word, a truth value, one size per axis."""
    (node,) = net(f"- {item}")
    assert {name: getattr(node.layer, name) for name in arguments} == arguments


def test_defaults_are_those_of_keras() -> None:
    """Bias, valid padding, stride 1, the pool's size as its stride, bn with eps 1e-3 and momentum 0.99."""
    conv, pool, norm = net("- conv: 8 3x3\n- maxpool: 3\n- bn")
    assert (conv.layer.bias, conv.layer.padding, conv.layer.stride, conv.layer.dilation, conv.layer.activation) == (  # type: ignore[attr-defined] # a field
        True,
        "valid",
        (1, 1),
        (1, 1),
        "linear",
    )
    assert (pool.layer.stride, pool.layer.padding) == ((3, 3), "valid")  # type: ignore[attr-defined] # a field
    assert (norm.layer.eps, norm.layer.momentum) == (1e-3, 0.99)  # type: ignore[attr-defined] # a field


ROWS: Final = {
    "a row of layers": (
        """
- conv: 8 3x3
- maxpool
- flatten
- dense: 10 softmax
""",
        [
            "conv1: conv of input is 26x26x8",
            "maxpool1: maxpool of conv1 is 13x13x8",
            "flatten1: flatten of maxpool1 is 1352",
            "dense1: dense of flatten1 is 10",
        ],
    ),
    "bn makes a layer of its own": (
        """
- conv: 8 3x3 bn relu
- dense: 5 bn
- upconv: 2 2x2/2 relu bn
""",
        [
            "conv1: conv of input is 26x26x8",
            "bn1: bn of conv1 is 26x26x8",
            "relu1: relu of bn1 is 26x26x8",
            "dense1: dense of relu1 is 26x26x5",
            "bn2: bn of dense1 is 26x26x5",
            "upconv1: upconv of bn2 is 52x52x2",
            "bn3: bn of upconv1 is 52x52x2",
            "relu2: relu of bn3 is 52x52x2",
        ],
    ),
    "a name stands for the output of all three": (
        """
- conv: 8 3x3 same bn relu
  name: stem
- conv: 8 3x3 same
- add: [stem, identity]
- relu:
  from: stem
- add: [add1, identity]
""",
        [
            "stem: conv of input is 28x28x8",
            "stem_bn: bn of stem is 28x28x8",
            "stem_relu: relu of stem_bn is 28x28x8",
            "conv1: conv of stem_relu is 28x28x8",
            "add1: add of stem_relu conv1 is 28x28x8",
            "relu1: relu of stem_relu is 28x28x8",
            "add2: add of add1 relu1 is 28x28x8",
        ],
    ),
    "automatic names step aside for explicit ones": (
        """
- conv: 8 1x1
- conv: 8 1x1
  name: conv1
- conv: 8 1x1
- conv: 8 1x1
  name: conv4
- conv: 8 1x1
""",
        [
            "conv2: conv of input is 28x28x8",
            "conv1: conv of conv2 is 28x28x8",
            "conv3: conv of conv1 is 28x28x8",
            "conv4: conv of conv3 is 28x28x8",
            "conv5: conv of conv4 is 28x28x8",
        ],
    ),
    "branches": (
        """
- concat: [[conv: 1 1x1], [conv: 2 1x1, conv: 3 3x3 same], identity, input, conv: 5 1x1]
""",
        [
            "conv1: conv of input is 28x28x1",
            "conv2: conv of input is 28x28x2",
            "conv3: conv of conv2 is 28x28x3",
            "conv4: conv of input is 28x28x5",
            "concat1: concat of conv1 conv3 input input conv4 is 28x28x17",
        ],
    ),
    "branches in lines": (
        """
- add:
    - - tanh
      - relu
    - identity
    - sigmoid:
      name: side
""",
        [
            "tanh1: tanh of input is 28x28x4",
            "relu1: relu of tanh1 is 28x28x4",
            "side: sigmoid of input is 28x28x4",
            "add1: add of relu1 input side is 28x28x4",
        ],
    ),
    "all elementwise joins": (
        """
- subtract: [identity, [relu]]
- multiply: [identity, [relu]]
- average: [identity, [relu], input]
- maximum: [identity, input]
- minimum: [identity, input]
  name: low
""",
        [
            "relu1: relu of input is 28x28x4",
            "subtract1: subtract of input relu1 is 28x28x4",
            "relu2: relu of subtract1 is 28x28x4",
            "multiply1: multiply of subtract1 relu2 is 28x28x4",
            "relu3: relu of multiply1 is 28x28x4",
            "average1: average of multiply1 relu3 input is 28x28x4",
            "maximum1: maximum of average1 input is 28x28x4",
            "low: minimum of maximum1 input is 28x28x4",
        ],
    ),
    "a residual adds its input": (
        "- residual: [conv: 4 3x3 same, relu]",
        [
            "conv1: conv of input is 28x28x4",
            "relu1: relu of conv1 is 28x28x4",
            "add1: add of relu1 input is 28x28x4",
        ],
    ),
    "a residual adds its shortcut": (
        """
- residual:
    body: [conv: 16 3x3/2 same]
    shortcut: [conv: 16 1x1/2]
  name: down
""",
        [
            "conv1: conv of input is 14x14x16",
            "conv2: conv of input is 14x14x16",
            "down: add of conv1 conv2 is 14x14x16",
        ],
    ),
    "a shortcut may be an earlier layer": (
        """
- conv: 4 3x3 same
  name: early
- tanh
- residual: {body: [relu], shortcut: early}
""",
        [
            "early: conv of input is 28x28x4",
            "tanh1: tanh of early is 28x28x4",
            "relu1: relu of tanh1 is 28x28x4",
            "add1: add of relu1 early is 28x28x4",
        ],
    ),
    "if-same-shape joins where shapes agree": (
        """
- residual: {body: [conv: 8 3x3 same], shortcut: if-same-shape}
- residual: {body: [conv: 8 3x3 same], shortcut: if-same-shape}
""",
        [
            "conv1: conv of input is 28x28x8",
            "conv2: conv of conv1 is 28x28x8",
            "add1: add of conv2 conv1 is 28x28x8",
        ],
    ),
    "a gate multiplies its input": (
        "- gate: [gap: keepdims, dense: 2 relu, dense: 4 sigmoid]",
        [
            "gap1: gap of input is 1x1x4",
            "dense1: dense of gap1 is 1x1x2",
            "dense2: dense of dense1 is 1x1x4",
            "multiply1: multiply of input dense2 is 28x28x4",
        ],
    ),
    "a sequence is one item": (
        """
- seq: [conv: 8 3x3, relu]
  repeat: 2
  name: part
- seq: [tanh]
  name: tail
- concat: [part2, tail]
""",
        [
            "conv1: conv of input is 26x26x8",
            "relu1: relu of conv1 is 26x26x8",
            "conv2: conv of relu1 is 24x24x8",
            "relu2: relu of conv2 is 24x24x8",
            "tanh1: tanh of relu2 is 24x24x8",
            "concat1: concat of relu2 tanh1 is 24x24x16",
        ],
    ),
    "repeat with the first and the last copy": (
        """
- conv: 8 3x3 same
  repeat: 4
  first: /2
  last: {filters: 16}
  name: c
""",
        [
            "c1: conv of input is 14x14x8",
            "c2: conv of c1 is 14x14x8",
            "c3: conv of c2 is 14x14x8",
            "c4: conv of c3 is 14x14x16",
        ],
    ),
    "one copy is the first and the last": (
        """
- conv: 8 3x3 same
  repeat: 1
  first: {stride: 2, filters: 2}
  last: {filters: 16}
""",
        ["conv1: conv of input is 14x14x16"],
    ),
    "first and last override expressions": (
        """
- conv: {filters: "${4*(index + 1)}", kernel: 3, stride: $total, padding: same}
  repeat: 2
  first: {stride: 1}
  last: {filters: "${100 + index}"}
""",
        ["conv1: conv of input is 28x28x4", "conv2: conv of conv1 is 14x14x101"],
    ),
    "index and total count copies": (
        """
- dense: ${10*total + index}
  repeat: 3
  name: d
""",
        [
            "d1: dense of input is 28x28x30",
            "d2: dense of d1 is 28x28x31",
            "d3: dense of d2 is 28x28x32",
        ],
    ),
    "no copies": ("- relu:\n  repeat: 0\n- tanh", ["tanh1: tanh of input is 28x28x4"]),
    "when keeps what is true": (
        """
- relu:
  when: yes
- tanh:
  when: no
- gelu:
  when: ${in.c > 3}
- selu:
  when: ${in.c > 4 or in.h == 27}
- elu:
  when: 1
- mish:
  when: 0
""",
        ["relu1: relu of input is 28x28x4", "gelu1: gelu of relu1 is 28x28x4", "elu1: elu of gelu1 is 28x28x4"],
    ),
    "expect holds": (
        """
- conv: 8 3x3
  expect: 26x26x8
- flatten:
  expect: 5408
- dense: 10
  expect: [10]
- reshape: 2x5
  expect: 2 × 5
""",
        [
            "conv1: conv of input is 26x26x8",
            "flatten1: flatten of conv1 is 5408",
            "dense1: dense of flatten1 is 10",
            "reshape1: reshape of dense1 is 2x5",
        ],
    ),
    "from reads an earlier layer": (
        """
- conv: 8 3x3 same
  name: a
- conv: 16 3x3 same
  from: input
- tanh:
  from: [a]
- concat: [conv1, identity]
""",
        [
            "a: conv of input is 28x28x8",
            "conv1: conv of input is 28x28x16",
            "tanh1: tanh of a is 28x28x8",
            "concat1: concat of conv1 tanh1 is 28x28x24",
        ],
    ),
    "a stage table runs its items for every row": (
        """
- for: [f, s]
  in: [[8, 1], [16, 2], [20, 2]]
  do:
    - conv: $f 3x3/$s same
      name: stage$f
    - relu
""",
        [
            "stage8: conv of input is 28x28x8",
            "relu1: relu of stage8 is 28x28x8",
            "stage16: conv of relu1 is 14x14x16",
            "relu2: relu of stage16 is 14x14x16",
            "stage20: conv of relu2 is 7x7x20",
            "relu3: relu of stage20 is 7x7x20",
        ],
    ),
    "a stage table with one name needs no inner lists": (
        "- for: f\n  in: [8, 16]\n  do: [dense: $f]",
        ["dense1: dense of input is 28x28x8", "dense2: dense of dense1 is 28x28x16"],
    ),
    "stage tables nest and their rows may be expressions": (
        """
- for: [a]
  in: [1, "${in.c}"]
  do:
    - for: [b]
      in: ["${a + 1}", $a]
      do:
        - dense: ${10*a + b}
          name: d_${a}_${b}
""",
        [
            "d_1_2: dense of input is 28x28x12",
            "d_1_1: dense of d_1_2 is 28x28x11",
            "d_11_12: dense of d_1_1 is 28x28x122",
            "d_11_11: dense of d_11_12 is 28x28x121",
        ],
    ),
    "a stage table may be repeated": (
        """
- for: f
  in: [8, 16]
  repeat: 2
  do:
    - dense: ${f + index}
      name: d${f}_${index}
""",
        [
            "d8_0: dense of input is 28x28x8",
            "d16_0: dense of d8_0 is 28x28x16",
            "d8_1: dense of d16_0 is 28x28x9",
            "d16_1: dense of d8_1 is 28x28x17",
        ],
    ),
    "an expression asks for the sizes of its input": (
        """
- conv: ${2*in.c} 3x3
- conv: ${in.c} ${in.h//2}x${in.w - 1}
- dense: $in.c
""",
        [
            "conv1: conv of input is 26x26x8",
            "conv2: conv of conv1 is 14x2x8",
            "dense1: dense of conv2 is 14x2x8",
        ],
    ),
    "an expression asks for the sizes at its branch": (
        """
- conv: 8 3x3 same
- residual:
    - conv: ${branch.c//4} 1x1 relu
    - conv: ${in.c*2} 3x3 same relu
    - conv: ${branch.c} 1x1
""",
        [
            "conv1: conv of input is 28x28x8",
            "conv2: conv of conv1 is 28x28x2",
            "conv3: conv of conv2 is 28x28x4",
            "conv4: conv of conv3 is 28x28x8",
            "add1: add of conv4 conv1 is 28x28x8",
        ],
    ),
}
"""Items and the nodes that they make of an image of 28x28x4."""


@pytest.mark.parametrize("name", ROWS)
def test_items_make_nodes(name: str) -> None:
    """Names, kinds, inputs and shapes are the literal ones, in order."""
    items, expected = ROWS[name]
    assert rows(net(items)) == expected


def test_notes_stay_with_their_layers() -> None:
    """A note is free text, quotes and all."""
    graph = net("- conv: 8 3x3 bn\n  note: 'the stem: \"first\"'\n- relu")
    assert [node.note for node in graph] == ['the stem: "first"', 'the stem: "first"', ""]


def test_a_join_reads_the_layers_of_its_from() -> None:
    """`from` beside a join names its branches."""
    assert rows(net("- relu\n- tanh\n- {concat: , from: [relu1, tanh1, input]}"))[-1] == (
        "concat1: concat of relu1 tanh1 input is 28x28x12"
    )


def test_a_dropped_join_passes_its_name_on() -> None:
    """Where `if-same-shape` joins nothing, the item's name means its body."""
    graph = net("- {residual: {body: [conv: 8 1x1], shortcut: if-same-shape}, name: r}\n- add: [r, identity]")
    assert rows(graph)[-1] == "add1: add of conv1 conv1 is 28x28x8"


@pytest.mark.parametrize(
    "items",
    [
        pytest.param("- {relu: , name: relu, repeat: 2}\n- relu", id="behind copies"),
        pytest.param("- relu\n- {relu: , name: relu, repeat: 2}", id="before copies"),
        pytest.param("- {for: i, in: [1, 2], do: [{relu: , name: relu$i}]}\n- relu", id="behind a stage table"),
        pytest.param("- relu\n- {for: i, in: [1, 2], do: [{relu: , name: relu$i}]}", id="before a stage table"),
        pytest.param("- {conv: 8 1x1 bn relu, name: bn, repeat: 1}\n- bn", id="beside bn"),
    ],
)
def test_no_two_layers_have_one_name(items: str) -> None:
    """Automatic names step aside for numbered ones, or the clash is an error."""
    try:
        given = names(net(items))
    except cnnspec.SpecError as error:
        given = []
        assert {diagnostic.code for diagnostic in error.diagnostics} == {"E202"}  # noqa: PT017 - either will do
    assert sorted(given) == sorted(set(given))


def test_automatic_names_step_aside_for_inputs() -> None:
    """A layer is never called like an input, which it could be taken for."""
    graph = cnnspec.loads("input: {relu1: 8}\nlayers: [relu, relu]")
    assert names(graph) == ["relu2", "relu3"]
    assert [node.inputs for node in graph] == [("relu1",), ("relu2",)]


BLOCKS: Final = """blocks:
  unit:
    params: {f: required, s: 1, act: relu, project: false}
    layers:
      - conv: ${f} 3x3/$s same $act
        name: main
      - conv: ${f + 1} 1x1
        when: $project
      - relu
  plain:
    - dense: ${block.c + 1}
    - seq:
        - dense: ${block.c*in.c}
  copies:
    - dense: ${10*(index + 1) + total}
  outer:
    params: [f]
    layers:
      - unit: {f: "${2*f}"}
        name: inner
      - concat: [inner.main, main, inner]
"""


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param(
            "- unit: {f: 8}",
            ["unit1.main: conv of input is 28x28x8", "unit1.relu1: relu of unit1.main is 28x28x8"],
            id="defaults",
        ),
        pytest.param(
            "- unit: 8 s=2 act=tanh project=true\n- unit: {f: 4}",
            [
                "unit1.main: conv of input is 14x14x8",
                "unit1.conv1: conv of unit1.main is 14x14x9",
                "unit1.relu1: relu of unit1.conv1 is 14x14x9",
                "unit2.main: conv of unit1.relu1 is 14x14x4",
                "unit2.relu1: relu of unit2.main is 14x14x4",
            ],
            id="tokens",
        ),
        pytest.param(
            "- unit: {f: 8}\n  repeat: 2\n  first: {s: 2, project: yes}\n  last: f=5\n  name: u",
            [
                "u1.main: conv of input is 14x14x8",
                "u1.conv1: conv of u1.main is 14x14x9",
                "u1.relu1: relu of u1.conv1 is 14x14x9",
                "u2.main: conv of u1.relu1 is 14x14x5",
                "u2.relu1: relu of u2.main is 14x14x5",
            ],
            id="copies",
        ),
        pytest.param(
            "- plain\n- plain:\n  name: again",
            [
                "plain1.dense1: dense of input is 28x28x5",
                "plain1.dense2: dense of plain1.dense1 is 28x28x20",
                "again.dense1: dense of plain1.dense2 is 28x28x21",
                "again.dense2: dense of again.dense1 is 28x28x420",
            ],
            id="sizes at the block",
        ),
        pytest.param(
            "- copies:\n  repeat: 2",
            [
                "copies1.dense1: dense of input is 28x28x12",
                "copies2.dense1: dense of copies1.dense1 is 28x28x22",
            ],
            id="the number of the copy",
        ),
        pytest.param(
            "- conv: 3 1x1\n  name: main\n- concat: [main, [unit: 8]]",
            [
                "main: conv of input is 28x28x3",
                "unit1.main: conv of main is 28x28x8",
                "unit1.relu1: relu of unit1.main is 28x28x8",
                "concat1: concat of main unit1.relu1 is 28x28x11",
            ],
            id="names inside hide nothing outside",
        ),
        pytest.param(
            "- unit: 8\n- tanh\n- concat: [unit1, unit1.main, identity]",
            [
                "unit1.main: conv of input is 28x28x8",
                "unit1.relu1: relu of unit1.main is 28x28x8",
                "tanh1: tanh of unit1.relu1 is 28x28x8",
                "concat1: concat of unit1.relu1 unit1.main tanh1 is 28x28x24",
            ],
            id="names of copies and inside them",
        ),
        pytest.param(
            "- conv: 2 1x1\n  name: main\n- outer: 3\n- concat: [outer1.inner.main, outer1]",
            [
                "main: conv of input is 28x28x2",
                "outer1.inner.main: conv of main is 28x28x6",
                "outer1.inner.relu1: relu of outer1.inner.main is 28x28x6",
                "outer1.concat1: concat of outer1.inner.main main outer1.inner.relu1 is 28x28x14",
                "concat1: concat of outer1.inner.main outer1.concat1 is 28x28x20",
            ],
            id="names are looked up inside, then outside",
        ),
    ],
)
def test_blocks_are_unrolled(items: str, expected: list[str]) -> None:
    """A block's items appear once per copy, under the copy's name."""
    assert rows(net(items, head=BLOCKS)) == expected


@pytest.mark.parametrize(
    ("head", "items", "expected"),
    [
        pytest.param("defaults: {conv: same nobias}\n", "- conv: 8 3x3", ((8, (3, 3), "same", False),), id="tokens"),
        pytest.param(
            "defaults: {Conv2D: {padding: same, use_bias: no}}\n",
            "- conv: 8 3x3",
            ((8, (3, 3), "same", False),),
            id="Keras' names",
        ),
        pytest.param(
            "defaults: {conv: 64 3x3}\n",
            "- conv\n- conv: 8\n- conv: 5x5\n- conv: 4 1x1",
            (
                (64, (3, 3), "valid", True),
                (8, (3, 3), "valid", True),
                (64, (5, 5), "valid", True),
                (4, (1, 1), "valid", True),
            ),
            id="required arguments",
        ),
        pytest.param(
            "defaults: {conv: {filters: '${2*in.c}', kernel: 3}}\n",
            "- conv: same\n- conv: nobias",
            ((8, (3, 3), "same", True), (16, (3, 3), "valid", False)),
            id="expressions",
        ),
        pytest.param(
            "defaults: {conv: {filters: '${2*in.c}', kernel: 3}}\n",
            "- conv: 5",
            ((5, (3, 3), "valid", True),),
            id="an item wins over an expression",
        ),
        pytest.param(
            "defaults: {conv: '${2*in.c} 3x3'}\n",
            "- conv: 5",
            ((5, (3, 3), "valid", True),),
            id="an item wins over a token with an expression",
        ),
        pytest.param(
            "defaults: {conv: 3x3}\n",
            "- conv: ${in.c} 5x5",
            ((4, (5, 5), "valid", True),),
            id="an expression wins over a default",
        ),
        pytest.param(
            "defaults: {conv: 64 3x3}\n",
            "- conv: ${2*in.c}",
            ((8, (3, 3), "valid", True),),
            id="a token with an expression wins over a default",
        ),
    ],
)
def test_defaults_stand_behind_the_arguments_of_items(
    head: str, items: str, expected: tuple[tuple[object, ...], ...]
) -> None:
    """What an item gives wins over the file's defaults, and these over the kind's."""
    fields = ("filters", "kernel", "padding", "bias")
    assert tuple(tuple(getattr(node.layer, field) for field in fields) for node in net(items, head=head)) == expected


def test_defaults_reach_the_layers_that_bn_makes() -> None:
    """Batch norms and activations beside a convolution have the file's defaults too."""
    graph = net("- conv: 8 1x1 bn relu\n- bn: eps=0.5", head="defaults: {bn: eps=0.1, relu: max=6}\n")
    assert [node.layer.arguments().get("eps") for node in graph] == [None, 0.1, None, 0.5]
    assert graph["relu1"].layer.arguments() == {"max": 6.0}


def test_defaults_with_expressions_reach_the_layers_that_bn_makes() -> None:
    """A batch norm beside a convolution and one that stands alone are the same."""
    head = "params: {e: 0.5, keep: false, limit: 6}\ndefaults: {bn: eps=$e scale=$keep, relu: $limit}\n"
    _, norm, activation, *alone = (node.layer for node in net("- conv: 4 1x1 bn relu\n- bn\n- relu", head=head))
    assert [norm, activation] == alone


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param("conv: {filters: $f, kernel: 3, stride: $s, padding: same}", ["14x14x8", "7x7x8"], id="values"),
        pytest.param("conv: $f 3x3/$s same", ["14x14x8", "7x7x8"], id="tokens"),
    ],
)
def test_first_wins_over_an_expression(items: str, expected: list[str]) -> None:
    """An override takes the place of what an expression gives, in both forms of arguments."""
    graph = net(f"- {items}\n  repeat: 2\n  first: {{stride: 2}}", head="params: {f: 8, s: 2}\n")
    assert ["x".join(map(str, node.shape)) for node in graph] == expected


def test_first_may_be_a_token_with_an_expression() -> None:
    """An override that is an expression takes the place of a plain value, and is no second one."""
    graph = net("- conv: 4 3x3\n  repeat: 2\n  first: $f", head="params: {f: 8}\n")
    assert [node.shape for node in graph] == [(26, 26, 8), (24, 24, 4)]


def test_a_comparison_in_a_token_names_no_parameter() -> None:
    """The `==` of an expression is no `=` between a parameter and its value."""
    head = "params: {k: 2}\nblocks: {a: {params: {f: required}, layers: [dense: $f]}}\n"
    assert net("- a: ${8 if k == 2 else 4}", head=head).nodes[0].shape == (28, 28, 8)


PARAMS: Final = (
    "params: {width: 1.0, depth: 2, wide: true, act: relu, pad: same, no: 012, tiny: 1e-3, deep: '${2*depth}'}\n"
)


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ("dense: ${int(10*width)}", "dense1: dense of input is 28x28x10"),
        ("dense: $depth", "dense1: dense of input is 28x28x2"),
        ("dense: $deep", "dense1: dense of input is 28x28x4"),
        ("dense: $no", "dense1: dense of input is 28x28x12"),
        ("dense: '${8 if wide else 4}'", "dense1: dense of input is 28x28x8"),
        ("conv: 8 3x3 $pad", "conv1: conv of input is 28x28x8"),
        ("conv: {filters: 8, kernel: [3, $depth]}", "conv1: conv of input is 26x27x8"),
        ("conv: 8 ${depth}x${depth + 1}/$depth", "conv1: conv of input is 14x13x8"),
        ("conv: 8 3x3 pad=$depth", "conv1: conv of input is 30x30x8"),
        ("pad: [[$depth, 0], [0, $depth]]", "pad1: pad of input is 30x30x4"),
        ("reshape: ${7*depth}x-1", "reshape1: reshape of input is 14x224"),
        ("activation: $act", "activation1: activation of input is 28x28x4"),
        ("relu: $tiny", "relu1: relu of input is 28x28x4"),
        ("{relu: , repeat: $depth}", "relu2: relu of relu1 is 28x28x4"),
        ("{relu: , name: 'a${depth}_$act'}", "a2_relu: relu of input is 28x28x4"),
        ("{relu: , expect: '28x28x${2*depth}'}", "relu1: relu of input is 28x28x4"),
    ],
)
def test_parameters_stand_wherever_a_value_may(item: str, text: str) -> None:
    """File parameters are numbers, truth values and words, and may build on those above them."""
    assert rows(net(f"- {item}", head=PARAMS))[-1] == text


def test_parameters_are_part_of_the_graph() -> None:
    """Each has the type that its text suggests."""
    assert dict(net("- relu", head=PARAMS).params) == {
        "width": 1.0,
        "depth": 2,
        "wide": True,
        "act": "relu",
        "pad": "same",
        "no": 12,
        "tiny": 0.001,
        "deep": 4,
    }


def test_parameters_can_be_overridden(tmp_path: Path) -> None:
    """Values from outside replace those of the file, and what builds on them follows."""
    path = tmp_path / "net.yaml"
    path.write_text("input: 8\nparams: {a: 1, b: '${2*a}'}\nlayers: [dense: $b]\n", encoding="utf-8")
    assert cnnspec.load(path).nodes[0].shape == (2,)
    assert cnnspec.load(path, params={"a": "5"}).nodes[0].shape == (10,)
    assert cnnspec.load(path, params={"b": "${a + 2}"}).nodes[0].shape == (3,)
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.load(path, params={"c": "5"})
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == ["E114"]


@pytest.mark.parametrize(
    ("head", "inputs", "shape"),
    [
        pytest.param("input: 8x2", {}, (8, 3), id="none"),
        pytest.param("input: 8x2", {"": (4, 4)}, (4, 3), id="unnamed"),
        pytest.param("input: 8x2", {"input": (5, 5, 5)}, (5, 5, 3), id="named"),
        pytest.param("name: open", {"": (16,)}, (3,), id="where the file has none"),
        pytest.param("input: {a: 8x2}", {"a": (4, 4)}, (4, 3), id="one of a mapping"),
    ],
)
def test_the_input_can_be_overridden(
    head: str, inputs: dict[str, tuple[int, ...]], shape: tuple[int, ...], tmp_path: Path
) -> None:
    """Another shape takes the place of the file's."""
    path = tmp_path / "net.yaml"
    path.write_text(f"{head}\nlayers: [dense: 3]\n", encoding="utf-8")
    assert cnnspec.load(path, inputs=inputs).nodes[-1].shape == shape


@pytest.mark.parametrize(
    ("head", "inputs", "message"),
    [
        ("input: 8x2", {"b": (4, 4)}, "the spec has no input `b`"),
        ("input: {a: 8x2, b: 8x2}", {"": (4, 4)}, "the spec has several inputs"),
        ("name: open", {}, "the spec has no `input`"),
    ],
)
def test_an_input_that_is_not_there_is_refused(
    head: str, inputs: dict[str, tuple[int, ...]], message: str, tmp_path: Path
) -> None:
    """A shape must be for an input, and an input must have a shape."""
    path = tmp_path / "net.yaml"
    path.write_text(f"{head}\nlayers: [concat: [[dense: 3], identity]]\n", encoding="utf-8")
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.load(path, inputs=inputs)
    assert caught.value.diagnostics[0].message == message


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("28x28x1", (28, 28, 1)),
        ("[28, 28, 1]", (28, 28, 1)),
        ("28×28×1", (28, 28, 1)),
        ("28 x 28 x 1", (28, 28, 1)),
        ("[28, 4]", (28, 4)),
        ("784", (784,)),
        ("[784]", (784,)),
        ("'8x9'", (8, 9)),
        ("4x5x6x7", (4, 5, 6, 7)),
        ("1_000x2", (1000, 2)),
    ],
)
def test_an_input_has_a_shape(text: str, shape: tuple[int, ...]) -> None:
    """One to three spatial sizes, then channels."""
    assert net("- relu", text).inputs == (("input", shape),)


def test_several_inputs_and_outputs() -> None:
    """Inputs are named, and outputs are what the file says."""
    graph = cnnspec.loads(
        """
input: {left: 28x28x1, right: [28, 28, 3]}
layers:
  - concat: [left, right]
  - conv: 8 3x3 same
    name: shared
  - flatten
  - dense: 10 softmax
    name: class
  - conv: 1 1x1
    from: shared
    name: mask
outputs: [class, mask]
"""
    )
    assert graph.inputs == (("left", (28, 28, 1)), ("right", (28, 28, 3)))
    assert graph.outputs == ("class", "mask")
    assert rows(graph) == [
        "concat1: concat of left right is 28x28x4",
        "shared: conv of concat1 is 28x28x8",
        "flatten1: flatten of shared is 6272",
        "class: dense of flatten1 is 10",
        "mask: conv of shared is 28x28x1",
    ]


@pytest.mark.parametrize(
    ("outputs", "expected"), [("relu2", ("relu2",)), ("[relu1, relu2]", ("relu1", "relu2")), ("[relu2]", ("relu2",))]
)
def test_outputs_are_named(outputs: str, expected: tuple[str, ...]) -> None:
    """One name or a list of names."""
    assert net("- relu\n- relu", head=f"outputs: {outputs}\n").outputs == expected


def test_a_file_has_a_name() -> None:
    """The name is given, or the file's without its ending."""
    text = "input: 8\nlayers: [relu]\n"
    assert cnnspec.loads(f"name: my net\n{text}", "folder/lenet.yaml").name == "my net"
    assert cnnspec.loads(text, "folder/lenet.yaml").name == "lenet"
    assert cnnspec.loads(text, "folder\\lenet.v2.yaml").name == "lenet.v2"
    assert cnnspec.loads(text).name == "<text>"


def test_meta_is_free_and_train_is_typed() -> None:
    """`meta` may hold anything, `train` what a training needs."""
    graph = net(
        "- relu",
        head="cnnspec: 1\nmeta: {a: [1, {b: c}], input: x}\n"
        "train: {data: mnist, epochs: 012, learning_rate: 1e-3, metrics: [accuracy], scale: 1/255, augment: yes}\n",
    )
    assert dict(graph.train) == {
        "data": "mnist",
        "epochs": 12,
        "learning_rate": 0.001,
        "metrics": ("accuracy",),
        "scale": 1 / 255,
        "augment": ("auto",),
    }


def test_a_node_knows_its_line_and_its_copies() -> None:
    """Every layer points into the text and names the blocks that it is part of."""
    graph = net("- relu:\n  name: main\n- outer: 3", head=BLOCKS)
    node = graph["outer1.inner.main"]
    assert [(copy.block, copy.name) for copy in node.scope] == [("outer", "outer1"), ("unit", "outer1.inner")]
    assert graph.line(graph["main"]) == 24
    assert graph.line(node) == 6
    with pytest.raises(KeyError):
        graph["relu2"]


@pytest.mark.parametrize(
    "text",
    [
        "input: 28x28x4\r\nlayers:\r\n  - conv: 8 3x3\r\n",
        "\ufeffinput: 28x28x4\nlayers:\n  - conv: 8 3x3\n",
        "{input: 28x28x4, layers: [conv: 8 3x3]}",
        '{"input": [28, 28, 4], "layers": [{"conv": {"filters": 8, "kernel": [3, 3]}}]}',
        "---\ninput: 28x28x4\nlayers:\n- conv: 8 3x3\n...\n",
        "%YAML 1.1\n---\ninput: 28x28x4\nlayers:\n- conv: 8 3x3\n",
        "# a\ninput: 28x28x4 # b\nlayers: # c\n  - conv: 8 3x3 # d\n",
        "input: 28x28x4\nlayers:\n  - conv: >-\n      8\n      3x3\n",
        "input: 28x28x4\nlayers:\n  - conv: |\n      8 3x3\n",
        "input: 28x28x4\nlayers:\n  - 'conv': \"8\\x203x3\"\n",
        "input: 28x28x4\nlayers:\n  - ? conv\n    : 8 3x3\n",
        "input:\t28x28x4\nlayers:\t[conv: 8 3x3]\n",
    ],
    ids=[
        "crlf",
        "bom",
        "flow",
        "json",
        "document",
        "directive",
        "comments",
        "folded",
        "literal",
        "quotes",
        "?",
        "tabs",
    ],
)
def test_every_form_of_yaml_is_read(text: str) -> None:
    """Line ends, quotes, blocks and JSON mean the same."""
    assert rows(cnnspec.loads(text)) == ["conv1: conv of input is 26x26x8"]


REFUSED: Final = {
    "a key that is none": ("- relu", "layer: 3\n", ["E108"]),
    "another version of the language": ("- relu", "cnnspec: 2\n", ["E105"]),
    "a name that is a list": ("- relu", "name: [a]\n", ["E112"]),
    "an empty list of outputs": ("- relu", "outputs: []\n", ["E107"]),
    "an output twice": ("- relu", "outputs: [relu1, relu1]\n", ["E202"]),
    "an output that is not there": ("- relu", "outputs: [relu1, x]\n", ["E201"]),
    "a parameter that is a list": ("- relu", "params: {a: [1]}\n", ["E112"]),
    "a parameter that comes later": ("- relu", "params: {a: $b, b: 1}\n", ["E113"]),
    "defaults of a join": ("- relu", "defaults: {add: 1}\n", ["E104"]),
    "defaults with a typo": ("- relu", "defaults: {conv: {kernal: 1}}\n", ["E103"]),
    "defaults given twice": ("- relu", "defaults: {conv: same, Conv2D: valid}\n", ["E102"]),
    "a block named as a kind": ("- relu", "blocks: {relu: [tanh]}\n", ["E207"]),
    "a block named as a Keras class": ("- relu", "blocks: {Conv2D: [tanh]}\n", ["E207"]),
    "a block without layers": ("- relu", "blocks: {a: }\n", ["E107"]),
    "a block with a typo": ("- relu", "blocks: {a: {layers: [tanh], param: 1}}\n", ["E108"]),
    "a block with a fault, not called": ("- relu", "blocks: {a: [conf]}\n", ["E104"]),
    "a block that calls itself": ("- a", "blocks: {a: [{seq: [a]}]}\n", ["E204"]),
    "blocks that call each other": ("- a", "blocks: {a: [b], b: [c], c: [a]}\n", ["E204"]),
    "a block's unknown parameter": ("- a: {g: 1}", "blocks: {a: {params: [f], layers: [relu]}}\n", ["E103"]),
    "a block's missing parameter": ("- a", "blocks: {a: {params: [f], layers: [relu]}}\n", ["E107"]),
    "a block's own parameter outside": ("- relu: $f", "blocks: {a: {params: {f: 1}, layers: [relu]}}\n", ["E113"]),
    "a file's parameter in a block is fine, another block's is not": (
        "- a",
        "params: {p: 1}\nblocks: {a: {params: {f: $p}, layers: [b]}, b: [relu: $f]}\n",
        ["E113"],
    ),
    "the sizes of a block outside": ("- dense: ${block.c}", "", ["E113"]),
    "the sizes of a branch outside": ("- dense: ${branch.c}", "", ["E113"]),
    "the height of a vector": ("- flatten\n- dense: ${in.h}", "", ["E113"]),
    "the index without copies": ("- dense: ${index}", "", ["E113"]),
    "two values for a token's argument": ("- conv: 8 3x3 5x5", "", ["E106"]),
    "a value and an expression": ("- conv: filters=8 ${in.c} 3x3", "", ["E106"]),
    "an expression and a named one": ("- conv: ${in.c} 3x3 filters=${in.h}", "", ["E106"]),
    "two numbers": ("- conv: 8 3", "", ["E106"]),
    "two names of one argument": ("- conv: {filters: 8, kernel: 3, kernel_size: 3}", "", ["E106"]),
    "two paddings": ("- conv: 8 3x3 same pad=1", "", ["E106"]),
    "arguments of another kind": ("- maxpool: 2 filters=3", "", ["E103"]),
    "arguments of Keras that are not modelled": (
        "- Conv2D: {filters: 8, kernel_size: 3, data_format: x}",
        "",
        ["E105"],
    ),
    "a Keras class for other axes": ("- Conv1D: {filters: 8, kernel_size: 3}", "", ["E303"]),
    "a window for other axes": ("- conv: 8 3x3x3", "", ["E303"]),
    "one kernel missing": ("- conv: 8", "", ["E107"]),
    "an empty item": ("- ''", "", ["E104"]),
    "a list as an item": ("- [relu]", "", ["E112"]),
    "an item without a kind": ("- {name: a, note: b}", "", ["E112"]),
    "an item with two kinds": ("- {relu: , tanh: }", "", ["E112"]),
    "an argument beside its kind": ("- {conv: 8 3x3, stride: 2}", "", ["E108"]),
    "a name with a blank": ("- {relu: , name: a b}", "", ["E207"]),
    "a name that is a number": ("- {relu: , name: 1}", "", ["E207"]),
    "a name of 65 letters": ("- {relu: , name: " + "a" * 65 + "}", "", ["E207"]),
    "a name twice": ("- {relu: , name: a}\n- {relu: , name: a}", "", ["E202"]),
    "the input's name": ("- {relu: , name: input}", "", ["E202"]),
    "a name in every row": ("- {for: i, in: [1, 2], do: [{relu: , name: a}]}", "", ["E202"]),
    "a layer below": ("- {relu: , from: a}\n- {tanh: , name: a}", "", ["E203"]),
    "itself": ("- {relu: , from: a, name: a}", "", ["E203"]),
    "a layer that is not there": ("- {relu: , from: a}", "", ["E201"]),
    "a name inside a copy": ("- a\n- {relu: , from: x}", "blocks: {a: [{tanh: , name: x}]}\n", ["E201"]),
    "two tensors for one": ("- relu\n- {relu: , from: [relu1, input]}", "", ["E206"]),
    "a join of one": ("- add: [identity]", "", ["E206"]),
    "a subtraction of three": ("- subtract: [identity, input, input]", "", ["E206"]),
    "a layer that leads nowhere": ("- conv: 8 3x3\n- {tanh: , from: input}", "", ["E205"]),
    "overrides of a join": ("- {residual: [relu], repeat: 2, first: 3}", "", ["E108"]),
    "a number of copies that is none": ("- {relu: , repeat: 1.5}", "", ["E105"]),
    "a negative number of copies": ("- {relu: , repeat: -1}", "", ["E105"]),
    "copies that are true": ("- {relu: , repeat: true}", "", ["E105"]),
    "a condition that is a word": ("- {relu: , when: perhaps}", "", ["E105"]),
    "a row that is too short": ("- {for: [a, b], in: [[1]], do: [relu]}", "", ["E112"]),
    "a stage table without rows": ("- {for: [a], do: [relu]}", "", ["E107"]),
    "a stage table with a typo": ("- {for: [a], in: [1], do: [relu], os: 1}", "", ["E108"]),
    "a name twice in a stage table": ("- {for: [a, a], in: [[1, 2]], do: [dense: $a]}", "", ["E112"]),
    "a residual without a body": ("- residual: {shortcut: [relu]}", "", ["E107"]),
    "a residual of nothing": ("- residual: []", "", ["E107"]),
    "a gate of nothing": ("- gate: []", "", ["E107"]),
    "another shape": ("- {relu: , expect: 28x28x5}", "", ["E304"]),
    "a shape that is none": ("- {relu: , expect: big}", "", ["E105"]),
    "an anchor": ("- relu: &a 3", "", ["E109"]),
    "a tag": ("- relu: !!int 3", "", ["E109"]),
    "a merge key": ("- relu: {<<: 3}", "", ["E109"]),
    "a key twice": ("- relu: {max: 3, max: 4}", "", ["E102"]),
    "layers that are a mapping": ("  relu:", "", ["E112"]),
    "a layer that is not kept": ("- {relu: , name: a, when: no}\n- {tanh: , from: a}", "", ["E201"]),
    "a name that joins read as the current tensor": ("- {relu: , name: identity}", "", ["E207"]),
    "a block named as a key beside a kind": ("- relu", "blocks: {name: [relu]}\n", ["E207"]),
    "a parameter that no expression can name": ("- relu", "params: {in: 3}\n", ["E207"]),
}
"""Items and file keys that are not part of the language, and the codes of all that is wrong with them."""

UNREFUSED: Final = {}
"""Rows of the table above that fail today, and how."""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.xfail(name in UNREFUSED, strict=True, reason=UNREFUSED.get(name, "")))
        for name in REFUSED
    ],
)
def test_what_is_not_part_of_the_language_is_refused(name: str) -> None:
    """Nothing is ignored or guessed: each fault has its code, and no fault causes another."""
    items, head, expected = REFUSED[name]
    assert codes(items, head=head) == expected


@pytest.mark.parametrize(
    ("limits", "message", "step"),
    [
        (
            Limits(bytes=40),
            "the spec is longer than 40 bytes",
            "allow it with `--limit bytes=400`",
        ),
        (Limits(depth=5), "the spec is nested more than 5 levels deep", "allow it with `--limit depth=20`"),
        (Limits(events=20), "the spec has more than 20 YAML elements", "allow it with `--limit events=200`"),
        (Limits(nodes=9), "the network expands to more than 9 layers", "allow it with `--limit nodes=90`"),
    ],
    ids=["bytes", "depth", "events", "nodes"],
)
def test_a_limit_is_told_and_can_be_raised(limits: Limits, message: str, step: str) -> None:
    """Each limit has its message, and its next size is enough."""
    items = "- residual: [seq: [conv: 4 3x3 same, relu]]\n  repeat: 3\n- tanh\n- tanh\n- tanh"
    head = "meta: [[[a, b, c]], d, e, f, g]\n"
    with pytest.raises(cnnspec.SpecError) as caught:
        net(items, head=head, limits=limits)
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.message, diagnostic.help) == ("E110", message, step)
    _, _, raised = step.strip("`").rpartition(" ")
    name, _, size = raised.partition("=")
    assert len(net(items, head=head, limits=limits._replace(**{name: int(size)}))) == 12


def test_limits_hold_exactly() -> None:
    """As many as the limit are allowed, one more is not."""
    assert len(net("- relu:\n  repeat: 9", limits=Limits(nodes=9))) == 9
    assert codes("- relu:\n  repeat: 9\n- relu", limits=Limits(nodes=9)) == ["E110"]
    assert codes("- relu:\n  repeat: 10", limits=Limits(nodes=9)) == ["E105"]
    text = "input: 8\nlayers: [relu]"
    assert cnnspec.loads(text, limits=Limits(bytes=len(text), depth=2)).outputs == ("relu1",)
    with pytest.raises(cnnspec.SpecError):
        cnnspec.loads(text, limits=Limits(bytes=len(text) - 1))
    with pytest.raises(cnnspec.SpecError):
        cnnspec.loads(text, limits=Limits(depth=1))


@pytest.mark.parametrize(
    ("items", "shape", "expected"),
    [
        ("- pad: 499_999_999_999", "2x1", (1_000_000_000_000, 1)),
        ("- flatten", "1000000x1000x1000", (1_000_000_000_000,)),
        ("- dense: 1_000_000_000_000".replace("_", ""), "4", (1_000_000_000_000,)),
        ("- dense: 1000000000001", "4", "E105"),
        ("- dense: 10000000000000000000", "4", "E105"),
        ("- upsample: 1000001", "1000000x1", "E308"),
        ("- relu", "1000000000001", "E105"),
        ("- relu", "1000001x1000000", "E105"),
    ],
)
def test_dimensions_end_at_a_million_millions(items: str, shape: str, expected: object) -> None:
    """10^12 is the largest number and the largest number of elements."""
    found = codes(items, shape)[0] if isinstance(expected, str) else net(items, shape).nodes[-1].shape
    assert found == expected


@pytest.mark.parametrize("word", ["-", "kernle", "relu |"])
def test_a_layer_of_very_many_wrong_words_is_given_up(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    """65,000 of them took eleven seconds: for each it was looked what may be meant, and 200 were told."""
    looked: list[str] = []
    monkeypatch.setattr(tokens, "suggest", lambda meant, *_: (looked.append(meant), "")[1])
    with pytest.raises(SpecError) as failed:
        cnnspec.loads("input: 8x8x1\nlayers:\n  - conv: 3" + f" {word}" * 5_000)
    assert len(failed.value.diagnostics) == MOST
    assert len(looked) <= 2 * MOST


MANY: Final = range(500)
WIDE: Final = {
    "parameters of a block": f"""blocks:
  b:
    params: {{{", ".join(f"p{n}: 1" for n in MANY)}}}
    layers: [relu]
""",
    "parameters of the spec": f"""params: {{{", ".join(f"q{n}: 1" for n in MANY)}}}
blocks: {{b: {{layers: [relu]}}}}
""",
    "columns of a loop": f"""blocks:
  b:
    layers:
      - for: [{", ".join(f"p{n}" for n in MANY)}]
        in: [[{", ".join("1" for _ in MANY)}]]
        do: [relu, relu]
""",
    "tensors of a join": f"""blocks:
  b:
    layers:
      - relu: {{name: z}}
      - add: [{", ".join("z" for _ in MANY)}]
""",
    "tensors of a join that is shared": f"""blocks:
  b:
    layers:
      - relu: {{name: z}}
      - add: [{", ".join("z" for _ in MANY)}]
""",
}


@pytest.mark.parametrize("case", WIDE)
def test_very_many_names_count_as_layers(case: str) -> None:
    """A block of 5,000 parameters that was called 2,000 times took 22 seconds, in 49,000 characters."""
    copies = "    name: s\n  - share: s\n" if "shared" in case else ""
    text = f"input: 8x8x4\n{WIDE[case]}layers:\n  - b: {{}}\n{copies}    repeat: 80\n"
    assert len(cnnspec.loads(text)) in {80, 160, 162}
    with pytest.raises(SpecError, match="expands to more than 1,000 layers"):
        cnnspec.loads(text, limits=Limits(nodes=1_000))


def test_parameters_are_not_copied_for_each_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parameter may name those before it; 16,000 of them in 16 copies took 93 seconds, nearly all for copies."""
    scopes: list[object] = []
    monkeypatch.setattr(instances, "substitute", lambda raw, scope: (scopes.append(scope), substitute(raw, scope))[1])
    params = ", ".join(["p0: 4", *(f"p{n}: $p{n - 1}" for n in range(1, 100))])
    graph = net("- b: {}", head=f"blocks: {{b: {{params: {{{params}}}, layers: [conv: $p99 1x1]}}}}\n")
    assert graph["b1.conv1"].shape == (28, 28, 4)
    assert len(scopes) >= 100
    assert len({id(scope) for scope in scopes}) < 10


def test_outputs_take_steps_in_proportion() -> None:
    """Each was looked for among all before it."""

    def counted(count: int) -> int:
        names = [f"r{n}" for n in range(count)]
        layers = "".join(f"  - relu: {{name: {name}}}\n" for name in names)
        return steps("cnnspec.networks", "loads", f"input: 8x8x4\noutputs: [{', '.join(names)}]\nlayers:\n{layers}")

    assert grows_linearly(counted, 20)
