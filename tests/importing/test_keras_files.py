"""Keras files of all versions and forms, and hostile ones: a network, or diagnostics with all that is wrong."""

from __future__ import annotations

import json
import tracemalloc
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from steps import grows_linearly, steps

import cnnspec
from cnnspec.importing.opening import open_model
from cnnspec.importing.spec import write_spec
from cnnspec.ir.keras_reading import UnmodelledError
from cnnspec.ir.layer import KINDS

KERAS_1: Final = {
    "class_name": "Sequential",
    "config": [
        {
            "class_name": "Convolution2D",
            "config": {
                "name": "convolution2d_1",
                "trainable": True,
                "batch_input_shape": [None, 28, 28, 1],
                "input_dtype": "float32",
                "nb_filter": 32,
                "nb_row": 3,
                "nb_col": 5,
                "init": "glorot_uniform",
                "activation": "relu",
                "border_mode": "same",
                "subsample": [1, 2],
                "dim_ordering": "tf",
                "W_regularizer": None,
                "b_regularizer": None,
                "activity_regularizer": None,
                "W_constraint": None,
                "b_constraint": None,
                "bias": True,
            },
        },
        {
            "class_name": "MaxPooling2D",
            "config": {
                "name": "pool",
                "trainable": True,
                "pool_size": [2, 2],
                "strides": [2, 2],
                "border_mode": "valid",
                "dim_ordering": "tf",
            },
        },
        {"class_name": "Dropout", "config": {"name": "drop", "trainable": True, "p": 0.25}},
        {"class_name": "Flatten", "config": {"name": "flatten", "trainable": True}},
        {
            "class_name": "Dense",
            "config": {
                "name": "dense_1",
                "trainable": False,
                "output_dim": 10,
                "init": "glorot_uniform",
                "activation": "softmax",
                "W_regularizer": {"name": "WeightRegularizer", "l1": 0.0, "l2": 0.1},
                "b_regularizer": None,
                "activity_regularizer": None,
                "W_constraint": None,
                "b_constraint": None,
                "bias": True,
                "input_dim": None,
            },
        },
    ],
}
"""What Keras 1.2 writes for a sequential model."""
SPEC_1: Final = """\
name: sequential
input: 28x28x1
layers:
  - conv: 32 3x5/1x2 same relu
    name: convolution2d_1
  - maxpool:
    name: pool
  - dropout: 0.25
    name: drop
  - flatten:
    name: flatten
  - dense: 10 softmax
    name: dense_1
    trainable: false
"""


def layer(class_name: str, name: str, *reads: str, **config: Any) -> dict[str, Any]:
    """Return a layer of a functional model as Keras 2 writes it."""
    nodes = [[[read, 0, 0, {}] for read in reads]] if reads else []
    return {"class_name": class_name, "name": name, "config": {"name": name, **config}, "inbound_nodes": nodes}


def functional(*layers: dict[str, Any], output: str, leaving: Any = None) -> dict[str, Any]:
    """Return a functional model as Keras 2 writes it."""
    first = layer("InputLayer", "x", batch_input_shape=[None, 8, 8, 3], dtype="float32", sparse=False, ragged=False)
    config = {"name": "net", "layers": [first, *layers], "input_layers": [["x", 0, 0]]}
    return {"class_name": "Functional", "config": {**config, "output_layers": leaving or [[output, 0, 0]]}}


def nested(depth: int) -> Any:
    """Return a list in as many lists."""
    return [nested(depth - 1)] if depth else []


def called(name: str, *values: Any) -> dict[str, Any]:
    """Return a layer as Keras 3 writes its call."""
    return {**layer("ReLU", name), "inbound_nodes": [{"args": [*values], "kwargs": {}}]}


def two_inputs() -> dict[str, Any]:
    """Return a model of two inputs that reads one tensor."""
    inner = functional(layer("ReLU", "a", "x"), output="a")["config"]
    return {**layer("Functional", "m", "x"), "config": {**inner, "input_layers": [["x", 0, 0], ["x", 0, 0]]}}


