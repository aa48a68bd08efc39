"""`cnnspec export`: where each format goes, what is refused, and what needs no TensorFlow."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest
from typer.testing import CliRunner

import cnnspec
from cnnspec.cli import export as export_command
from cnnspec.cli.app import app_for
from cnnspec.cli.export import To, _format_of
from cnnspec.keras.exporting import FORMS
from cnnspec.keras.listing import render

if TYPE_CHECKING:
    from click.testing import Result

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
TINY: Final = "name: tiny\ninput: 4\nlayers:\n  - dense: 2\n"
CODE: Final = """\
# tiny: 1 layer, 10 parameters, 8 MACs
import keras
from keras import layers

model = keras.Sequential(
    [
        keras.Input((4,), name="input"),
        layers.Dense(2, name="dense1"),  # 2
    ],
    name="tiny",
)
"""
BINARY: Final = ("keras", "saved_model", "tflite", "onnx")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def no_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be no TensorFlow."""
    monkeypatch.setitem(sys.modules, "tensorflow", None)


@pytest.fixture(name="keras")
def _keras() -> Any:
    """Return the module `keras`; skip where TensorFlow is missing."""
    pytest.importorskip("tensorflow")
    return pytest.importorskip("keras")


def cnn(*arguments: str, given: str | None = TINY) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(app_for(arguments), list(arguments), input=given)


def names() -> list[str]:
    """Return what lies in the working folder, hidden files included."""
    return sorted(path.name for path in Path().iterdir())


def test_the_formats_are_those_of_the_library() -> None:
    """And three of text."""
    assert {to.value for to in To} == {*FORMS, "keras-code", "keras-json", "pytorch-code"}


@pytest.mark.usefixtures("no_tensorflow")
def test_code_needs_no_tensorflow() -> None:
    """It goes to standard output, or to a file, which is not replaced."""
    done = cnn("export", "-", "--to", "keras-code")
    assert (done.exit_code, done.stdout, done.stderr) == (0, CODE, "")
    assert cnn("export", "-", "--to", "keras-code", "-o", "tiny.py").output == ""
    assert Path("tiny.py").read_text(encoding="utf-8") == CODE
    assert "error[E603]" in cnn("export", "-", "--to", "keras-code", "-o", "tiny.py").stderr
    assert cnn("export", "-", "--to", "keras-code", "-o", "tiny.py", "--force", "-i", "5").exit_code == 0
    assert "keras.Input((5,)" in Path("tiny.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("suffix", "to"),
    [
        (".JSON", To.JSON),
        (".keras", To.KERAS),
        (".saved_model", To.SAVED_MODEL),
        (".tflite", To.TFLITE),
        (".onnx", To.ONNX),
    ],
)
def test_a_suffix_says_the_format(suffix: str, to: To) -> None:
    """Wherever it is that of one alone."""
    assert _format_of(Path(f"net{suffix}")) is to


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (["-o", "net.py"], "error[E702]: two formats are Python, and `--to` does not say which"),
        (["-o", "net.h5"], "error[E706]: no network is written as `.h5`"),
        (["-o", "net"], "error[E702]: in which format? `--to` is missing"),
        ([], "error[E702]: in which format? `--to` is missing"),
    ],
)
def test_a_format_that_nothing_says(output: list[str], message: str) -> None:
    """It is asked for, and nothing is written."""
    done = cnn("export", "-", *output)
    assert (done.exit_code, done.stdout, done.stderr.split("\n")[0], names()) == (2, "", message, [])


@pytest.mark.keras
def test_json_goes_to_standard_output(keras: Any) -> None:
    """It has no weights, so nothing is said of them."""
    keras.utils.clear_session()
    done = cnn("export", "-", "--to", "keras-json")
    assert (done.exit_code, done.stderr) == (0, "")
    assert json.loads(done.stdout)["config"]["name"] == "tiny"


@pytest.mark.usefixtures("keras")
@pytest.mark.keras
@pytest.mark.parametrize("to", ["keras", "saved_model", "tflite"])
def test_a_file_has_the_networks_name(to: str) -> None:
    """In the working folder, and standard error says so."""
    done = cnn("export", "-", "--to", to)
    name = f"tiny.{to}"
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == f"wrote {name}, untrained: the weights are those of the seed 0\n"
    assert names() == [name]
    again = cnn("export", "-", "--to", to)
    assert again.exit_code == 1
    assert again.stderr.startswith(f"error[E603]: `{name}` cannot be written")
    assert cnn("export", "-", "--to", to, "--force").exit_code == 0
    assert names() == [name]


@pytest.mark.usefixtures("keras")
@pytest.mark.keras
def test_an_output_may_have_any_name() -> None:
    """Keras alone insists on a suffix, when it loads."""
    for to in ("keras", "saved_model", "tflite"):
        assert cnn("export", "-", "--to", to, "-o", f"my {to}").exit_code == 0
    assert names() == ["my keras", "my saved_model", "my tflite"]


