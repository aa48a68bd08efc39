"""The Python listing: what it looks like, that it builds the same model, and that it runs nothing a spec says."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from runpy import run_path
from typing import Any, Final

import pytest

import cnnspec
from cnnspec.ir.graph import Graph
from cnnspec.ir.keras_rule import Call
from cnnspec.ir.keras_values import plain, unit
from cnnspec.keras import build
from cnnspec.keras.listing import render
from cnnspec.keras.naming import layer_names, named_calls

ORACLE: Final = run_path(str(Path(__file__).with_name("test_oracle.py")))
ROWS: Final = ORACLE["ALL"]
"""An input shape and an item for every kind on input of every number of axes."""
SEVERAL: Final = ORACLE["SEVERAL"]
"""A network with several inputs and outputs."""
HEAVY: Final = frozenset(
    (
        *("alexnet", "alexnet-torchvision", "densenet", "efficientnetv2", "inception-resnet-v2", "inceptionv3"),
        *("nasnet", "unet", "vgg", "vit-b16"),
    )
)
"""Networks of 250 layers or 30 million parameters, and more."""
MODERATE: Final = sorted({*cnnspec.bundled_names()} - HEAVY)
LENET: Final = """\
# lenet5: 8 layers, 664,086 parameters, 8,778,056 MACs
import keras
from keras import layers

model = keras.Sequential(
    [
        keras.Input((28, 28, 1), name="input"),
        layers.Conv2D(32, 5, padding="same", activation="relu", name="conv1"),  # 28×28×32
        layers.MaxPooling2D(2, name="maxpool1"),  # 14×14×32
        layers.Conv2D(48, 5, padding="same", activation="relu", name="conv2"),  # 14×14×48
        layers.MaxPooling2D(2, name="maxpool2"),  # 7×7×48
        layers.Flatten(name="flatten1"),  # 2352
        layers.Dense(256, activation="relu", name="dense1"),  # 256
        layers.Dense(84, activation="relu", name="dense2"),  # 84
        layers.Dense(10, activation="softmax", name="dense3"),  # 10
    ],
    name="lenet5",
)
"""
BRANCHES: Final = """
name: small residual
input: 8x8x3
layers:
  - conv: {filters: 4, kernel: 3, stride: 2, padding: [[1, 1], [1, 1]], bias: false, l2: 0.1}
  - maxpool: 3x3/2 pad=1
  - residual: [conv: 4 3x3 same bn]
  - relu: 6
  - gap
outputs: [gap1, relu1]
"""
BRANCHES_LISTED: Final = """\
# small residual: 7 layers, 272 parameters, 2,304 MACs
import keras
from keras import layers

inputs = keras.Input((8, 8, 3), name="input")
x = layers.ZeroPadding2D(1, name="conv1_pad")(inputs)
x = layers.Conv2D(4, 3, strides=2, use_bias=False, kernel_regularizer=keras.regularizers.L2(0.1), name="conv1")(x)  \
# 4×4×4
x = keras.ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=float("-inf"))
maxpool1 = layers.MaxPooling2D(3, strides=2, name="maxpool1")(x)  # 2×2×4
x = layers.Conv2D(4, 3, padding="same", name="conv2")(maxpool1)  # 2×2×4
x = layers.BatchNormalization(name="bn1")(x)  # 2×2×4
x = layers.Add(name="add1")([x, maxpool1])  # 2×2×4
relu1 = layers.ReLU(max_value=6.0, name="relu1")(x)  # 2×2×4
gap1 = layers.GlobalAveragePooling2D(name="gap1")(relu1)  # 4
model = keras.Model(inputs, [gap1, relu1], name="small-residual")
"""
LACKING: Final = """
input: 8x8x4
layers:
  - upconv: 4 3x3/2 groups=4
  - upconv: 4 4x4/2 pad=1
  - upconv: 4 3x3/2 dilation=2
  - upconv: 4 3x3 dilation=2 output_padding=1
  - upconv: 4 4x4/2 same output_padding=0
  - avgpool: 4 ceil
  - conv: 4 3x3/2 dilation=2
  - pad: 2 replicate