def around(depth: int) -> dict[str, Any]:
    """Return a model in as many models."""
    inner = around(depth - 1) if depth else layer("ReLU", "a")
    return {"class_name": "Sequential", "name": "m", "config": {"name": "m", "layers": [inner]}}


def spec_of(document: Any, folder: Path, **given: Any) -> str:
    """Return the spec of a configuration in a file."""
    path = folder / "model.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    text = write_spec(open_model(str(path), **given).graph, flat=True)
    cnnspec.loads(text)
    return text


def faults_of(content: str | bytes, folder: Path, name: str = "model.json") -> list[tuple[str, str]]:
    """Return the codes and messages of a file that cannot be imported."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(cnnspec.CnnspecError) as caught:
        open_model(str(path))
    return [(fault.code, fault.message) for fault in caught.value.diagnostics]


def test_a_printed_summary_is_told_from_a_model(tmp_path: Path) -> None:
    """What Keras prints of a model has no arguments; the step names what has them."""
    path = tmp_path / "keras.txt"
    path.write_text('Model: "net"\n____\n Layer (type)      Output Shape      Param #\n====\n', encoding="utf-8")
    with pytest.raises(cnnspec.CnnspecError) as caught:
        open_model(str(path))
    fault = caught.value.diagnostics[0]
    assert (fault.code, fault.notes) == ("E605", ("it is a printed summary, which has shapes but no arguments",))
    assert "`model.save('net.keras')`" in fault.help
    assert "`model.to_json()`" in fault.help


def test_keras_1(tmp_path: Path) -> None:
    """Its words for arguments are those of today."""
    assert spec_of(KERAS_1, tmp_path) == SPEC_1


@pytest.mark.parametrize(
    "wrap", [lambda model: {"modelTopology": {"keras_version": "2.1", "model_config": model}}, json.dumps]
)
def test_what_is_around_a_configuration(wrap: Any, tmp_path: Path) -> None:
    """TensorFlow.js has objects around it; some programs write the text of `to_json` as JSON once more."""
    assert spec_of(wrap(KERAS_1), tmp_path) == SPEC_1


def test_a_keras_archive(tmp_path: Path) -> None:
    """Of a `.keras` file the configuration alone is read."""
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", json.dumps(KERAS_1))
        archive.writestr("model.weights.h5", b"no weights")
    assert write_spec(open_model(str(path)).graph, flat=True) == SPEC_1


def test_an_hdf5_file(tmp_path: Path) -> None:
    """Of an `.h5` file the attribute `model_config` alone is read."""
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "model.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(KERAS_1)
    assert write_spec(open_model(str(path)).graph, flat=True) == SPEC_1
    with h5py.File(path, "w") as file:
        file.create_group("model_weights")
    with pytest.raises(cnnspec.CnnspecError, match="it holds weights, but no configuration"):
        open_model(str(path))


def test_a_layer_applied_twice_has_its_parameters_once(tmp_path: Path) -> None:
    """Each application of a layer is a node of its own; models are taken apart, and shared whole."""
    inner = {
        "layers": [
            layer("InputLayer", "y", batch_input_shape=[None, 8, 8, 3]),
            layer("Conv2D", "c", "y", filters=3, kernel_size=[1, 1]),
            layer("ReLU", "r", "c"),
        ],
        "input_layers": [["y", 0, 0]],
        "output_layers": [["r", 0, 0]],
    }
    twice = layer("Functional", "inner", **inner)
    twice["inbound_nodes"] = [[["x", 0, 0, {}]], [["inner", 0, 0, {}]]]
    document = functional(twice, layer("Add", "sum", "x"), output="sum")
    document["config"]["layers"][2]["inbound_nodes"] = [[["x", 0, 0, {}], ["inner", 1, 0, {}]]]
    text = spec_of(document, tmp_path)
    assert "  - share: c\n    name: c_2\n" in text
    assert cnnspec.summarize(cnnspec.loads(text)).totals.params == 12


def test_functions_are_layers(tmp_path: Path) -> None:
    """Numbers and tensors that TensorFlow 2 adds and multiplies, as MobileNetV3's activation has them."""
    add = layer("TFOpLambda", "tf.add", "x", function="__operators__.add")
    add["inbound_nodes"] = [["x", 0, 0, {"y": 3.0, "name": None}]]
    times = layer("TFOpLambda", "tf.mul", function="math.multiply")
    times["inbound_nodes"] = [["tf.add", 0, 0, {"y": ["x", 0, 0], "name": None}]]
    text = spec_of(functional(add, times, output="tf.mul"), tmp_path)
    assert (
        "  - rescale: 1 offset=3\n    name: tf_add\n  - multiply:\n    name: tf_mul\n    from: [tf_add, input]\n"
        in (text.replace("from: [tf_add, x]", "from: [tf_add, input]"))
    )


