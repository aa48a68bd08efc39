"""`cnnspec import`: where specs and notes go, exit codes, and that nothing of a file acts on a terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner

from cnnspec.cli.app import app_for

MODEL: Final[dict[str, Any]] = {
    "class_name": "Sequential",
    "config": {
        "name": "tiny",
        "layers": [
            {"class_name": "InputLayer", "config": {"batch_shape": [None, None, None, 1], "name": "input_1"}},
            {
                "class_name": "Conv2D",
                "config": {
                    "name": "first",
                    "filters": 4,
                    "kernel_size": [3, 3],
                    "kernel_initializer": {"class_name": "RandomNormal", "config": {"stddev": 0.01}},
                },
            },
            {"class_name": "Activation", "config": {"name": "second", "activation": "relu"}},
        ],
    },
}
FOLDED: Final = "name: tiny\ninput: 8x8x1\nlayers:\n  - conv: 4 3x3\n  - relu\n"
FLAT: Final = """\
name: tiny
input: 8x8x1
layers:
  - conv: 4 3x3
    name: first
  - activation: relu
    name: second
"""
NOTE: Final = "note: left out, as it changes no number: `kernel_initializer` of 1 layer\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder with one model."""
    monkeypatch.chdir(tmp_path)
    Path("model.json").write_text(json.dumps(MODEL), encoding="utf-8")


def called(*words: str, given: str | None = None) -> tuple[int, str, str]:
    """Return the exit code, the output and the errors of `import`."""
    done = CliRunner().invoke(app_for(["import"]), ["import", *words], input=given)
    assert "Traceback" not in done.stderr
    return done.exit_code, done.stdout, done.stderr


def test_the_spec_is_the_output() -> None:
    """What is left out is a note beside it."""
    assert called("model.json", "--input", "8x8x1") == (0, FOLDED, NOTE)
    assert called("model.json", "--input", "8x8x1", "--flat") == (0, FLAT, NOTE)
    assert called("-", "--input", "8x8x1", given=json.dumps(MODEL)) == (0, FOLDED, NOTE)


def test_other_channels_than_the_files_are_a_note() -> None:
    """The network is computed all the same; what the file has for weights is another one's."""
    code, out, err = called("model.json", "-i", "8x8x3")
    assert (code, out) == (0, FOLDED.replace("8x8x1", "8x8x3"))
    told = "the input `input` is given as 8x8x3, with 3 channels where the file has 1: its weights do not fit the spec"
    assert err == f"{NOTE}note: {told}\n"


def test_a_file_is_written_once() -> None:
    """Nothing is overwritten silently."""
    assert called("model.json", "-i", "input=8x8x1", "-o", "net.yaml") == (0, "", NOTE)
    assert Path("net.yaml").read_text(encoding="utf-8") == FOLDED
    code, out, err = called("model.json", "-i", "8x8x1", "-o", "net.yaml")
    assert (code, out) == (1, "")
    assert "error[E603]" in err


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("model.json",), 1, "error[E607]: the file leaves sizes of the input `input` open: (?, ?, 1)"),
        (("model.json", "-i", "2x2x1"), 1, "error[E301]: layer `first`: `conv` does not fit its input"),
        (
            ("model.json", "-i", "8x8"),
            1,
            "error[E105]: the shape `8x8` is given for the input `input`, which the file has",
        ),
        (("model.json", "-i", "x=8x8x1"), 1, "error[E201]: the model has no input `x`"),
        (("model.json", "-i", "eight"), 2, "error[E703]"),
        (("nothing.keras",), 2, "error[E601]: there is no file `nothing.keras`"),
        (("lenet5",), 2, "help: it is a spec already: `cnnspec show lenet5`"),
        ((".",), 2, "error[E602]: `.` cannot be read"),
        (("a\0b",), 2, "error[E602]"),
    ],
)
def test_what_is_wrong_is_said(words: tuple[str, ...], code: int, message: str) -> None:
    """With the exit codes of all commands."""
    found, out, err = called(*words)
    assert (found, out) == (code, "")
    assert message in err


def test_nothing_of_a_file_acts_on_a_terminal() -> None:
    """Names of layers, classes and models are data."""
    model = json.loads(json.dumps(MODEL))
    model["config"]["name"] = "\x1b[31m</script>\n- conv"
    model["config"]["layers"].append({"class_name": "\x1b]0;x\x07Own", "config": {"name": "\x1b[2J"}})
    Path("evil.json").write_text(json.dumps(model), encoding="utf-8")
    code, out, err = called("evil.json", "-i", "8x8x1")
    assert (code, out) == (1, "")
    assert "\x1b" not in err
    code, out, err = called("evil.json", "-i", "8x8x1", "--partial")
    assert code == 0
    assert "\x1b" not in out + err
    assert out.startswith('name: "\\x1b[31m</script>\\n- conv"\n')
