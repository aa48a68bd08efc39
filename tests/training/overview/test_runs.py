"""`cnnspec runs`: a table over trainings, from what their folders say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

import cnnspec
from cnnspec.cli.app import make_app
from cnnspec.json_lines import indented
from cnnspec.training.data import load_data
from cnnspec.training.runs import run as runs
from cnnspec.training.runs.state import FINISHED, State
from cnnspec.training.settings import merge

APP: Final = make_app(("runs",))
SPEC: Final = "name: tiny\ninput: 8x8x1\nlayers:\n  - conv: 6 3x3 relu\n  - flatten\n  - dense: 4 softmax\n"
ROW: Final = {"epoch": 1, "loss": 1.0, "accuracy": 0.5, "learning_rate": 0.1, "seconds": 2.0}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with five runs: two rates with two seeds each, and one that was interrupted."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    data = load_data("synthetic:20", shape=(8, 8, 1), classes=4, seed=0)
    made = [(0.1, 0, 0.5), (0.1, 1, 0.7), (0.01, 0, 0.75), (0.01, 1, 0.85), (1.0, 0, None)]
    for rate, seed, accuracy in made:
        settings = merge({}, {"data": "synthetic:20", "learning_rate": rate, "seed": seed}).changed(scale=1 / 255)
        run = runs.create(tmp_path / "runs", cnnspec.loads(SPEC, "tiny.yaml"), settings, data)
        rows = tuple(ROW | {"epoch": epoch} for epoch in (1, 2))
        state = State(epoch=2, best_epoch=1 + seed, best_value=1.0, history=rows)
        run.write("state.json", indented((state.ended(FINISHED) if accuracy else state).as_json()))
        if accuracy:
            run.write("summary.json", json.dumps({"test": {"accuracy": accuracy, "loss": 1 - accuracy}}))
    return tmp_path


def ok(*words: str) -> str:
    """Return what a command prints that works."""
    result = CliRunner().invoke(APP, ["runs", *words])
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


LINES: Final = (
    "learning_rate     Runs   Best epoch          Accuracy              Loss   # Params    MACs   Seconds   Folder",
    "0.01                 2          1–2   0.8000 ± 0.0707   0.2000 ± 0.0707",
    "0.1                  2          1–2   0.6000 ± 0.1414   0.4000 ± 0.1414",
    "1               0 of 1            1                 –                 –",
)
NOTE: Final = "± is the standard deviation over seeds (n − 1). 1 not finished: they have no test yet."


@pytest.mark.usefixtures("folder")
def test_seeds_are_one_line() -> None:
    """Mean and deviation by hand: (0.5, 0.7) are 0.6 ± √0.02, (0.75, 0.85) are 0.8 ± √0.005; the best comes first."""
    head, _, *lines, blank, note = ok().splitlines()
    rest = "        928   2,808       4.0   runs/tiny/"
    ends = ("3 and 1 more", "1 and 1 more", "5")
    assert [head, *lines] == [LINES[0], *(f"{line}{rest}{end}" for line, end in zip(LINES[1:], ends, strict=True))]
    assert (blank, note) == ("", NOTE)
    assert ok("tiny") == ok("runs/tiny") == ok(*[f"tiny/{number}" for number in range(1, 6)])


@pytest.mark.usefixtures("folder")
def test_a_narrow_terminal_has_the_folders_below(monkeypatch: pytest.MonkeyPatch) -> None:
    """What all have in common stands there too, and no cell is cut into pieces."""
    monkeypatch.setattr("cnnspec.cli.runs.terminal_width", lambda: 90)
    assert ok().splitlines() == [
        "learning_rate     Runs   Best epoch          Accuracy              Loss   Seconds",
        "─" * 81,
        *(f"{line}{'4.0':>10}" for line in LINES[1:]),
        "",
        "Folders, in the order of the table:",
        *(f"  runs/tiny/{end}" for end in ("3 and 1 more", "1 and 1 more", "5")),
        "",
        "The same in all: # Params 928, MACs 2,808.",
        "",
        NOTE,
    ]
    monkeypatch.setattr("cnnspec.cli.runs.terminal_width", lambda: 130)
    assert ok().splitlines()[0] == LINES[0]


@pytest.mark.usefixtures("folder")
def test_every_format_has_the_same_numbers(conforms: Callable[[str, str], Any]) -> None:
    """JSON as its schema says, CSV with a line for each run, Markdown."""
    found = conforms("runs", ok("-f", "json"))
    assert found["differing"] == ["learning_rate"]
    assert [group["settings"]["learning_rate"] for group in found["groups"]] == [0.01, 0.1, 1.0]
    assert found["groups"][0]["accuracy"] == {"mean": 0.8, "deviation": pytest.approx(0.005**0.5), "number": 2}
    assert found["groups"][2]["accuracy"] is None
    lines = ok("-f", "csv", "--sort", "learning_rate").splitlines()
    assert lines[0] == "folder,network,learning_rate,seed,status,epoch,best_epoch,accuracy,loss,params,macs,seconds"
    assert lines[1] == "runs/tiny/3,tiny,0.01,0,finished,2,1,0.75,0.25,928,2808,4.0"
    assert len(lines) == 6
    assert ok("-f", "markdown", "--each").count("\n| ") == 6


@pytest.fixture
def scored(folder: Path) -> Path:
    """Work in a folder with runs on numbers too: two seeds, and one that has just begun; and with one on masks."""
    data = load_data("synthetic:20", shape=(8, 8, 1), classes=4, seed=0)
    tests: dict[tuple[str, int], dict[str, Any] | None] = {
        ("numbers", 0): {"mean_absolute_error": 0.25, "root_mean_squared_error": 0.5, "r2": None},
        ("numbers", 1): {"mean_absolute_error": 0.75, "root_mean_squared_error": 1.5, "r2": 0.5},
        ("numbers", 2): None,
        ("mask", 0): {"accuracy": 0.9, "mean_iou": 0.6},
    }
    for (sort, seed), test in tests.items():
        settings = merge({}, {"data": "synthetic:20", "target": sort, "seed": seed, "loss": "mean_squared_error"})
        text = SPEC if sort == "numbers" else "name: tiny\ninput: 8x8x1\nlayers:\n  - conv: 4 3x3\n"
        run = runs.create(folder / sort, cnnspec.loads(text, "tiny.yaml"), settings.changed(scale=1.0), data)
        state = State(epoch=1, best_epoch=1, best_value=1.0, history=(ROW,))
        run.write("state.json", indented((state.ended(FINISHED) if test else state).as_json()))
        if test:
            run.write("summary.json", json.dumps({"test": {"loss": 0.5, "accuracy": None} | test}))
    return folder


@pytest.mark.usefixtures("scored")
def test_runs_are_compared_by_what_they_tell(conforms: Callable[[str, str], Any]) -> None:
    """Numbers have no accuracy but errors, of which the least comes first; (0.25, 0.75) are 0.5 ± √0.125."""
    head, _, line = ok("numbers", "-f", "markdown").splitlines()[:3]
    assert head == "| Runs | Best epoch | MAE | RMSE | R² | Loss | \\# Params | MACs | Seconds | Folder |"
    assert line.startswith("| 2 of 3 | 1 | 0.5000 ± 0.3536 | 1.000 ± 0.707 | 0.5000 | 0.5000 ± 0.0000 | 928 | 2,808 |")
    for order in ([], ["--sort", "mae"], ["--sort", "rmse"], ["--sort", "root-mean-squared-error"]):
        lines = ok("numbers", "--each", *order).splitlines()
        assert [row.split()[-1] for row in lines[2:5]] == [f"numbers/tiny/{number}" for number in (1, 2, 3)]
    assert "numbers/tiny/2 " in ok("numbers", "--each", "--sort", "r2", "-f", "csv").replace(",", " ").splitlines()[1]
    lines = ok("numbers", "-f", "csv").splitlines()
    assert lines[0] == (
        "folder,network,seed,status,epoch,best_epoch,accuracy,loss,mean_absolute_error,root_mean_squared_error,r2,"
        "params,macs,seconds"
    )
    assert lines[1] == "numbers/tiny/1,tiny,0,finished,1,1,,0.5,0.25,0.5,,928,2808,2.0"
    (group,) = conforms("runs", ok("numbers", "-f", "json"))["groups"]
    assert group["accuracy"] is None
    assert group["scores"]["mean_absolute_error"] == {"mean": 0.5, "deviation": 0.125**0.5, "number": 2}
    assert group["runs"][0]["scores"] == {"mean_absolute_error": 0.25, "root_mean_squared_error": 0.5, "r2": None}


@pytest.mark.usefixtures("scored")
def test_runs_on_different_targets_have_the_scores_of_all() -> None:
    """What one does not have is unknown; classes and masks have an accuracy in common, and lead."""
    head, _, *lines = ok("mask", "numbers", "tiny/3", "--each", "-f", "markdown").splitlines()
    titles = [title.strip() for title in head.strip("|").split("|")]
    assert [title for title in titles if title in {"Accuracy", "Mean IoU", "MAE", "RMSE", "R²"}] == [
        *("Accuracy", "Mean IoU", "MAE", "RMSE", "R²")
    ]
    rows = [dict(zip(titles, (cell.strip() for cell in line.strip("|").split("|")), strict=True)) for line in lines[:5]]
    shown = [(row["Folder"], row["Accuracy"], row["Mean IoU"], row["MAE"]) for row in rows]
    assert shown == [
        ("mask/tiny/1", "0.9000", "0.6000", "–"),
        ("runs/tiny/3", "0.7500", "–", "–"),
        ("numbers/tiny/1", "–", "–", "0.2500"),
        ("numbers/tiny/2", "–", "–", "0.7500"),
        ("numbers/tiny/3", "–", "–", "–"),
    ]


def test_curves_of_all_are_one_picture(folder: Path) -> None:
    """Each group has a colour, each run a line."""
    ok("--curves", "c.svg")
    text = (folder / "c.svg").read_text(encoding="utf-8")
    ET.fromstring(text)  # noqa: S314 - our own file
    assert "on training data · 5 runs" in text
    assert text.count("learning_rate 0.1<") == 1
    assert text.count("<path") == 10


def test_what_cannot_be_read_is_told_beside_the_others(folder: Path) -> None:
    """A folder without runs, an unknown column, a run that is damaged."""

    def told(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(APP, ["runs", *words])
        return result.exit_code, result.stderr.splitlines()[0]

    assert told("nothing") == (1, "error[E521]: there is no run in `nothing`")
    assert told("--sort", "speed") == (1, "error[E701]: there is no column `speed` to sort by")
    (folder / "runs/tiny/2/summary.json").write_text('{"test": {"accuracy": "1", "loss": 0}}', encoding="utf-8")
    (folder / "runs/tiny/4/state.json").write_text("[", encoding="utf-8")
    result = CliRunner().invoke(APP, ["runs"])
    assert result.exit_code == 1
    assert "runs/tiny/1\n" in result.stdout
    assert result.stderr.count("error[E521]") == 2
