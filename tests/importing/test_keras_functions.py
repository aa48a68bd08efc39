"""Functions on tensors, each in a model as Keras 3.15 writes it.

tests/data/keras_functions.json.xz has the models by their expressions.
"""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any, Final

import pytest

import cnnspec
from cnnspec.importing.opening import open_model
from cnnspec.importing.spec import write_spec

MODELS: Final = json.loads(lzma.decompress((Path(__file__).parents[1] / "data/keras_functions.json.xz").read_bytes()))
LAYERS: Final = {
    "x + 3": "rescale: 1 offset=3",
    "3 - x": 'rescale: "-1 offset=3"',
    "x - 3": "rescale: 1 offset=-3",
    "x * 2": "rescale: 2",
    "x / 2": "rescale: 0.5",
    "ops.true_divide(x, 4.0)": "rescale: 0.25",
    "x + layers.ReLU()(x)": "relu:, add:, from: [input, re_lu]",
    "x - layers.ReLU()(x)": "relu:, subtract:, from: [input, re_lu_1]",
    "x * layers.ReLU()(x)": "relu:, multiply:, from: [input, re_lu_2]",
    "ops.maximum(x, layers.ReLU()(x))": "relu:, maximum:, from: [input, re_lu_4]",
    "ops.minimum(x, layers.ReLU()(x))": "relu:, minimum:, from: [input, re_lu_5]",
    "ops.concatenate([x, x], axis=-1)": "concat:, from: [input, input]",
    "ops.concatenate([x, x], axis=1)": "concat: axis=1, from: [input, input]",
    "ops.reshape(x, (-1, 256))": "reshape: 256",
    "ops.reshape(x, (-1, 8, 32))": "reshape: 8x32",
    "ops.transpose(x, (0, 3, 1, 2))": "permute: 3x1x2",
    "ops.transpose(x, (0, 2, 1, 3))": "permute: 2x1x3",
    "ops.mean(x, axis=[1, 2])": "gap:",
    "ops.mean(x, axis=(1, 2), keepdims=True)": "gap: keepdims",
    "ops.mean(x, axis=(-3, -2))": "gap:",
    "ops.max(x, axis=[1, 2])": "gmp:",
    "ops.pad(x, [[0, 0], [1, 1], [2, 2], [0, 0]])": "pad: 1x2",
    'ops.pad(x, [[0, 0], [1, 1], [2, 2], [0, 0]], mode="reflect")': "pad: 1x2 reflect",
    'ops.pad(x, [[0, 0], [1, 1], [2, 2], [0, 0]], mode="symmetric")': "pad: 1x2 symmetric",
    "ops.glu(x)": "glu:",
    "x[:, 1:3]": "slice: start=1 axis=1 stop=3",
    "x[:, :4]": "split: 2 axis=1",
    "x[:, 4:]": "split: 2 axis=1 index=1",
    "x[..., 2:]": "split: 2 index=1",
    "x[:, :, -3:]": "slice: start=5 axis=2 stop=8",
    "x[:, :, :-2]": "slice: axis=2 stop=6",
    "ops.relu(x)": "relu:",
    "ops.relu6(x)": "relu6:",
    "ops.gelu(x)": "gelu:",
    "ops.gelu(x, approximate=False)": "gelu:",
    "ops.silu(x)": "silu:",
    "ops.hard_silu(x)": "hard_silu:",
    "ops.leaky_relu(x, negative_slope=0.1)": "leaky_relu: 0.1",
    "ops.elu(x)": "elu:",
    "ops.softmax(x)": "softmax:",
    "ops.softmax(x, axis=1)": "softmax: axis=1",
    "ops.sigmoid(x)": "sigmoid:",
    "ops.tanh(x)": "tanh:",
    "ops.log_softmax(x)": "log_softmax:",
    "ops.multiply(x1=x, x2=0.5)": "rescale: 0.5",
    "ops.subtract(x1=1, x2=x)": 'rescale: "-1 offset=1"',
}
"""What is computed of `x`, which is (8, 8, 4), and the layers that it is read as, without their names."""
REFUSED: Final = {
    "2 / x": "true_divide_1: true_divide",
    "ops.maximum(x, 1.0)": "maximum",
    "x / layers.ReLU()(x)": "true_divide_3: true_divide",
    "ops.concatenate([x, x])": "concatenate",
    "ops.concatenate([x, x], axis=0)": "concatenate_3: concatenate",
    "ops.reshape(x, (-1, 4, 8))": "reshape_2: reshape",
    "ops.reshape(x, (2, -1, 8))": "reshape_3: reshape",
    "ops.transpose(x, (1, 0, 2, 3))": "transpose_2: transpose",
    "ops.transpose(x)": "transpose_3: transpose",
    "ops.mean(x, axis=-1)": "mean_3: mean",
    "ops.mean(x)": "mean_4: mean",
    "ops.max(x, axis=[1, 2, 3])": "max_1: max",
    "ops.sum(x, axis=[1, 2])": "sum",
    'ops.pad(x, [[0, 0], [1, 1], [2, 2], [0, 0]], mode="edge")': "pad_3: pad",
    "ops.pad(x, [[0, 0], [1, 1], [2, 2], [0, 0]], constant_values=1.0)": "pad_4: pad",
    "ops.pad(x, [[0, 0], [0, 0], [0, 0], [1, 1]])": "pad_5: pad",
    "ops.glu(x, axis=1)": "glu_1: glu",
    "x[:, ::2]": "get_item_6: get_item",
    "x[:, 0]": "get_item_7: get_item",
    "x[:, 2:6, 2:6]": "get_item_8: get_item",
    "ops.exp(x)": "exp",
    "ops.squeeze(ops.mean(x, axis=[1, 2], keepdims=True), axis=[1, 2])": "squeeze",
    "ops.expand_dims(x, 1)": "expand_dims",
    "ops.split(x, 2, axis=-1)[1]": "split",
    "ops.average_pool(x, 2, 2)": "average_pool",
    "ops.max_pool(x, 2, 2)": "max_pool",
    "ops.swapaxes(x, 1, 2)": "swapaxes",
    "ops.negative(x)": "negative",
    "ops.clip(x, 0, 6)": "clip",
    'ops.cast(x, "float32")': "cast",
}
"""What no kind stands for, with the name of the function in Keras' file."""