ROWS: Final = {"paddings": [[0, 0], [1, 1], [1, 1], [0, 0]], "constant_values": "-Infinity"}
LESS: Final = layer("TFOpLambda", "less", "x", function="pad")
LESS["inbound_nodes"] = [["x", 0, 0, ROWS]]


@pytest.mark.parametrize(
    ("layers", "line"),
    [
        ([layer("Merge", "m", "x", "r", mode="sum")], "add:"),
        ([layer("Merge", "m", "x", "r", mode="mul")], "multiply:"),
        ([layer("Merge", "m", "x", "r", mode="ave")], "average:"),
        ([layer("Merge", "m", "x", "r", mode="max")], "maximum:"),
        ([layer("Merge", "m", "x", "r", mode="concat")], "concat:"),
        ([layer("Merge", "m", "x", "r", mode="concat", concat_axis=1)], "concat: axis=1"),
        ([layer("CustomScaleLayer", "m", "x", "r", scale=0.25)], "add:"),
        ([LESS, layer("MaxPooling2D", "m", "less", pool_size=3, strides=2)], "maxpool: 3x3/2 pad=1"),
    ],
)
def test_classes_of_old_and_of_applications(layers: list[dict[str, Any]], line: str, tmp_path: Path) -> None:
    """Joins of Keras 1 by their modes; a scaled sum and rows that never win, as the published networks have them."""
    text = spec_of(functional(layer("ReLU", "r", "x"), *layers, output="m"), tmp_path)
    assert f"\n  - {line}\n    name: m\n" in text


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([layer("Merge", "m", "x", "r", mode="dot")], "`Merge` is used here in a way that no kind is"),
        ([layer("Merge", "m", "x", mode="sum")], "`Merge` is used here in a way that no kind is"),
        ([layer("CustomScaleLayer", "m", "x", scale=0.25)], "`CustomScaleLayer` is used here in a way that no kind is"),
        ([layer("Add", "m", "x")], "`Add` joins a single tensor"),
        ([layer("ReLU", "m", "x", "r")], "`ReLU` reads one tensor here, not 2"),
        (
            [LESS, layer("Conv2D", "m", "less", filters=3, kernel_size=3)],
            "it reads rows of minus infinity, and is no maximum",
        ),
        ([layer("TFOpLambda", "m", "x", function=7)], "no kind stands for the function `?` as it is used here"),
    ],
)
def test_uses_that_no_kind_has(layers: list[dict[str, Any]], message: str, tmp_path: Path) -> None:
    """Each is told with its layer."""
    document = functional(layer("ReLU", "r", "x"), *layers, output="m")
    assert faults_of(json.dumps(document), tmp_path) == [("E606", f"layer `m`: {message}")]


