"""ONNX files: patterns of exporters, what is refused, hostile bytes, and the cases of the onnx package itself.

Files are written here byte by byte, as onnx.proto says, so that most tests need no onnx package.
"""

from __future__ import annotations

import random
import struct
import tracemalloc
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest
from onnx_bytes import field, items, messages, model, node, opened, tensor, value, varint

import cnnspec
from cnnspec.importing.graphs import onnx_file
from cnnspec.importing.graphs.onnx_operations import OTHERS
from cnnspec.importing.graphs.protobuf import BrokenMessageError, Reader
from cnnspec.importing.graphs.reading import meanings
from cnnspec.importing.opening import open_model
from cnnspec.importing.spec import write_spec

MISSING: Final = "the onnx package is missing: its own cases are NOT imported here"

NET: Final = model(
    node("Conv", "x stem.weight stem.bias", "a", "/stem/Conv", strides=[2, 2], pads=[1, 1, 1, 1], kernel_shape=[3, 3]),
    node("Relu", "a", "b", "/relu/Relu"),
    node("GlobalAveragePool", "b", "c"),
    node("Flatten", "c", "d", axis=1),
    node("Gemm", "d head.weight head.bias", "y", transB=1),
    tensor("stem.weight", 6, 4, 3, 3),
    tensor("stem.bias", 6),
    tensor("head.weight", 10, 6),
    tensor("head.bias", 10),
)
SPEC: Final = """\
name: net
input: 8x8x4
layers:
  - conv: 6 3x3/2 pad=1
    name: stem
  - relu:
    name: relu
  - gap: keepdims
    name: globalaveragepool_3
  - flatten:
    name: flatten_4
  - dense: 10
    name: head
"""


def test_a_join_of_many_looks_for_few_earlier_ones(tmp_path: Path) -> None:
    """A DenseNet's join begins with the one before it; of a hundred others, none is looked for."""
    blocks = [node("Concat", " ".join(["x"] * count), f"t{count}", axis=1) for count in range(2, 40)]
    content = model(*blocks, node("Concat", " ".join(["x"] * 40), "y", axis=1))
    graph = opened(content, tmp_path).graph
    assert [len(each.inputs) for each in graph] == [2] * 39
    content = model(node("Concat", " ".join(["x"] * 3000), "y", axis=1))
    assert [len(each.inputs) for each in opened(content, tmp_path).graph] == [3000]


def test_a_small_network(tmp_path: Path) -> None:
    """Shapes are channels last; names are those of the weights, else of the nodes."""
    assert write_spec(opened(NET, tmp_path).graph, flat=True) == SPEC


