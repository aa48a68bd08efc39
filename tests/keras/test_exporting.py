"""Exported models: each is read back by its own library and gives Keras' outputs; files are whole or not there."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any, Final

import pytest

import cnnspec
from cnnspec.keras.exporting import FORMS, as_json, ensure_free, export, untrained

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
"""Keras reads its own variables in a way that NumPy 2 deprecates."""
SEVERAL: Final = """
name: two towers
input: {left: 8x8x3, right: 4x4x2}
layers:
  - conv: 4 3x3/2 same groups=1 gelu
    from: left
    name: a
  - concat: [a, right]
  - normalize: {mean: 0.5, variance: 2}
  - maxpool: 2x2 pad=1
    name: pool
  - flatten
  - dense: 3 softmax
    name: class
outputs: [class, pool]
"""
GROUPED: Final = "input: 6x6x4\nlayers:\n  - conv: 8 3x3 groups=2 bn relu6\n  - gap\n"
EXAMPLES: Final = {"several": SEVERAL, "grouped": GROUPED, "lenet5": cnnspec.load("lenet5").source.text}
VOLUME: Final = "input: 4x4x4x2\nlayers: [maxpool: 2]\n"


def numpy_of(tensors: Any) -> list[Any]:
    """Return one or several tensors as a list of arrays."""
    return [tensor.numpy() for tensor in (tensors if isinstance(tensors, list | tuple) else [tensors])]


def samples(keras: Any, model: Any) -> list[Any]:
    """Return two random samples for every input."""
    keras.utils.set_random_seed(1)
    return [keras.random.uniform((2, *tensor.shape[1:])).numpy() for tensor in model.inputs]


def outputs_of(model: Any, given: list[Any]) -> list[Any]:
    """Return Keras' own outputs."""
    return numpy_of(model(given[0] if len(given) == 1 else given, training=False))


def assert_close(ours: list[Any], theirs: list[Any]) -> None:
    """Compare outputs in their order, to five digits."""
    assert [output.shape for output in ours] == [output.shape for output in theirs]
    assert all(abs(a - b).max() < 1e-5 for a, b in zip(ours, theirs, strict=True))


@pytest.fixture(params=EXAMPLES)
def model(keras: Any, request: pytest.FixtureRequest) -> Any:
    """Return a model with several inputs, one with groups, and LeNet-5."""
    keras.utils.clear_session(free_memory=False)
    return untrained(cnnspec.loads(EXAMPLES[request.param]))


def run_keras(path: Path, model: Any, given: list[Any]) -> list[Any]:
    """Load a file in safe mode, and run it."""
    keras = pytest.importorskip("keras")
    loaded = keras.models.load_model(path, safe_mode=True)
    assert loaded.to_json() == model.to_json()
    return outputs_of(loaded, given)


def run_saved_model(path: Path, model: Any, given: list[Any]) -> list[Any]:
    """Run the signature of a SavedModel, whose arguments are the inputs."""
    tensorflow = pytest.importorskip("tensorflow")
    signature = tensorflow.saved_model.load(str(path)).signatures["serving_default"]
    found = signature(**{tensor.name: value for tensor, value in zip(model.inputs, given, strict=True)})
    return numpy_of([found[name] for name in sorted(found)])


def run_tflite(path: Path, model: Any, given: list[Any]) -> list[Any]:
    """Run the signature of a TensorFlow Lite model."""
    lite = pytest.importorskip("tensorflow").lite
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the interpreter is to move into a package of its own
        interpreter = lite.Interpreter(str(path))
    for details, value in zip(interpreter.get_input_details(), given, strict=False):
        interpreter.resize_tensor_input(details["index"], [2, *details["shape"][1:]])
        assert value.shape[0] == 2
    runner = interpreter.get_signature_runner("serving_default")
    found = runner(**{tensor.name: value for tensor, value in zip(model.inputs, given, strict=True)})
    return [found[name] for name in sorted(found)]


def run_onnx(path: Path, model: Any, given: list[Any]) -> list[Any]:
    """Run an ONNX model, whose inputs and outputs have the names of the layers."""
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is missing, so no ONNX model was run")
    session = runtime.InferenceSession(path)
    assert [entry.name for entry in session.get_inputs()] == [tensor.name for tensor in model.inputs]
    assert [entry.name for entry in session.get_outputs()] == list(model.output_names)
    return list(session.run(None, {tensor.name: value for tensor, value in zip(model.inputs, given, strict=True)}))


RUNS: Final = {"keras": run_keras, "saved_model": run_saved_model, "tflite": run_tflite, "onnx": run_onnx}


@pytest.mark.keras
@pytest.mark.parametrize("form", FORMS)
def test_an_exported_model_gives_keras_outputs(keras: Any, model: Any, form: str, tmp_path: Path) -> None:
    """In the library whose format it is, for two samples at once."""
    if form == "onnx":
        pytest.importorskip("tf2onnx", reason='tf2onnx is missing, so nothing was written: pip install "cnnspec[onnx]"')
    given = samples(keras, model)
    path = tmp_path / f"model{FORMS[form].suffix}"
    export(model, form, path)
    assert [child.name for child in tmp_path.iterdir()] == [path.name]
    assert_close(outputs_of(model, given), RUNS[form](path, model, given))