def items(path: Path) -> str:
    """Return the layers of a model as a spec's lines in one, without names."""
    text = write_spec(open_model(str(path)).graph, flat=True)
    lines = [line.strip() for line in text[text.index("layers:") :].splitlines()[1:]]
    return ", ".join(line.removeprefix("- ") for line in lines if not line.startswith("name:"))


def written(document: Any, folder: Path) -> Path:
    """Return a file with a model."""
    path = folder / "net.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.mark.parametrize("expression", LAYERS)
def test_what_is_imported(expression: str, tmp_path: Path) -> None:
    """Its layers."""
    assert items(written(MODELS[expression], tmp_path)) == LAYERS[expression]


@pytest.mark.parametrize("expression", REFUSED)
def test_what_is_refused(expression: str, tmp_path: Path) -> None:
    """With its name."""
    with pytest.raises(cnnspec.CnnspecError) as caught:
        open_model(str(written(MODELS[expression], tmp_path)))
    name, _, function = REFUSED[expression].partition(": ")
    message = f"layer `{name}`: no kind stands for the function `{function or name}` as it is used here"
    assert [(fault.code, fault.message) for fault in caught.value.diagnostics] == [("E606", message)]


LOST: Final = {"ops.gelu(x)": {"approximate": 1}}
"""Arguments that change no number of a table: Keras' function takes the approximation unless it is told not to."""


@pytest.mark.parametrize("expression", LAYERS)
def test_what_is_passed_over_is_told(expression: str, tmp_path: Path) -> None:
    """By the name of the argument."""
    path = tmp_path / "model.json"
    path.write_text(json.dumps(MODELS[expression]))
    assert open_model(str(path)).lost == LOST.get(expression, {})


@pytest.mark.parametrize(
    ("said", "lost"),
    [
        ({"mask": None, "training": None}, {}),
        ({"training": False}, {"training": 1}),
        ({"training": True}, {"training": 1}),
        ({"use_causal_mask": True, "return_attention_scores": False}, {"use_causal_mask": 1}),
    ],
)
def test_what_is_passed_to_a_layer_beside_tensors_is_told(
    said: dict[str, Any], lost: dict[str, int], tmp_path: Path
) -> None:
    """It says what the layer computes, and changes no number of a table."""
    document = json.loads(json.dumps(MODELS["x + layers.ReLU()(x)"]))
    layer = next(each for each in document["config"]["layers"] if each["class_name"] == "ReLU")
    layer["inbound_nodes"][0]["kwargs"] = said
    path = tmp_path / "model.json"
    path.write_text(json.dumps(document))
    assert open_model(str(path)).lost == lost


def test_every_model_has_its_test() -> None:
    """Neither side has one that the other lacks."""
    assert {*MODELS} == {*LAYERS, *REFUSED}


@pytest.mark.keras
def test_shapes_are_those_of_keras(tmp_path: Path) -> None:
    """As the installed Keras computes them for the expressions, and as it writes them."""
    pytest.importorskip("tensorflow", reason="TensorFlow is missing, so nothing was compared with Keras")
    keras = pytest.importorskip("keras")
    for expression, expected in LAYERS.items():
        x = keras.Input((8, 8, 4))
        model = keras.Model(x, eval(expression, {"ops": keras.ops, "layers": keras.layers, "x": x}))  # noqa: S307 - as above
        path = written(json.loads(model.to_json()), tmp_path)
        graph = open_model(str(path)).graph
        assert (expression, graph.nodes[-1].shape) == (expression, model.output_shape[1:])
        assert items(path).partition(", from")[0] == expected.partition(", from")[0]