@pytest.mark.parametrize(
    ("first", "shape"),
    [
        (layer("Dense", "a", units=3, input_dim=20), "20"),
        (layer("Dense", "a", units=3, input_shape=[4, 5]), "4x5"),
        (layer("Embedding", "a", input_dim=9, output_dim=3, batch_input_shape=[None, 7]), "7"),
        (layer("LSTM", "a", units=3, input_dim=4, input_length=7), "7x4"),
        (
            layer(
                "TimeDistributed", "a", layer=layer("Conv2D", "c", filters=2, kernel_size=1, input_shape=[5, 8, 8, 3])
            ),
            "5x8x8x3",
        ),
        (layer("Sequential", "a", layers=[layer("Dense", "b", units=3, input_dim=6)]), "6"),
        ({**functional(layer("ReLU", "r", "x"), output="r"), "name": "a"}, "8x8x3"),
    ],
)
def test_what_enters_a_first_layer(first: dict[str, Any], shape: str, tmp_path: Path) -> None:
    """Where no input layer says it, in the words of all versions."""
    text = spec_of({"class_name": "Sequential", "config": [first]}, tmp_path)
    assert text.splitlines()[1] == f"input: {shape}"


FOREIGN: Final = (
    layer("Lambda", "code", "x", function=["gANj", None, None], function_type="lambda"),
    layer("AttentionGate", "gate", "code"),
    layer("Conv2D", "c", "x", filters=3, kernel_size=[1, 1], data_format="channels_first"),
    layer("Conv2D", "last", "c", filters=3, kernel_size=[1, 1]),
)
REFUSED: Final = [
    ("E606", "layer `code`: `Lambda` holds a program, which is not run"),
    ("E606", "layer `gate`: no kind stands for the class `AttentionGate`"),
    ("E606", "layer `c`: `data_format` of `Conv2D` is 'channels_first': it is not modelled"),
]


def test_what_is_not_modelled_is_named_at_once(tmp_path: Path) -> None:
    """Of what reads a layer that is not known, classes that are not known either."""
    assert faults_of(json.dumps(functional(*FOREIGN, output="last")), tmp_path) == REFUSED


def test_a_partial_import_has_opaque_items(tmp_path: Path) -> None:
    """With the reason beside them; all that is known is kept."""
    text = spec_of(functional(*FOREIGN[:2], output="gate"), tmp_path, partial=True)
    assert text.splitlines()[4:] == [
        '  - opaque: reason="Lambda holds a program, which is not run"',
        "    name: code",
        '  - opaque: reason="no kind stands for the class AttentionGate"',
        "    name: gate",
    ]


