"""Checkpoints and run folders: what is refused, what is damaged, and that nothing else is lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

import cnnspec
from cnnspec.errors import CnnspecError
from cnnspec.training.runs import checkpoint
from cnnspec.training.runs.folders import folder_of
from cnnspec.training.runs.opening import open_run
from cnnspec.training.runs.run import Run
from cnnspec.training.runs.state import State, from_json

ROOT: Final = Path(__file__).parents[3]
ROW: Final = {"epoch": 1, "loss": 0.5, "val_loss": 0.7}


def code_of(call: Callable[[], object]) -> str:
    """Return the code of the only diagnostic of a call."""
    with pytest.raises(CnnspecError) as caught:
        call()
    (fault,) = caught.value.diagnostics
    return fault.code


# States


def test_the_best_epoch_is_that_of_the_least_loss() -> None:
    """A later epoch that is only as good does not count."""
    state = State()
    for epoch, loss in enumerate([0.9, 0.5, 0.7, 0.5], 1):
        state = state.advance({"epoch": epoch, "val_loss": loss}, "val_loss", ((epoch, 0),))
    assert (state.epoch, state.best_epoch, state.best_value, state.waited) == (4, 2, 0.5, 2)
    assert state.seeds == ((4, 0),)


def test_without_validation_the_last_epoch_is_the_best() -> None:
    """Nothing is chosen by what it was trained on."""
    state = State().advance(ROW, None, ()).advance({**ROW, "epoch": 2, "loss": 9.0}, None, ())
    assert (state.best_epoch, state.best_value, state.waited) == (2, None, 0)


def test_a_state_survives_a_file() -> None:
    """JSON knows no tuples."""
    state = State().advance(ROW, "val_loss", ((1, 2), (3, 4))).ended("finished")
    assert from_json(json.loads(json.dumps(state.as_json()))) == state


# Files


@pytest.mark.keras
def test_a_checkpoint_holds_its_state_and_keras_reads_past_it(trained_run: Run, keras: Any) -> None:
    """One file, so that the two can never be of different epochs."""
    assert checkpoint.read_state(trained_run.best) == State(epoch=2, best_epoch=2)
    model = keras.models.load_model(trained_run.best, safe_mode=True)
    assert model.count_params() == 6 * 10 + (3 * 3 * 6 + 1) * 4


@pytest.fixture
def damaged(trained_run: Run, tmp_path: Path) -> Run:
    """Return a copy of the run, which a test may damage."""
    shutil.copytree(trained_run.folder, tmp_path / "run")
    return open_run(tmp_path / "run")


def with_config(path: Path, change: Callable[[dict[str, Any]], None], packing: int = zipfile.ZIP_STORED) -> None:
    """Change the configuration inside a Keras file."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    change(config)
    members["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


@pytest.mark.keras
def test_a_lambda_is_refused(damaged: Run, keras: Any) -> None:
    """As Keras itself writes one: Python's bytecode, in the configuration."""
    inputs = keras.Input((8, 8, 1))
    layer = keras.layers.Lambda(lambda x: x + 1, output_shape=(8, 8, 1))
    model = keras.Model(inputs, layer(inputs))
    model.save(damaged.best)
    with pytest.raises(CnnspecError) as caught:
        damaged.load_model()
    assert str(caught.value) == (
        f"error[E523]: `{checkpoint.shorten(damaged.best, 80)}` is refused\n  = note: it brings code of its own: Lambda"
    )


@pytest.mark.keras
@pytest.mark.parametrize("module", ["os", "cnnspec.evil", "tensorflow.python.util"])
def test_a_class_from_elsewhere_is_refused(damaged: Run, module: str) -> None:
    """Keras would import the module."""

    def change(config: dict[str, Any]) -> None:
        config["config"]["layers"][1] |= {"module": module, "class_name": "system"}

    with_config(damaged.best, change)
    assert code_of(damaged.load_model) == "E523"


@pytest.mark.keras
def test_the_weights_of_another_network_are_refused(damaged: Run) -> None:
    """A layer of ours is missing."""

    def change(config: dict[str, Any]) -> None:
        config["config"]["layers"][1]["config"]["name"] = "other"

    with_config(damaged.best, change)
    assert code_of(damaged.load_model) == "E523"


@pytest.mark.keras
@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"PK\3\4 no archive"),
        lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
        lambda path: path.write_bytes(path.read_bytes().replace(b"model.weights.h5", b"model.weights.xx")),
        lambda path: with_config(path, lambda _: None, zipfile.ZIP_DEFLATED),
        lambda path: with_config(path, lambda config: config.clear()),
        lambda path: with_config(path, lambda config: config["config"].update(layers=[3])),
    ],
    ids=["gone", "empty", "no archive", "half", "no weights", "packed weights", "no configuration", "no layers"],
)
def test_a_damaged_checkpoint_is_one_diagnostic(damaged: Run, damage: Callable[[Path], object]) -> None:
    """E526, never a traceback."""
    damage(damaged.best)
    assert code_of(damaged.load_model) == "E526"