"""
LACKED: Final = (
    "Keras has no `upconv` with groups",
    "Keras has no `upconv` with both a stride and a dilation above 1",
    "Keras adds no more rows behind than its stride has, not (1, 1)",
    "TensorFlow runs no `same` with `output_padding` 0 behind a kernel of even size",
    "a window of `avgpool` sticks out",
    "Keras has no `conv` with both a stride and a dilation above 1",
    "Keras on TensorFlow repeats the outermost row once at most",
)
CROPPED: Final = """\
# dcgan: 2 layers, 408 parameters, 13,312 MACs
import keras
from keras import layers

inputs = keras.Input((4, 4, 4), name="input")
x = layers.Conv2DTranspose(4, 4, strides=2, padding="same", name="upconv1")(inputs)  # 8×8×4
x = layers.Conv2DTranspose(4, 3, strides=2, name="upconv2_upconv")(x)
outputs = layers.Cropping2D(((1, 0), (1, 0)), name="upconv2")(x)  # 16×16×4
model = keras.Model(inputs, outputs, name="dcgan")
"""
WORDS: Final = """
input: {x: 4, float: 4, keras: 4}
layers:
  - dense: 4
    from: x
    name: class
  - dense: 4
    from: keras
    name: a-b
  - dense: 4
    from: float
    name: a_b
  - dense: 4
    from: x
    name: y
  - add: [class, a-b, a_b, y]
    name: model
"""


def test_a_chain_is_a_sequential_model() -> None:
    """One line per layer, with the arguments that differ from Keras' defaults."""
    assert render(cnnspec.load("lenet5")) == LENET


def test_everything_else_is_a_functional_model() -> None:
    """A tensor has a name of its own where something else than the next layer reads it."""
    assert render(cnnspec.loads(BRANCHES)) == BRANCHES_LISTED


def test_padding_of_a_transposed_convolution_is_cropped_where_no_word_says_it() -> None:
    """PyTorch's kernel 4, stride 2, padding 1 is `same`; with kernel 3 the rows of TensorFlow are other ones."""
    items = "  - upconv: 4 4x4/2 pad=1\n  - upconv: 4 3x3/2 pad=1 output_padding=1\n"
    assert render(cnnspec.loads(f"name: dcgan\ninput: 4x4x4\nlayers:\n{items}")) == CROPPED


@pytest.mark.parametrize(
    ("shape", "item", "calls"),
    [
        ("4x6x12", "depth_to_space: 2", ["Reshape((4, 6, 2, 2, 3)", "Permute((1, 3, 2, 4, 5)", "Reshape((8, 12, 3)"]),
        ("4x6x3", "space_to_depth: 2", ["Reshape((2, 2, 3, 2, 3)", "Permute((1, 3, 2, 4, 5)", "Reshape((2, 3, 12)"]),
        ("4x6x12", "channel_shuffle: 3", ["Reshape((4, 6, 3, 4)", "Permute((1, 2, 4, 3)", "Reshape((4, 6, 12)"]),
        ("12x9x5", "adaptive_maxpool: 4x3", ["MaxPooling2D((3, 3)"]),
        ("8x8x4", "maxpool: 3x3/2 ceil", ['MaxPooling2D(3, strides=2, padding="same"']),  # one row behind, as `same`
        ("9x9x4", "avgpool: 2 ceil", ['AveragePooling2D(2, padding="same"']),
        ("7x7x4", "maxpool: 3x3/3 ceil", ["MaxPooling2D(3"]),  # two rows behind, where `same` has one on each side
        ("7x7x96", "stochastic_depth: 0.1", ["Dropout(0.1, noise_shape=(None, 1, 1, 1)"]),
        ("12x9x5", "adaptive_maxpool: 5x3", ["AdaptiveMaxPooling2D((5, 3)"]),
    ],
)
def test_what_keras_has_no_layer_for_is_made_of_others(shape: str, item: str, calls: list[str]) -> None:
    """Elements are moved by a permutation between two shapes, as in TensorFlow's depth_to_space."""
    lines = render(cnnspec.loads(f"input: {shape}\nlayers: [{item}]\n")).splitlines()
    assert [line.partition("layers.")[2].partition(", name=")[0] for line in lines if "layers." in line] == calls