def test_an_opaque_item_may_read_two_tensors(tmp_path: Path) -> None:
    """A class of the user's own that joins is opaque too; folded specs say the reason without quotes in quotes."""
    own = layer("MyAttention", "own", "c")
    own["inbound_nodes"] = [[["c", 0, 0, {}], ["x", 0, 0, {}]]]
    path = tmp_path / "model.json"
    path.write_text(
        json.dumps(functional(layer("Conv2D", "c", "x", filters=3, kernel_size=1), own, output="own")), encoding="utf-8"
    )
    text = write_spec(open_model(str(path), partial=True).graph)
    assert text.endswith("  - opaque: {reason: no kind stands for the class MyAttention}\n    from: [c, x]\n")
    assert cnnspec.loads(text).nodes[-1].inputs == ("c", "x")


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("net.yaml", "it is a spec already: `cnnspec summarize` shows its numbers"),
        ("resnet.pth", "weights say no network: "),
        ("net.keras", "it may be damaged, or a download cut short"),
        ("net.tflite", "convert it to ONNX first"),
        ("net.doc", ""),
    ],
)
def test_files_of_other_formats_lead_on(name: str, step: str, tmp_path: Path) -> None:
    """What is no model is answered by what it is."""
    path = tmp_path / name
    path.write_bytes(b"something else")
    with pytest.raises(cnnspec.CnnspecError) as caught:
        open_model(str(path))
    (fault,) = caught.value.diagnostics
    assert (fault.code, fault.help[: len(step) or None]) == ("E605", step)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "it is no JSON"),
        (json.dumps(KERAS_1)[:-200], "it is no JSON"),
        pytest.param("[" * 100_000, "its content is not what `.json` says", id="lists"),
        pytest.param('{"a":' * 100_000, "it is nested too deep", id="depth"),
        ("{}", "the class is `nothing`"),
        ('{"class_name": "Functional", "config": {"layers": 5}}', "`layers` is no list"),
        ('{"class_name": "Sequential", "config": []}', "the model has no layers"),
        ('{"format": "graph-model"}', "it is a graph of TensorFlow"),
        pytest.param('{"a":[' + "0," * 2_000_001 + "0]}", "it holds more than 2,000,000 values", id="values"),
        pytest.param(
            '{"class_name":"Sequential","config":[' + "{}," * 100_000 + "{}]}",
            "there are more than 100,000 layers",
            id="layers",
        ),
        ("conv,3\n", "its content is not what `.json` says"),
        ("", "it is empty"),
        (b"PK\x03\x04config.json", "the archive is broken"),
        (json.dumps(functional(layer("ReLU", "a", "b"), layer("ReLU", "b", "a"), output="b")), "in a circle: a, b"),
        (json.dumps(functional(layer("ReLU", "a", "a"), output="a")), "in a circle: a"),
        (json.dumps(functional(layer("ReLU", "a", "z"), output="a")), "there is no layer `z`"),
        (json.dumps(functional(output="z")), "there is no layer `z`"),
        (json.dumps(functional(layer("ReLU", "a", "x"), layer("ReLU", "a", "x"), output="a")), "`a` is there twice"),
        (json.dumps({"class_name": "Sequential", "config": [layer("ReLU", "a")] * 2}), "`a` is there twice"),
        (json.dumps({"class_name": "Sequential", "config": [{"config": {}}]}), "layer `layer1` has no class"),
        (json.dumps({"class_name": "Sequential", "config": [7]}), "layer `layer1` is no mapping"),
        (json.dumps(functional(output="x") | {"config": {"layers": []}}), "the model has no inputs or no outputs"),
        (json.dumps(functional({**layer("ReLU", "a"), "inbound_nodes": 7}, output="a")), "of `a` is no list"),
        (
            json.dumps(functional({**layer("ReLU", "a"), "inbound_nodes": [[["x"]]]}, output="a")),
            "is no tensor of a layer",
        ),
        (json.dumps(functional(called("a", nested(10)), output="a")), "arguments of a call lie too deep in each other"),
        (json.dumps(functional(output="x", leaving=nested(10))), "inputs or outputs lie too deep in each other"),
        (json.dumps(functional(two_inputs(), output="m")), "`net` has 2 inputs and reads 1"),
        (json.dumps(around(34)), "more than 32 models lie within each other"),
    ],
)
def test_broken_files(content: str | bytes, message: str, tmp_path: Path) -> None:
    """A file that cannot be read at all is one diagnostic."""
    path = tmp_path / "model.json"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(cnnspec.CnnspecError) as caught:
        open_model(str(path))
    (fault,) = caught.value.diagnostics
    assert fault.code == "E605"
    assert message in " ".join(fault.notes)