PATTERNS: Final[dict[str, tuple[list[bytes], list[str]]]] = {
    "x·sigmoid(x)": ([node("Sigmoid", "x", "a"), node("Mul", "x a", "y")], ["silu:"]),
    "sigmoid(x)·x": ([node("Sigmoid", "x", "a"), node("Mul", "a x", "y")], ["silu:"]),
    "x·hard_sigmoid(x)": (
        [node("HardSigmoid", "x", "a", alpha=1 / 6, beta=0.5), node("Mul", "x a", "y")],
        ["hard_silu:"],
    ),
    "gelu as PyTorch writes it": (
        [
            node("Div", "x root", "a"),
            node("Erf", "a", "b"),
            node("Add", "b one", "c"),
            node("Mul", "x c", "d"),
            node("Mul", "d half", "y"),
            tensor("root", values=[1.4142135]),
            tensor("one", values=[1]),
            tensor("half", values=[0.5]),
        ],
        ["gelu:"],
    ),
    "gelu of half the input": (
        [
            node("Mul", "x half", "h"),
            node("Mul", "x root", "a"),
            node("Erf", "a", "b"),
            node("Add", "one b", "c"),
            node("Mul", "h c", "y"),
            tensor("root", values=[0.70710678]),
            tensor("one", values=[1]),
            tensor("half", values=[0.5]),
        ],
        ["gelu:"],
    ),
    "a product with weights, then biases": (
        [
            node("Transpose", "x", "t", perm=[0, 2, 3, 1]),
            node("MatMul", "t w", "a"),
            node("Add", "a b", "y"),
            tensor("w", 4, 5),
            tensor("b", 5),
        ],
        ["dense: 5"],
    ),
    "a convolution without biases, then biases": (
        [node("Conv", "x w", "a"), node("Add", "a b", "y"), tensor("w", 5, 4, 1, 1), tensor("b", 5, 1, 1)],
        ["conv: 5 1x1"],
    ),
    "a factor and an offset per channel": (
        [node("Mul", "x w", "a"), node("Add", "a b", "y"), tensor("w", 1, 4, 1, 1), tensor("b", 1, 4, 1, 1)],
        ['rescale: "[0,0,0,0]"', "rescale: 1 offset=[0,0,0,0]"],
    ),
    "a shuffle": (
        [
            node("Reshape", "x split", "a"),
            node("Transpose", "a", "b", perm=[0, 2, 1, 3, 4]),
            node("Reshape", "b whole", "y"),
            tensor("split", 5, values=[1, 2, 2, 8, 8], kind=7),
            tensor("whole", 4, values=[1, -1, 8, 8], kind=7),
        ],
        ["channel_shuffle: 2"],
    ),
    "a layer norm between transpositions": (
        [
            node("Transpose", "x", "a", perm=[0, 2, 3, 1]),
            node("LayerNormalization", "a w b", "c", axis=-1, epsilon=1e-6),
            node("Transpose", "c", "d", perm=[0, 3, 1, 2]),
            node("Conv", "d k", "y"),
            tensor("w", 4),
            tensor("b", 4),
            tensor("k", 4, 4, 1, 1),
        ],
        ["ln: eps=1e-06", "conv: 4 1x1 nobias"],
    ),
    "clips": (
        [
            node("Clip", "x zero six", "a"),
            node("Clip", "a zero", "b"),
            node("Clip", "b zero two", "y"),
            tensor("zero", values=[0]),
            tensor("two", values=[2]),
            tensor("six", values=[6]),
        ],
        ["relu6:", "relu:", "relu: 2"],
    ),
    "windows": (
        [
            node("MaxPool", "x", "a", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1),
            node("AveragePool", "a", "b", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
            node("Conv", "b k", "c", auto_pad="SAME_LOWER", strides=[2, 2]),
            node("ConvTranspose", "c u", "d", strides=[2, 2]),
            node("Conv", "d g", "y", group=2, auto_pad="SAME_UPPER"),
            tensor("k", 4, 4, 3, 3),
            tensor("u", 4, 6, 2, 2),
            tensor("g", 8, 3, 3, 3),
        ],
        [
            "maxpool: 3x3/2 ceil",
            "avgpool: 3x3/1 same",
            "conv: 4 3x3/2 pad=[[1,0],[1,0]] nobias",
            "upconv: 6 2x2/2 nobias",
            "conv: 8 3x3 same nobias groups=2",
        ],
    ),
    "a depthwise convolution": (
        [node("Conv", "x k", "y", group=4, pads=[1, 1, 1, 1]), tensor("k", 8, 1, 3, 3)],
        ["dwconv: 3x3 pad=1 nobias multiplier=2"],
    ),
    "norms": (
        [
            node("BatchNormalization", "x a b c d", "e", epsilon=1e-5, momentum=0.9),
            node("LRN", "e", "f", size=5, alpha=0.0001, beta=0.75, bias=2.0),
            node("InstanceNormalization", "f a b", "y"),
            *(tensor(name, 4) for name in "abcd"),
        ],
        ["bn: eps=1e-05 momentum=0.9", "lrn: bias=2", 'gn: "-1 eps=1e-05"'],
    ),
    "shapes computed of shapes": (
        [
            node("Shape", "x", "s"),
            node("Gather", "s zero", "n"),
            node("Unsqueeze", "n first", "m"),
            node("Concat", "m rest", "r", axis=0),
            node("Reshape", "x r", "y"),
            tensor("zero", values=[0], kind=7),
            tensor("first", 1, values=[0], kind=7),
            tensor("rest", 1, values=[-1], kind=7),
        ],
        ["flatten:"],
    ),
    "nothing but other names": (
        [
            node("Identity", "x", "a"),
            node("Concat", "a", "b", axis=1),
            node("Dropout", "b", "c m", ratio=0.25),
            node("ReduceMean", "c", "d", axes=[2, 3], keepdims=0),
            node("Softmax", "d", "y"),
        ],
        ["dropout: 0.25", "gap:", "softmax:"],
    ),
    "joins and parts": (
        [
            node("Split", "x", "a b", axis=1),
            node("Sub", "a b", "c"),
            node("Slice", "x start stop axis", "d"),
            node("Concat", "c d", "e", axis=1),
            node("Concat", "e e", "y", axis=3),
            tensor("start", 1, values=[-1], kind=7),
            tensor("stop", 1, values=[2**62], kind=7),
            tensor("axis", 1, values=[1], kind=7),
        ],
        [
            "split: 2",
            "split: 2 index=1",
            "from: input",
            "subtract:",
            "from: [split_1, split_1_1]",
            "slice: start=3",
            "from: input",
            "concat:",
            "from: [sub_2, slice_3]",
            "concat: axis=2",
            "from: [concat_4, concat_4]",
        ],
    ),
    "larger images": (
        [
            node("Resize", "x - twice", "a", mode="linear"),
            node("Resize", "a - - sizes", "b", mode="nearest"),
            node("DepthToSpace", "b", "c", blocksize=2),
            node("Pad", "c rows", "y"),
            tensor("twice", 4, values=[1, 1, 2, 2]),
            tensor("sizes", 4, values=[1, 4, 20, 24], kind=7),
            tensor("rows", 8, values=[0, 0, 1, 0, 0, 0, 2, 0], kind=7),
        ],
        ["upsample: bilinear", "resize: 20x24 nearest", "depth_to_space: 2", 'pad: "[[1,2],[0,0]]"'],
    ),
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns(pattern: str, tmp_path: Path) -> None:
    """What exporters write as several operations, or in other words, is the layer that it does the same as."""
    parts, expected = PATTERNS[pattern]
    assert items(model(*parts), tmp_path) == expected


def test_factors_of_many_channels_are_learned(tmp_path: Path) -> None:
    """With offsets behind them they are a depthwise convolution of size 1, whose parameters are those of the file."""
    parts = node("Mul", "x w", "a"), node("Add", "a b", "y"), tensor("w", 8, 1, 1), tensor("b", 8, 1, 1)
    assert items(model(*parts, shape=(1, 8, 5, 5)), tmp_path) == ["dwconv: 1x1"]
    assert items(model(node("Mul", "x w", "y"), parts[2], shape=(1, 8, 5, 5)), tmp_path) == ["layerscale:"]


def test_inputs_whose_channels_stand_last(tmp_path: Path) -> None:
    """What tf2onnx writes brings them to the front first; with one channel, a reshape does that."""
    rest = node("Conv", "a w", "y"), tensor("w", 6, 3, 3, 3)
    content = model(node("Transpose", "x", "a", perm=[0, 3, 1, 2]), *rest, shape=(0, 10, 12, 3))
    text = write_spec(opened(content, tmp_path).graph)
    assert text == "name: net\ninput: 10x12x3\nlayers:\n  - conv: 6 3x3 nobias\n"
    parts = (
        node("Reshape", "x s", "a"),
        tensor("s", 4, values=[-1, 1, 10, 12], kind=7),
        rest[0],
        tensor("w", 6, 1, 3, 3),
    )
    assert opened(model(*parts, shape=(0, 10, 12, 1)), tmp_path).graph.inputs[0].shape == (10, 12, 1)


def test_dense_blocks_join_what_is_joined(tmp_path: Path) -> None:
    """A join that begins with the tensors of an earlier one reads that."""
    nodes = [node("Relu", "x", "a"), node("Tanh", "x", "b"), node("Concat", "x a", "c", axis=1)]
    graph = opened(model(*nodes, node("Concat", "x a b", "d", axis=1), node("Add", "d d", "y")), tmp_path).graph
    assert graph["concat_4"].inputs == ("concat_3", "tanh_2")
    assert graph["concat_4"].shape == (8, 8, 12)


def test_what_changes_no_number_is_counted(tmp_path: Path) -> None:
    """A gelu by tanh, a slope of the sigmoid that is the default of ONNX alone, a mean that leaves the padding out."""
    content = model(
        node("Gelu", "x", "a", approximate="tanh"),
        node("HardSigmoid", "a", "b"),
        node("AveragePool", "b", "y", kernel_shape=[2, 2], pads=[1, 1, 1, 1]),
    )
    assert opened(content, tmp_path).lost == {"approximate": 1, "alpha": 1, "count_include_pad": 1}


@pytest.mark.parametrize(
    ("op", "name", "same", "other"),
    [
        ("Selu", "alpha", 1.67326319217681884765625, 1.5),
        ("Selu", "gamma", 1.05070102214813232421875, 1.5),
        ("HardSigmoid", "alpha", 1 / 6, 0.2),
        ("HardSigmoid", "alpha", 1 / 6, 1 / 7),
        ("HardSigmoid", "beta", 0.5, 1.0),
        ("Celu", "alpha", 1.0, 2.0),
        ("Swish", "alpha", 1.0, 2.0),
    ],
)
def test_numbers_of_functions_that_are_those_of_their_kind(
    tmp_path: Path, op: str, name: str, same: float, other: float
) -> None:
    """The defaults of ONNX' operators, and PyTorch's slope of a hard sigmoid; any other is counted as lost."""
    given = {"alpha": 1 / 6} if (op, name) == ("HardSigmoid", "beta") else {}
    for found, lost in ((same, {}), (other, {name: 1})):
        assert opened(model(node(op, "x", "y", **{**given, name: found})), tmp_path).lost == lost


def test_notes(tmp_path: Path) -> None:
    """Batch normalizations computed into convolutions, weights that several layers read, weights in other files."""
    parts = [
        node("Conv", "x onnx::Conv_1 onnx::Conv_2", "a"),
        node("Conv", "a shared onnx::Conv_2", "b"),
        node("Conv", "b shared onnx::Conv_2", "y"),
        tensor("onnx::Conv_1", 4, 4, 1, 1),
        tensor("shared", 4, 4, 1, 1),
        tensor("onnx::Conv_2", 4),
    ]
    found = opened(model(*parts), tmp_path)
    assert [node_.layer.kind for node_ in found.graph] == ["conv"] * 3
    assert [note.partition(":")[0] for note in found.notes] == [
        (
            "PyTorch has written the file with batch normalizations computed into 1 convolution, which therefore has"
            " biases"
        ),
        "weights that several layers read are counted for each of them",
    ]
    elsewhere = field(1, 6) + field(1, 4) + field(1, 1) + field(1, 1) + field(2, 1) + field(8, "w") + field(14, 1)
    found = opened(model(node("Conv", "x w", "y"), field(5, elsewhere)), tmp_path)
    assert found.graph.nodes[0].shape == (8, 8, 6)
    assert found.notes == ("1 tensor of weights lies in another file, which is not read: its shape is in this one",)


def test_all_that_is_not_modelled_is_named_at_once(tmp_path: Path) -> None:
    """By the path of the node; also what stands behind a layer that could not be made."""
    content = model(
        node("Conv", "x w", "a", "/first/Conv", dilations=[1, 1], wrong=3),
        node("NonZero", "a", "b", "/second/NonZero"),
        node("Relu", "b", "c"),
        node("Loop", "c", "d", "/third/Loop"),
        node("MaxPool", "x", "e", kernel_shape=[2, 2], dilations=[2, 2]),
        node("Add", "d e", "y"),
        tensor("w", 4, 4, 3, 3),
    )
    assert messages(content, tmp_path) == [
        "E606 layer `/first/Conv`: `wrong` is `3`, which is not modelled",
        "E606 layer `/second/NonZero`: no kind stands for the operation `NonZero`",
        "E606 layer `/third/Loop`: no kind stands for the operation `Loop`",
        "E606 layer `MaxPool 5`: `dilations` is `2`: only `1` is modelled",
    ]


def test_partial(tmp_path: Path) -> None:
    """An unknown operation becomes opaque, with the shape that the file states and the weights that it reads."""
    content = model(
        node("Foo", "x w", "a", "/foo"),
        node("Relu", "a", "y"),
        tensor("w", 3, 7),
        value(13, "a", 1, 5, 4, 4),
    )
    text = write_spec(opened(content, tmp_path, partial=True).graph, flat=True)
    assert 'opaque: 4x4x5 params=21 reason="no kind stands for the operation Foo"' in text
    assert cnnspec.loads(text).nodes[-1].shape == (4, 4, 5)


def test_partial_needs_what_a_layer_makes(tmp_path: Path) -> None:
    """What reads weights alone cannot be opaque: another step is told than the option that is given already."""
    content = model(node("Foo", "w", "a"), node("Add", "x a", "y"), tensor("w", 4, 8, 8))
    with pytest.raises(cnnspec.CnnspecError) as caught:
        opened(content, tmp_path, partial=True)
    assert "which this does not" in caught.value.diagnostics[0].help


FAULTS: Final[dict[str, tuple[bytes, str]]] = {
    "weights of other channels": (
        model(node("Conv", "x w", "y"), tensor("w", 5, 3, 1, 1)),
        "E606 layer `Conv 1`: its weights of the shape (5, 3, 1, 1) want 3 channels, its input has 4",
    ),
    "another shape than the file states": (
        model(node("Relu", "x", "y"), value(13, "y", 1, 4, 8, 9)),
        "E606 layer `Relu 1`: the file says that it makes (4, 8, 9), its arguments give (4, 8, 8)",
    ),
    "a tensor that nothing makes": (
        model(node("Relu", "z", "y")),
        "E606 layer `Relu 1`: it reads `z`, which nothing before it makes",
    ),
    "an open size": (
        model(node("Relu", "x", "y"), shape=(0, 3, 0, 0)),
        "E607 the file leaves sizes of the input `input` open: (?, ?, 3)",
    ),
    "an operation of others": (
        model(field(1, field(1, "x") + field(2, "y") + field(4, "Relu") + field(7, "com.microsoft"))),
        "E606 layer `Relu 1`: `Relu` is an operation of `com.microsoft`, not of ONNX",
    ),
    "a graph in an attribute": (
        model(field(1, field(1, "x") + field(2, "y") + field(4, "Relu") + field(5, field(1, "g") + field(6, b"")))),
        "E606 layer `Relu 1`: its attribute `g` is a graph",
    ),
    "an output that nothing makes": (
        model(node("Relu", "x", "z")),
        "E605 the output `y`: nothing makes it",
    ),
    "a join of nothing": (model(node("Concat", "", "y", axis=1)), "E606 layer `Concat 1`: it reads nothing"),
    "a quotient of one": (
        model(node("Div", "x", "y")),
        "E606 layer `Div 1`: it divides by a tensor, or by numbers that are not one",
    ),
    "layers that lead to no output": (
        model(node("Relu", "x", "z"), node("Identity", "x", "y")),
        "E605 the model has no layers between its inputs and its outputs",
    ),
    "slopes of another shape": (
        model(node("PRelu", "x w", "y"), tensor("w", 3)),
        "E606 layer `PRelu 1`: its slopes have the shape (3,)",
    ),
    "a stride of 0": (
        model(node("MaxPool", "x", "y", kernel_shape=[2, 2], strides=[0, 2])),
        (
            "E606 layer `MaxPool 1`: `stride` would be `[0, 2]`: it must be integers ≥ 1, one for all axes or one per"
            " axis, such as `3` or `3x3`"
        ),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults(fault: str, tmp_path: Path) -> None:
    """What does not fit together is said, by the path of the layer."""
    content, expected = FAULTS[fault]
    assert messages(content, tmp_path) == [expected]


def test_sizes_from_the_user(tmp_path: Path) -> None:
    """An open size is the user's to give, channels last; shapes that the file states hold no longer."""
    content = model(node("Relu", "x", "y"), value(13, "y", 1, 3, 9, 9), shape=(0, 3, 0, 0))
    assert opened(content, tmp_path, inputs={"": (5, 6, 3)}).graph.nodes[0].shape == (5, 6, 3)


BROKEN: Final = {
    b"": "it is empty",
    b"\x08\x08": "there is no graph in it",
    b"\x08\x08\x3a\xff\xff\xff\xff\x0f": "a field of 4,294,967,295 bytes does not fit into what holds it",
    b"\x08\x08\x3a\x02\x0b\x00": "a field has the unknown type 3",
    b"\x08\x08\x12" + b"\xff" * 11: "a number has more than ten bytes",
    b"\x08\x08\x3a\x02\x0a": "a field of 2 bytes does not fit into what holds it",
    model(tensor("w", 5, 3).replace(field(1, 5), field(1, 6))): "a tensor of the sizes [6, 3] has 60 bytes",
    model(field(5, field(1, -1) + field(8, "w"))): "a tensor has the sizes [-1]",
    model(
        field(1, field(1, "x") + field(2, "y") + field(4, "Elu") + field(5, field(1, "alpha") + field(2, b"")))
    ): "a number is empty",
    model(field(15, b"")): "it has sparse weights, which are not read",
}


@pytest.mark.parametrize("content", BROKEN, ids=BROKEN.values())
def test_broken_files(content: bytes, tmp_path: Path) -> None:
    """False lengths, numbers without an end, sizes that do not fit: a sentence for each."""
    (found,) = messages(content, tmp_path)
    assert found.startswith("E605")
    assert found.endswith(BROKEN[content])


def test_steps_with_other_numbers(tmp_path: Path) -> None:
    """Each byte behind the names of a small network is another one: no step takes a number for granted."""
    for content in (NET, model(*PATTERNS["windows"][0]), model(*PATTERNS["joins and parts"][0])):
        for place in range(20, min(len(content), 320), 2):
            changed = content[:place] + bytes([content[place] ^ 3]) + content[place + 1 :]
            with suppress(cnnspec.CnnspecError):
                write_spec(opened(changed, tmp_path).graph, flat=True)


def attribute_of(*fields: bytes, name: str = "axes") -> bytes:
    """Return a mean of `x` with an attribute whose value is in these fields."""
    own = field(5, field(1, name) + b"".join(fields))
    return field(1, field(1, "x") + field(2, "y") + field(4, "ReduceMean") + own)


def numbers_of(*fields: bytes, kind: int) -> bytes:
    """Return four factors of a type whose values are in these fields."""
    return field(5, field(1, 4) + field(1, 1) + field(1, 1) + field(2, kind) + field(8, "w") + b"".join(fields))


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        ([attribute_of(field(8, bytes([2, 3])))], "gap: keepdims"),
        ([attribute_of(field(8, 2), field(8, 3))], "gap: keepdims"),
        ([node("Clip", "x", "y", min=0.0, max=3.4028234663852886e38)], "relu:"),
        (
            [node("Mul", "x w", "y"), numbers_of(field(4, struct.pack("<4f", 1, 2, 3, 4)), kind=1)],
            'rescale: "[1,2,3,4]"',
        ),
        (
            [node("Mul", "x w", "y"), numbers_of(field(10, struct.pack("<4d", 1, 2, 3, 4)), kind=11)],
            'rescale: "[1,2,3,4]"',
        ),
        ([node("Mul", "x w", "y"), numbers_of(field(7, bytes([1, 2, 3, 4])), kind=7)], 'rescale: "[1,2,3,4]"'),
        (
            [node("Mul", "x w", "y"), numbers_of(field(5, 1), field(5, bytes([2, 3, 4])), kind=6)],
            'rescale: "[1,2,3,4]"',
        ),
        ([node("Mul", "x w", "y"), numbers_of(field(9, bytes(16)), kind=1)], 'rescale: "[0,0,0,0]"'),
        ([node("Mul", "x w", "y"), numbers_of(field(9, bytes(8)), kind=16)], "layerscale:"),
    ],
)
def test_forms_of_numbers(parts: list[bytes], line: str, tmp_path: Path) -> None:
    """Packed or one by one, in fields of their types or as bytes; those of unusual types are not looked at."""
    assert items(model(*parts, opset=6 if b"Clip" in parts[0] else 17), tmp_path) == [line]


@pytest.mark.parametrize(
    ("parts", "what"),
    [
        ([attribute_of(field(21, "axes"))], "`ReduceMean 1`: its attribute `axes` is an argument of a function"),
        ([attribute_of(field(6, b""))], "`ReduceMean 1`: its attribute `axes` is a graph"),
        ([attribute_of(field(20, 99))], "`ReduceMean 1`: its attribute `axes` is nothing that is known"),
    ],
)
def test_attributes_that_are_no_numbers(parts: list[bytes], what: str, tmp_path: Path) -> None:
    """Each is told for what it is."""
    assert messages(model(*parts), tmp_path) == [f"E606 layer {what}"]


@pytest.mark.parametrize(
    ("part", "what"),
    [
        (attribute_of(field(8, bytes(1025))), "a list has more than 1,024 numbers"),
        (attribute_of(*[field(8, bytes(600))] * 2), "an attribute has more than 1,024 numbers"),
        (attribute_of(varint(8 << 3 | 5) + bytes(4)), "integers are of another type"),
        (attribute_of(varint(3 << 3 | 5) + bytes(4)), "an integer is of another type"),
        (attribute_of(field(7, bytes(3))), "numbers are of another type, or too many"),
        (numbers_of(field(9, bytes(12)), kind=1), "a tensor of the sizes [4, 1, 1] has 12 bytes"),
    ],
)
def test_numbers_that_are_none(part: bytes, what: str, tmp_path: Path) -> None:
    """Other types than onnx.proto has, and more than any network."""
    (found,) = messages(model(part), tmp_path)
    assert found.startswith("E605")
    assert found.endswith(what)


def test_every_truncation_and_many_mutations(tmp_path: Path) -> None:
    """A network or diagnostics, never anything else, in a moment."""
    cases = [NET[:end] for end in range(0, len(NET), 7)]
    chance = random.Random(7)  # noqa: S311 - the same cases every time
    for _ in range(400):
        content = bytearray(NET)
        for _ in range(chance.choice([1, 1, 2, 8])):
            place = chance.randrange(len(content))
            content[place : place + chance.randrange(2)] = bytes([chance.randrange(256)]) * chance.randrange(3)
        cases.append(bytes(content))
    for content in cases:
        with suppress(cnnspec.CnnspecError):
            write_spec(opened(content, tmp_path).graph, flat=True)


def test_deep_and_long_files_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages within each other are not followed; fields and nodes are counted."""
    deep = b""
    for _ in range(2000):
        deep = field(7, deep)
    assert messages(field(1, 8) + deep, tmp_path)[0].startswith("E605")
    data = memoryview(b"\x10\x01" * 1000)
    with pytest.raises(BrokenMessageError, match="too many fields"):
        list(Reader(data, 999).fields(0, len(data)))
    monkeypatch.setattr(onnx_file, "MOST_NODES", 3)
    chain = [node("Relu", "x" if not at else f"t{at}", f"t{at + 1}") for at in range(4)]
    assert "it has more than 3 nodes" in messages(model(*chain), tmp_path)[0]


def test_weights_are_not_loaded(tmp_path: Path) -> None:
    """A file of 200 MB, most of it a hole, is read in a moment."""
    rows, columns = 50_000, 1000
    size = rows * columns * 4
    start = node("Gemm", "x w", "y")
    graph_end = value(11, "x", 1, rows) + field(12, field(1, "y"))
    head = field(1, rows) + field(1, columns) + field(2, 1) + field(8, "w") + varint(9 << 3 | 2) + varint(size)
    weights = varint(5 << 3 | 2) + varint(len(head) + size) + head
    graph = start + graph_end + weights
    path = tmp_path / "large.onnx"
    with path.open("wb") as file:
        file.write(field(1, 8) + field(8, field(2, 17)) + varint(7 << 3 | 2) + varint(len(graph) + size) + graph)
        file.truncate(file.tell() + size)
    tracemalloc.start()
    (layer,) = open_model(str(path)).graph.nodes
    assert layer.shape == (1000,)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 << 20


LIGHT: Final = {
    "bvlc_alexnet": (60_965_224, (1000,)),
    "densenet121": (8_146_152, (1, 1, 1000)),
    "inception_v1": (6_998_552, (1000,)),
    "inception_v2": (11_234_792, (1000,)),
    "resnet50": (25_610_152, (1000,)),
    "shufflenet": (1_420_152, (1000,)),
    "squeezenet": (1_235_496, (1, 1, 1000)),
    "vgg19": (143_667_240, (1000,)),
    "zfnet512": (87_250_536, (1000,)),
}
"""Parameters and outputs of the whole networks of the onnx package: BVLC's AlexNet, ResNet-50 with 4·C per norm ..."""


@pytest.fixture(scope="module")
def data() -> Path:
    """Return the folder of the onnx package's own cases; skip, and say so, where it is missing."""
    onnx = pytest.importorskip("onnx", reason=MISSING)
    return Path(onnx.__file__).parent / "backend" / "test" / "data"


@pytest.mark.parametrize("name", LIGHT)
def test_the_whole_networks_of_the_onnx_package(name: str, data: Path) -> None:
    """Every weight of the file is counted, and the output has the shape that it says."""
    graph = open_model(str(data / "light" / f"light_{name}.onnx")).graph
    found = sum(row.params for row in cnnspec.summarize(graph))
    assert (found, graph.nodes[-1].shape) == LIGHT[name]


REFUSED: Final = {
    "test_ConstantPad2d": "`value` is `2.0`",
    "test_Embedding": "`Gather`",
    "test_MaxPool1d_stride_padding_dilation": "`dilations`",
    "test_MaxPool2d_stride_padding_dilation": "`dilations`",
    "test_Embedding_sparse": "`Gather`",
    "test_PoissonNLLLLoss_no_reduce": "numbers of the shape (10, 10)",
    "test_log_softmax_dim3": "another axis",
    "test_operator_mm": "computed",
    "test_operator_addmm": "it has no shape",
    "test_operator_add_broadcast": "it has no shape",
    "test_operator_add_size1_right_broadcast": "it has no shape",
    "test_operator_chunk": "it has no shape",
    "test_operator_view": "it has no shape",
    "test_operator_clip": "limits at -0.5 and 0.5",
    "test_operator_index": "the batch",
    "test_operator_non_float_params": "numbers of the shape (2, 2)",
    "test_operator_permute2": "no layers",
    "test_operator_reduced_mean": "1 of 3 axes",
    "test_operator_reduced_mean_keepdim": "1 of 3 axes",
}
"""Cases of operations that are modelled, in a way that none models, with a part of what is said."""


def test_the_converted_cases_of_the_onnx_package(data: Path) -> None:
    """Cases of operations that are modelled give the shapes that they state, or are refused for a reason known here."""
    onnx = pytest.importorskip("onnx", reason=MISSING)
    known = {*meanings("onnx"), *OTHERS}
    imported = 0
    for path in sorted(data.glob("pytorch-*/*/model.onnx")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            said = onnx.load(str(path)).graph
        if not {each.op_type for each in said.node} <= known:
            continue
        name = path.parent.name
        if name in REFUSED:
            with pytest.raises(cnnspec.CnnspecError) as caught:
                open_model(str(path))
            assert REFUSED[name] in caught.value.diagnostics[0].message, name
            continue
        imported += 1
        graph = open_model(str(path)).graph
        shape = [dim.dim_value for dim in said.output[0].type.tensor_type.shape.dim]
        assert sorted(graph[graph.outputs[0]].shape) == sorted(shape[1:]), name
    assert imported >= 75