# Run folders


@pytest.mark.keras
def test_runs_are_found_by_path_name_and_number(trained_run: Run) -> None:
    """As a user would name them."""
    root = trained_run.folder.parent.parent
    for text in (trained_run.folder, "tiny/1", "tiny", "tiny.yaml"):
        found = open_run(text, root)
        assert found.folder == trained_run.folder
        assert (found.classes, found.peak) == (trained_run.classes, 255.0)
        assert found.settings == trained_run.settings
    with pytest.raises(CnnspecError) as caught:
        open_run("tony", root)
    assert caught.value.diagnostics[0].code == "E521"
    assert "runs of tiny" in str(caught.value)


@pytest.mark.keras
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("config.json", ""),
        ("config.json", "[]"),
        ("config.json", "{}"),
        ("config.json", '{"overrides": 3}'),
        ("config.json", "[" * 100_000),
        ("spec.yaml", "\0"),
    ],
)
def test_a_damaged_run_is_one_diagnostic(damaged: Run, name: str, text: str) -> None:
    """A run folder is input like any other."""
    (damaged.folder / name).write_text(text, encoding="utf-8")
    assert code_of(lambda: open_run(damaged.folder)) in ("E521", "E100", "E101")


def test_a_run_folder_cannot_be_left_by_a_name(tmp_path: Path) -> None:
    """The name of a network is one folder's name, whatever the spec says."""
    for name in ("../../etc", "/etc", "a/b", "..", "a\\b", "C:x"):
        graph = cnnspec.loads(f"name: '{name}'\ninput: 8x8x1\nlayers: [flatten]")
        assert folder_of(tmp_path, graph.name).parent == tmp_path
        assert folder_of(tmp_path, graph.name).name not in ("", ".", "..")


# Places that cannot be written


def run_cli(*arguments: str, cwd: Path, code: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, after some code."""
    program = f"{code}\nfrom cnnspec.cli.app import main\nmain()\n"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "-1"}
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment,
        timeout=300,
    )


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
def test_a_folder_that_cannot_be_made_is_said_before_keras(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "runs").write_text("", encoding="utf-8")
    code = "import sys; sys.modules['keras'] = None; sys.modules['tensorflow'] = None"
    done = run_cli(
        "train",
        "digits-cnn",
        cwd=tmp_path,
        code=f"{code}; import cnnspec.keras.requirement as r; r.require = lambda _: None",
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error[E604]: `runs/digits-cnn")
    assert "`runs` is a file" in done.stderr


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
@pytest.mark.skipif(sys.platform == "win32", reason="there is no limit for the size of files")
def test_a_full_disk_keeps_the_last_checkpoint(tmp_path: Path) -> None:
    """A file may not grow beyond what the first epochs need: the third checkpoint cannot be written."""
    code = """
import resource, signal, sys
from cnnspec.cli import progress
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
end = progress.Lines.end
def full(self, row, epochs, *, best):
    end(self, row, epochs, best=best)
    if row["epoch"] == 2:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
progress.Lines.end = full
"""
    done = run_cli("train", "digits-cnn", "--limit", "64", "--epochs", "4", cwd=tmp_path, code=code)
    assert done.returncode == 1, done.stderr
    assert "error[E604]: `runs/digits-cnn/1/last.keras` cannot be written" in done.stderr
    assert "--resume" in done.stderr
    assert "Traceback" not in done.stderr
    folder = tmp_path / "runs" / "digits-cnn" / "1"
    assert checkpoint.read_state(folder / "last.keras").epoch == 2
    assert not list(folder.glob(".*.keras"))
    done = run_cli("train", str(folder), "--resume", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert checkpoint.read_state(folder / "last.keras").epoch == 4


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
def test_a_loss_that_is_no_number_stops_and_keeps_the_checkpoint(tmp_path: Path) -> None:
    """The weights of the second epoch are poisoned; those of the first stay on the disk."""
    code = """
from cnnspec.training.fitting import epochs as fitting
save = fitting.save
def poison(session, state):
    save(session, state)
    session.model.optimizer.learning_rate = 1e38
fitting.save = poison
"""
    arguments = ("train", "digits-cnn", "--limit", "64", "--epochs", "4", "--schedule", "constant")
    done = run_cli(*arguments, cwd=tmp_path, code=code)
    assert done.returncode == 1, done.stderr
    assert "error[E506]: the loss is not a number any more: the training has diverged" in done.stderr
    assert "the checkpoint of epoch" in done.stderr
    assert "smaller `--learning-rate`" in done.stderr
    state = checkpoint.read_state(tmp_path / "runs" / "digits-cnn" / "1" / "last.keras")
    assert 1 <= state.epoch < 4
