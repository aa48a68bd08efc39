"""`cnnspec verify`: exit codes, formats, and that a wrong spec never starts TensorFlow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from typer.testing import CliRunner

import cnnspec
from cnnspec.cli.app import app_for

if TYPE_CHECKING:
    from click.testing import Result

ROOT: Final = Path(__file__).parents[2]
TINY: Final = "input: 8x8x1\nlayers:\n  - conv: 4 3x3\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(name="keras")
def _keras() -> Any:
    """Return the module `keras`; skip where TensorFlow is missing."""
    pytest.importorskip("tensorflow")
    return pytest.importorskip("keras")


def cnn(*arguments: str, given: str | None = None) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(app_for(arguments), list(arguments), input=given)


def process(*arguments: str, level: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the program as a user does, who has set no log level of TensorFlow unless one is given."""
    environment = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"} | ({"TF_CPP_MIN_LOG_LEVEL": level} if level else {})
    command = [sys.executable, "-m", "cnnspec", *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, env=environment)


@pytest.mark.usefixtures("keras")
@pytest.mark.keras
def test_verify_prints_a_table_and_nothing_else() -> None:
    """TensorFlow's libraries say nothing, on a fresh terminal."""
    done = process("verify", "lenet5")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["Layer", "Kind", "Activation", "shape", "#", "Parameters", "Trainable", "Keras"]
    assert lines[2].split() == ["conv1", "conv", "(28,", "28,", "32)", "832", "832", "="]
    assert lines[-1].startswith("verified: 8 layers, 664,086 parameters: Keras ")
    assert lines[-1].endswith(" agrees")


@pytest.mark.keras
def test_options_reach_the_verification(keras: Any) -> None:
    """Another input, MACs, JSON and a file, all at once."""
    done = cnn("verify", "-", "--input", "10x10x1", "--macs", "-f", "json", "-o", "done.json", given=TINY)
    assert (done.exit_code, done.output) == (0, "")
    content = json.loads(Path("done.json").read_text(encoding="utf-8"))
    assert content["agrees"] is True
    assert content["keras"] == keras.__version__
    assert content["layers"][0]["theirs"]["output_shape"] == [8, 8, 4]
    assert content["layers"][0]["theirs"]["macs"] == 8 * 8 * 3 * 3 * 4


@pytest.mark.keras
@pytest.mark.parametrize("error_format", ["text", "json"])
def test_a_difference_is_an_error(keras: Any, monkeypatch: pytest.MonkeyPatch, error_format: str) -> None:
    """The table is printed all the same, the differences are diagnostics, and the exit code is 1."""
    keras.utils.clear_session(free_memory=False)
    from cnnspec.keras.build import build  # noqa: PLC0415 - collecting the tests does not pay for it

    monkeypatch.setattr(
        "cnnspec.keras.verification.build", lambda _: build(cnnspec.loads(TINY.replace("3x3", "3x3 nobias")))
    )
    done = cnn("verify", "-", "--error-format", error_format, given=TINY)
    assert done.exit_code == 1
    assert "params 36, trainable 36, biases 0\n" in done.stdout
    assert "not verified: 1 layer, 40 parameters" in done.stdout
    if error_format == "json":
        assert [fault["code"] for fault in json.loads(done.stderr)["diagnostics"]] == ["E508", "E508"]
    else:
        assert "error[E508]: Keras has other numbers for `conv1`\n --> <stdin>:3:5" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["verify", "nothing"], "E601"),
        (["verify", "lenet5", "--input", "3x3x1"], "E301"),
        (["verify", "lenet5", "-o", "taken"], "E603"),
        (["verify", "lenet5", "-o", "nowhere/table"], "E604"),
    ],
)
def test_what_is_wrong_is_told_before_tensorflow_is_imported(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: str
) -> None:
    """Seconds earlier, and where there is none."""
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    Path("taken").write_text("mine", encoding="utf-8")
    done = cnn(*arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"error[{code}]" in done.stderr
    assert Path("taken").read_text(encoding="utf-8") == "mine"


def test_without_tensorflow_the_step_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """No table, and exit code 1."""
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    done = cnn("verify", "lenet5")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("error[E501]")


@pytest.mark.usefixtures("keras")
@pytest.mark.keras
def test_who_sets_a_log_level_sees_the_log() -> None:
    """TensorFlow's own setting still works."""
    assert "oneDNN" in process("verify", "lenet5", level="0").stderr


def test_a_failing_import_shows_what_was_written() -> None:
    """What was kept from standard error comes out where the import fails, in front of the error."""
    program = (
        "import os\nfrom cnnspec.keras.silence import silent\n"
        "with silent():\n    os.write(2, b'quiet')\n"
        "os.environ['TF_CPP_MIN_LOG_LEVEL'] = '0'\n"
        "with silent():\n    os.write(2, b'asked for')\n"
        "del os.environ['TF_CPP_MIN_LOG_LEVEL']\n"
        "with silent():\n    os.write(2, b', and loud')\n    raise RuntimeError('broken')"
    )
    environment = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"}
    environment |= {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 1
    assert done.stderr.startswith("asked for, and loudTraceback")
    assert "quiet" not in done.stderr


def test_torch_has_no_profiler() -> None:
    """MACs are TensorFlow's affair."""
    done = cnn("verify", "lenet5", "--with", "torch", "--macs")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "error[E702]: `--macs` asks TensorFlow's profiler: it does not go with `--with torch`" in done.stderr


def test_torch_is_asked_for_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""
    monkeypatch.setitem(sys.modules, "torch", None)
    done = cnn("verify", "lenet5", "--with", "torch")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == 'error[E541]: this command needs PyTorch\n  = help: pip install "cnnspec[torch]"\n'


@pytest.mark.torch
def test_torch_verifies() -> None:
    """The same table, with PyTorch's word in the last column."""
    torch = pytest.importorskip("torch", reason="PyTorch is missing, so it was not asked")
    release = torch.__version__.partition("+")[0]
    done = cnn("verify", "lenet5", "--with", "torch")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].split()[-1] == "PyTorch"
    assert done.stdout.endswith(f"verified: 8 layers, 664,086 parameters: PyTorch {release} agrees\n")