@pytest.mark.keras
def test_json_is_keras_configuration(keras: Any) -> None:
    """Which Keras reads back, indented and without escapes."""
    model = untrained(cnnspec.load("lenet5-rgb"))
    text = as_json(model)
    assert text.startswith('{\n  "module": "keras.src.models.functional",\n')
    assert keras.models.model_from_json(text).to_json() == model.to_json()
    assert json.loads(text) == json.loads(model.to_json())


@pytest.mark.keras
def test_untrained_weights_are_always_the_same(keras: Any) -> None:
    """The seed is 0, whatever was drawn before."""
    weights = []
    for seed in (1, 2):
        keras.utils.set_random_seed(seed)
        weights.append(untrained(cnnspec.load("lenet5-rgb")).get_weights())
    assert all((first == second).all() for first, second in zip(*weights, strict=True))


@pytest.mark.keras
@pytest.mark.parametrize("form", ["keras", "saved_model"])
def test_force_replaces_what_is_there(form: str, tmp_path: Path) -> None:
    """A file by a file, a SavedModel by a SavedModel; without it nothing is touched."""
    model, path = untrained(cnnspec.loads("input: 4\nlayers: [dense: 2]")), tmp_path / f"m{FORMS[form].suffix}"
    export(model, form, path)
    content = path / "saved_model.pb" if path.is_dir() else path
    before = content.stat().st_mtime_ns
    with pytest.raises(cnnspec.CnnspecError, match="E603"):
        export(model, form, path)
    assert content.stat().st_mtime_ns == before
    export(model, form, path, force=True)
    assert content.stat().st_mtime_ns > before
    assert [child.name for child in tmp_path.iterdir()] == [path.name]


@pytest.mark.keras
@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_left_of_a_failure(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is told, and leaves neither a half file nor a temporary one."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    for place in ("conversion.to_tflite", "exporting.to_tflite", "exporting.to_onnx", "exporting.to_saved_model"):
        monkeypatch.setattr(f"cnnspec.keras.{place}", full)
    model = untrained(cnnspec.loads("input: 4\nlayers: [dense: 2]"))
    monkeypatch.setattr(type(model), "save", full)
    if form in ("tflite", "onnx"):
        monkeypatch.setattr("cnnspec.keras.exporting.write_whole", full)
    with pytest.raises((cnnspec.CnnspecError, OSError), match=r"(?i)no space left"):
        export(model, form, tmp_path / f"m{FORMS[form].suffix}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.keras
def test_what_a_converter_does_not_know_is_an_error(tmp_path: Path) -> None:
    """TensorFlow Lite has no pooling of volumes; nothing is written."""
    with pytest.raises(cnnspec.CnnspecError) as caught:
        export(untrained(cnnspec.loads(VOLUME)), "tflite", tmp_path / "m.tflite")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E509"
    assert diagnostic.message == "this network cannot be written as TensorFlow Lite"
    assert "MaxPool3D" in diagnostic.notes[0]
    assert list(tmp_path.iterdir()) == []


def test_without_tf2onnx_the_step_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before TensorFlow is imported."""
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(cnnspec.CnnspecError) as caught:
        FORMS["onnx"].require()
    assert str(caught.value) == 'error[E509]: ONNX needs tf2onnx\n  = help: pip install "cnnspec[onnx]"'


def test_what_exists_stays(tmp_path: Path) -> None:
    """A folder is never replaced by a file, nor a folder of something else by a SavedModel, force or not."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "thesis.tex").write_text("mine")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "saved_model.pb").write_text("old")
    allowed = {
        (name, force, is_folder)
        for name in ("file", "folder", "model", "new", "new/model")
        for force in (False, True)
        for is_folder in (False, True)
        if is_allowed(tmp_path / name, force=force, is_folder=is_folder)
    }
    assert allowed == {
        ("file", True, False),
        ("model", True, True),
        *(("new", force, is_folder) for force in (False, True) for is_folder in (False, True)),
    }


def is_allowed(path: Path, *, force: bool, is_folder: bool) -> bool:
    """Tell whether something may be written to a path, as a file or as a folder."""
    try:
        ensure_free(path, force=force, is_folder=is_folder)
    except cnnspec.CnnspecError as error:
        (diagnostic,) = error.diagnostics
        is_no_file = path.parent.name == "new" or (path.is_dir() and not force and not is_folder)
        assert diagnostic.code == ("E604" if is_no_file else "E603")
        return False
    return True


def test_the_configuration_is_indented() -> None:
    """Two blanks per level, and letters as they are."""

    class Model:
        """A model of Keras', as far as JSON is concerned."""

        @staticmethod
        def to_json() -> str:
            return json.dumps({"name": "größer", "layers": [1]})

    assert as_json(Model()) == '{\n  "name": "größer",\n  "layers": [\n    1\n  ]\n}\n'