@pytest.mark.usefixtures("keras")
@pytest.mark.keras
def test_a_networks_name_is_no_path() -> None:
    """Whatever it is, the file lies in the working folder."""
    assert cnn("export", "-", "--to", "tflite", given=TINY.replace("tiny", "'../ü/net.one'")).exit_code == 0
    assert names() == ["..---net.one.tflite"]


@pytest.mark.usefixtures("no_tensorflow")
@pytest.mark.parametrize("to", BINARY)
@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        (["nothing"], "E601", 1),
        (["-", "-i", "3x"], "E703", 2),
        (["-", "-o", "taken"], "E603", 1),
        (["-", "-o", "taken/model"], "E604", 1),
        (["-", "-o", "nowhere/model", "--force"], "E604", 1),
        (["-", "-o", "thesis", "--force"], "E603", 1),
        (["-", "-o", "-"], "E702", 2),
    ],
)
def test_what_is_wrong_is_told_before_tensorflow_is_imported(
    to: str, arguments: list[str], code: str, status: int
) -> None:
    """Nothing of the user's is touched."""
    Path("taken").write_text("mine", encoding="utf-8")
    Path("thesis").mkdir()
    Path("thesis", "chapter.tex").write_text("mine", encoding="utf-8")
    done = cnn("export", *arguments, "--to", to)
    assert (done.exit_code, done.stdout) == (status, "")
    assert f"error[{code}]" in done.stderr
    assert names() == ["taken", "thesis"]


@pytest.mark.usefixtures("no_tensorflow")
@pytest.mark.parametrize("to", ["keras-json", "keras", "saved_model", "tflite"])
def test_without_tensorflow_the_step_is_named(to: str) -> None:
    """Exit code 1, and nothing is written."""
    done = cnn("export", "-", "--to", to)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("error[E501]")
    assert names() == []


def test_without_tf2onnx_the_step_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is built."""
    for module in ("tensorflow", "onnx", "tf2onnx"):
        monkeypatch.setitem(sys.modules, module, None)
    done = cnn("export", "-", "--to", "onnx")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == 'error[E509]: ONNX needs tf2onnx\n  = help: pip install "cnnspec[onnx]"\n'


class Run(NamedTuple):
    """As much of a training as an export reads."""

    graph: cnnspec.Graph
    model: Any

    def load_model(self) -> Any:
        """Return the trained model."""
        return self.model


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Lay down a folder that looks like a training, and let it be opened."""
    Path("run").mkdir()
    for name in ("spec.yaml", "config.json"):
        Path("run", name).write_text("", encoding="utf-8")
    opened = Run(cnnspec.loads(TINY), None)
    monkeypatch.setattr("cnnspec.training.runs.opening.open_run", lambda _: opened)
    return opened


def test_a_runs_network_is_listed(run: Run) -> None:
    """The folder of a training stands for its network."""
    assert cnn("export", "run", "--to", "keras-code").stdout == render(run.graph) == CODE


def test_a_run_has_its_network(run: Run) -> None:
    """Which options do not change."""
    assert run.graph.name == "tiny"
    done = cnn("export", "run", "--to", "keras-code", "-i", "5")
    assert done.exit_code == 2
    assert "error[E702]" in done.stderr


@pytest.mark.keras
def test_a_runs_weights_are_exported(keras: Any, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not those of a seed."""
    from cnnspec.keras import build  # noqa: PLC0415 - collecting the tests does not pay for it

    model = build(run.graph)
    model.set_weights([weight + 1 for weight in model.get_weights()])
    monkeypatch.setattr("cnnspec.training.runs.opening.open_run", lambda _: run._replace(model=model))
    done = cnn("export", "run", "--to", "keras")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "wrote tiny.keras\n")
    written = keras.models.load_model("tiny.keras").get_weights()
    assert all((one == two).all() for one, two in zip(written, model.get_weights(), strict=True))


def test_a_bare_name_is_that_of_its_newest_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where weights are wanted and nothing else is said: the highest number, with a word about it."""
    monkeypatch.chdir(tmp_path)
    for number in ("1", "2"):
        folder = tmp_path / "runs" / "tiny" / number
        folder.mkdir(parents=True)
        for file in export_command.RUN_FILES:
            (folder / file).write_text("", encoding="utf-8")
    opening = ModuleType("opening")
    monkeypatch.setattr(opening, "open_run", str, raising=False)
    monkeypatch.setitem(sys.modules, "cnnspec.training.runs.opening", opening)
    assert export_command._open_run("tiny", [], needs_weights=True) == str(Path("runs/tiny/2"))  # noqa: SLF001
    assert "`--untrained` takes the spec" in capsys.readouterr().err
    assert export_command._open_run("tiny", [], needs_weights=False) is None  # noqa: SLF001
    assert export_command._open_run("tiny", ["--input"], needs_weights=True) is None  # noqa: SLF001