def test_learned_rows_are_sums_of_products_with_ones() -> None:
    """A row per step, or one in front; the kernel has a letter for every axis but the batch's."""
    text = render(cnnspec.loads("input: 9x8\nlayers: [positions, class_token]\n"))
    assert 'layers.EinsumDense("abx,bxy->aby", (9, 8), ' in text
    assert 'layers.EinsumDense("ab,bcd->acd", (1, 8), ' in text


def test_sums_over_channels_are_means_of_a_row_of_pixels() -> None:
    """2 channels in front and 1 behind make 9 of 6, from which windows of 4 are taken at each of 64 places."""
    text = render(cnnspec.loads("input: 8x8x6\nlayers: [lrn: 4]\n"))
    assert "keras.ops.pad(lrn1_square, ((0, 0), (0, 0), (0, 0), (2, 1)))" in text
    assert "layers.Reshape((64, 9, 1)" in text
    assert "layers.AveragePooling2D((1, 4), strides=1" in text


@pytest.mark.parametrize(
    ("shape", "item", "inside"),
    [
        ("9x8", "attention: 2", True),
        ("9x8", "lstm: 4 bidirectional", True),
        ("5x8x9x3", "convlstm: 4 3x3", True),
        ("9x8", "lstm: 4", False),
        ("9x9x8", "conv: 4 3x3", False),
    ],
)
def test_layers_inside_are_frozen_when_they_are_made(shape: str, item: str, *, inside: bool) -> None:
    """What makes layers of its own does not tell them: with the argument alone, Keras counts them as trainable."""
    text = render(cnnspec.loads(f"input: {shape}\nlayers:\n  - {item}\n    trainable: false\n    name: first\n"))
    assert ('model.get_layer("first").trainable = False' in text) == inside
    assert ("trainable=False" in text) == (not inside)


def test_what_keras_lacks_is_said_of_every_layer() -> None:
    """The analysis knows more than Keras builds: nothing is built or listed without it."""
    graph = cnnspec.loads(LACKING)
    assert cnnspec.summarize(graph).totals.layers == 8
    with pytest.raises(cnnspec.CnnspecError) as caught:
        render(graph)
    assert [(found.code, found.message) for found in caught.value.diagnostics] == [("E510", text) for text in LACKED]
    assert [found.span.position[0] for found in caught.value.diagnostics if found.span] == [4, 6, 7, 8, 9, 10, 11]


def test_variables_shadow_nothing() -> None:
    """Names of nodes that are Python's words, or a listing's own, get a number or another sign."""
    lines = render(cnnspec.loads(WORDS)).splitlines()
    assert [line.partition(" = ")[0] for line in lines if " = " in line] == [
        *("x_2", "float_2", "keras_2", "class_2", "a_b", "a_b_2", "x", "outputs", "model"),
    ]