def test_a_bomb_in_an_archive_is_not_unpacked(tmp_path: Path) -> None:
    """A configuration of 128 MB is refused for its size."""
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("config.json", "w") as member:
        for _ in range(128):
            member.write(b"[" * (1 << 20))
    tracemalloc.start()
    with pytest.raises(cnnspec.CnnspecError, match="it is too large"):
        open_model(str(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 128 << 20


def test_an_integer_that_is_no_number_of_a_computation(tmp_path: Path) -> None:
    """A fuzzer's: 309 digits and more are an integer of Python, and break what expects a float."""
    path = tmp_path / "net.json"
    path.write_text(json.dumps(functional(layer("Dropout", "d", "x", rate=10**400), output="d")), encoding="utf-8")
    with pytest.raises(cnnspec.CnnspecError, match="it is no JSON: a number of 401 digits"):
        open_model(str(path))
    with pytest.raises(cnnspec.CnnspecError, match="E105"):
        cnnspec.load("lenet5", params={"width": 10**400})
    assert KINDS["dropout"].from_keras({"rate": 0.5}, 0) is not None
    with pytest.raises(UnmodelledError):
        KINDS["dropout"].from_keras({"rate": 10**400}, 0)


def test_a_message_is_short_whatever_the_file_holds(tmp_path: Path) -> None:
    """A fuzzer's: an input of 500 axes, and a function whose name is a page long."""
    many = json.dumps(
        {"class_name": "Sequential", "config": {"layers": [layer("InputLayer", "in", batch_shape=[None] * 500)]}}
    )
    assert faults_of(many, tmp_path) == [
        ("E607", "the file leaves sizes of the input `in` open: (?, ?, ?, ?, ?, ?, ?, ?, …)")
    ]
    long = functional(layer("ReLU", "r", "x"), layer("x" * 5_000, "m", "r"), output="m")
    ((_, message),) = faults_of(json.dumps(long), tmp_path)
    assert len(message) < 500


def test_names_are_made_harmless(tmp_path: Path) -> None:
    """Whatever layers are called: the spec has names that a spec may give, each once."""
    names = ["</script>", "\x1b[31m", "a b", "identity", "1x1", "x" * 100, "x" * 101, "name: y\n- conv", "ü"]
    layers = [layer("ReLU", name, read) for read, name in zip(["x", *names], names, strict=False)]
    text = spec_of(functional(*layers, output=names[-1]), tmp_path)
    assert text.isascii()
    assert all(line.isprintable() for line in text.splitlines())
    assert len(cnnspec.loads(text)) == len(names)


@pytest.mark.slow
def test_steps_grow_with_the_layers(tmp_path: Path) -> None:
    """No layer takes more steps for those before it."""

    def counted(count: int) -> int:
        layers = [layer("ReLU", f"r{n}", f"r{n - 1}" if n else "x") for n in range(count)]
        path = tmp_path / f"{count}.json"
        path.write_text(json.dumps(functional(*layers, output=f"r{count - 1}")), encoding="utf-8")
        return steps("cnnspec.importing.opening", "open_model", str(path))

    assert grows_linearly(counted, 20)


@pytest.mark.slow
def test_steps_grow_with_names_that_are_cut_alike(tmp_path: Path) -> None:
    """Long names that differ at their ends alone get numbers, none of which is looked for from the start."""

    def counted(count: int) -> int:
        names = [f"{'a' * 60}{n}" for n in range(count)]
        layers = [layer("ReLU", name, read) for read, name in zip(["x", *names], names, strict=False)]
        path = tmp_path / f"{count}.json"
        path.write_text(json.dumps(functional(*layers, output=names[-1])), encoding="utf-8")
        return steps("cnnspec.importing.opening", "open_model", str(path))

    assert grows_linearly(counted, 20)


def test_a_join_of_very_many_is_written_without_folding(tmp_path: Path) -> None:
    """Four foldings would each write all of them."""
    path = tmp_path / "net.json"
    wide = layer("Concatenate", "c", *["x"] * 31_000)
    path.write_text(json.dumps(functional(wide, output="c")), encoding="utf-8")
    graph = open_model(str(path)).graph
    assert cnnspec.loads(write_spec(graph)).nodes[-1].name == "c"


JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 9) | st.floats() | st.sampled_from(["x", "a", "Conv2D", "Functional"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["class_name", "config", "layers", "name", "inbound_nodes"]), inner)
    ),
    max_leaves=8,
)


@given(st.data())
def test_mutated_configurations(data: st.DataObject) -> None:
    """Whatever stands in the place of any part of a configuration, there is a network or a diagnostic."""
    from cnnspec.importing.draft import Draft  # noqa: PLC0415
    from cnnspec.importing.keras_model import read_document  # noqa: PLC0415

    document = json.loads(json.dumps(data.draw(st.sampled_from([KERAS_1, functional(*FOREIGN, output="last")]))))
    place: Any = document
    while True:
        key = data.draw(st.sampled_from(list(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(JSON)
    draft = Draft("model", {}, partial=data.draw(st.booleans()))
    with suppress(cnnspec.CnnspecError):
        read_document(document, "model.json", draft)
        assert cnnspec.loads(write_spec(draft.finish())).outputs
