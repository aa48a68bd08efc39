"""What TensorFlow does not take: names that begin with an underscore, and folders that cannot be written."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner, Result

import cnnspec
from cnnspec.cli.app import make_app
from cnnspec.errors import CnnspecError
from cnnspec.keras import build, exporting
from cnnspec.keras.listing import render
from cnnspec.keras.naming import layer_names
from cnnspec.keras.verification import verify
from cnnspec.training.runs.opening import open_run

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
"""Keras reads its own variables in a way that NumPy 2 deprecates."""
UNDERSCORES: Final = """
name: underscores
input: {_in: 8x8x1}
blocks:
  _twice:
    layers:
      - conv: 4 3x3 same
        name: _a
      - share: _a
layers:
  - conv: 4 3x3 pad=1 bn relu
    name: _x
  - relu:
    name: layer_x
  - _twice
  - flatten
  - dense: 4 softmax
    name: _out
train: {data: synthetic:20, epochs: 1}
"""


@pytest.fixture
def keras() -> Any:
    """Return the module `keras`; skip, and say so, where TensorFlow is missing."""
    reason = 'TensorFlow is missing, so nothing was built: pip install "cnnspec[train]"'
    pytest.importorskip("tensorflow", reason=reason)
    keras = pytest.importorskip("keras", reason=reason)
    keras.utils.clear_session(free_memory=False)
    return keras


def cnn(*arguments: str | Path) -> Result:
    """Run a command in this process."""
    result = CliRunner().invoke(make_app((str(arguments[0]),)), list(map(str, arguments)))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_no_layer_of_keras_begins_with_an_underscore() -> None:
    """A name gets a word in front, and a `_` behind where there is a layer of that name."""
    names = layer_names(cnnspec.loads(UNDERSCORES))
    assert {name: other for name, other in names.items() if name.startswith("_")} == {
        "_in": "layer_in",
        "_x": "layer_x_",
        "_x_bn": "layer_x_bn",
        "_x_relu": "layer_x_relu",
        "_twice1._a": "layer_twice1._a",
        "_twice1.conv1": "layer_twice1._a",
        "_out": "layer_out",
    }


@pytest.mark.keras
def test_such_names_are_verified_and_listed(keras: Any) -> None:
    """The profiler makes a scope of every layer; listing and model have the same names."""
    graph = cnnspec.loads(UNDERSCORES)
    verification = verify(graph, macs=True)
    assert verification.agrees
    assert dict(verification.uncounted) == {}
    assert isinstance(build(graph), keras.Model)
    listed = set(re.findall(r'name="([^"]*)"', render(graph)))
    assert listed == {*(layer.name for layer in build(graph).layers), "underscores"}


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
@pytest.mark.parametrize("form", exporting.FORMS)
def test_such_names_are_exported(form: str, tmp_path: Path) -> None:
    """SavedModel and TensorFlow Lite make a scope of every variable."""
    if form == "onnx":
        pytest.importorskip("tf2onnx", reason='tf2onnx is missing, so nothing was written: pip install "cnnspec[onnx]"')
    (tmp_path / "us.yaml").write_text(UNDERSCORES, encoding="utf-8")
    done = cnn("export", tmp_path / "us.yaml", "--to", form, "-o", tmp_path / "model")
    assert (done.exit_code, done.stderr) == (
        0,
        f"wrote {tmp_path / 'model'}, untrained: the weights are those of the seed 0\n",
    )


@pytest.mark.keras
def test_such_names_are_trained(keras: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of them is trained, resumed and evaluated."""
    monkeypatch.chdir(tmp_path)
    Path("us.yaml").write_text(UNDERSCORES, encoding="utf-8")
    assert cnn("train", "us.yaml").exit_code == 0
    assert cnn("train", "us.yaml", "--resume", "--epochs", "2").exit_code == 0
    assert cnn("evaluate", "runs/underscores").exit_code == 0
    assert isinstance(open_run("runs/underscores").load_model(), keras.Model)


def test_a_folder_that_cannot_be_written_is_said_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before TensorFlow starts, and in every format; a read-only file system looks like this."""

    def forbidden(*_: object) -> int:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("cnnspec.files.os.open", forbidden)
    for form in exporting.FORMS:
        done = cnn("export", "lenet5", "--to", form, "-o", tmp_path / "model")
        assert done.exit_code == 1
        assert "error[E604]" in done.stderr
        assert "= note: read-only file system" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
def test_what_tensorflow_cannot_write_is_a_diagnostic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TensorFlow writes a SavedModel by itself, and has errors of its own; nothing is left of it."""
    errors = pytest.importorskip("tensorflow").errors

    def full(*_: object) -> None:
        raise errors.ResourceExhaustedError(None, None, "variables.data; No space left on device")

    monkeypatch.setattr("cnnspec.keras.exporting.to_saved_model", full)
    with pytest.raises(CnnspecError) as caught:
        exporting.export(exporting.untrained(cnnspec.load("lenet5")), "saved_model", tmp_path / "m")
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.notes) == ("E604", ("variables.data; no space left on device",))
    assert list(tmp_path.iterdir()) == []