def test_a_listing_needs_no_framework() -> None:
    """Not even numpy."""
    program = (
        "import sys, cnnspec\nfrom cnnspec.keras.listing import render\nprint(render(cnnspec.load('lenet5')), end='')\n"
        "assert not {'tensorflow', 'keras', 'numpy'} & sys.modules.keys()"
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
    ],
)
def test_nothing_of_a_spec_is_code(name: str) -> None:
    """Whatever a network or its layers are called: the listing imports and calls Keras alone."""
    graph = cnnspec.loads("input: 4\nlayers:\n  - dense: 4\n  - residual: [dense: 4]\n")
    names = {node.name: f"{name}{node.name}" for node in graph} | {"input": f"{name}input"}
    nodes = [node._replace(name=names[node.name], inputs=tuple(names[read] for read in node.inputs)) for node in graph]
    entry = graph.inputs[0]._replace(name=names["input"])
    outputs = tuple(names[output] for output in graph.outputs)
    wild = replace(graph, name=name, inputs=(entry,), nodes=tuple(nodes), outputs=outputs)
    text = render(wild)
    assert text.isprintable() or all(line.isprintable() for line in text.split("\n"))
    tree = ast.parse(text)
    assert [type(part).__name__ for part in tree.body[:2]] == ["Import", "ImportFrom"]
    assert {type(part).__name__ for part in tree.body[2:]} == {"Assign"}
    called = {ast.unparse(node.func).partition("(")[0] for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert called == {"keras.Input", "layers.Dense", "layers.Add", "keras.Model"}
    strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert {*layer_names(wild).values()} <= strings


def run(keras: Any, text: str) -> Any:
    """Run a listing and return its model."""
    keras.utils.clear_session(free_memory=False)
    namespace: dict[str, Any] = {}
    exec(text, namespace)  # noqa: S102 - this is what a listing is for
    return namespace["model"]


def parts(model: Any) -> list[Any]:
    """Return the inputs and layers of a model as their configurations, in order."""
    layers = model.get_config()["layers"]
    return [(layer["class_name"], layer["config"]) for layer in layers]


def assert_same(keras: Any, graph: Graph) -> None:
    """Compare the model of a listing with the one that is built: configuration, wiring and parameters."""
    text = render(graph)
    keras.utils.set_random_seed(0)
    listed = run(keras, text)
    keras.utils.set_random_seed(0)
    keras.utils.clear_session(free_memory=False)  # Keras numbers the layers inside wrappers
    built = build(graph)
    assert listed.name == built.name
    assert listed.count_params() == built.count_params()
    if isinstance(listed, keras.Sequential):
        assert parts(listed) == parts(built)
    else:
        assert unnamed(keras, listed) == unnamed(keras, built)


def unnamed(keras: Any, model: Any) -> Any:
    """Return a model's configuration with numbers for the names of functions, which take none."""
    functions = [operation.name for operation in model.operations if not isinstance(operation, keras.layers.Layer)]
    numbers = {name: f"function {number}" for number, name in enumerate(functions)}
    return renamed(json.loads(json.dumps(model.get_config(), default=str)), numbers)


def renamed(part: Any, names: dict[str, str]) -> Any:
    """Return a configuration with other words for some of its texts."""
    if isinstance(part, dict):
        return {key: renamed(value, names) for key, value in part.items()}
    if isinstance(part, list):
        return [renamed(value, names) for value in part]
    return names.get(part, part) if isinstance(part, str) else part


@pytest.mark.keras
@pytest.mark.parametrize(("shape", "item"), ROWS)
def test_listed_layers_are_the_built_ones(keras: Any, shape: str, item: str) -> None:
    """For every kind on input of every number of axes."""
    assert_same(keras, cnnspec.loads(f"input: {shape}\nlayers:\n  - {item}\n"))


@pytest.mark.keras
@pytest.mark.parametrize("name", MODERATE)
def test_listed_networks_are_the_built_ones(keras: Any, name: str) -> None:
    """For the bundled networks but the largest."""
    assert_same(keras, cnnspec.load(name))


@pytest.mark.keras
@pytest.mark.parametrize("text", [BRANCHES, SEVERAL, WORDS])
def test_listed_graphs_are_the_built_ones(keras: Any, text: str) -> None:
    """With several inputs and outputs too."""
    assert_same(keras, cnnspec.loads(text))


@pytest.mark.keras
def test_the_defaults_are_keras_own(keras: Any) -> None:
    """What is left out of a listing is what Keras takes by itself."""
    graphs = [cnnspec.loads(f"input: {shape}\nlayers:\n  - {item}\n") for shape, item in ROWS]
    calls = [named.call for graph in graphs for _, several in named_calls(graph) for named in several]
    calls += [value for call in calls for value in call.arguments.values() if isinstance(value, Call)]
    checked = set()
    for call in calls:
        taken = inspect.signature(getattr(keras.layers, call.class_name)).parameters if call.defaults else {}
        assert [*taken][: len(call.first)] == [*call.first] or not taken, call.class_name
        for argument in call.defaults.keys() - {*call.first}:
            default = plain(taken[argument].default)
            default = call.defaults["strides"] if argument == "strides" and default is None else default
            default = "linear" if argument == "activation" and default is None else default
            ours = call.defaults[argument]
            assert unit(default) in (ours, plain(ours)), (call.class_name, argument)
            checked.add(argument)
    assert len(checked) > 30
