"""A training that is killed, whenever that is, goes on to the same weights as one that is not."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

SPEC: Final = """
name: tiny
input: 8x8x1
layers:
  - conv: 6 3x3 same bn relu
  - maxpool: 2
  - flatten
  - dropout: 0.3
  - dense: 10 softmax
train:
  data: digits
  epochs: 6
  batch_size: 64
  schedule: cosine
  augment: true
  validation_split: 0.2
  loss: categorical_crossentropy
  label_smoothing: 0.1
  mixup: 0.4
  class_weight: {0: 2, 3: 0.5}
  optimizer: adamw
  weight_decay: 0.01
  global_clipnorm: 1
  warmup_epochs: 2
  monitor: val_accuracy
  patience: 6
"""
KILLER: Final = """
import os, signal, sys

place, times = sys.argv[1], int(sys.argv[2])
sys.argv[1:3] = []


def dying(function, *, first=False, when=lambda *_: True):
    left = [times]

    def called(*arguments, **options):
        if when(*arguments):
            left[0] -= 1
        if first and not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*arguments, **options)
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return called


from cnnspec.cli import progress
from cnnspec.training.runs import checkpoint
from cnnspec.training.fitting import epochs as fitting
import pathlib, zipfile

if place == "in an epoch":
    progress.Lines.step = dying(progress.Lines.step)
elif place == "in a checkpoint":
    is_state = lambda _, name, *__: name == "cnnspec.json"
    zipfile.ZipFile.writestr = dying(zipfile.ZipFile.writestr, first=True, when=is_state)
elif place == "before the new checkpoint has its name":
    pathlib.Path.replace = dying(pathlib.Path.replace, first=True, when=lambda _, target: target.name == "last.keras")
elif place == "before the best checkpoint":
    checkpoint.link = dying(checkpoint.link, first=True)
elif place == "before the history":
    fitting.record = dying(fitting.record, first=True)
elif place == "in the final test":
    from cnnspec.training.fitting import trainer

    trainer.evaluate = dying(trainer.evaluate, first=True)

from cnnspec.cli.app import main

main()
"""
ENVIRONMENT: Final = {
    **{name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"},
    "CUDA_VISIBLE_DEVICES": "-1",
    "PYTHONPATH": str(Path(__file__).parents[3]),
}
PLAIN: Final = ("-m", "cnnspec")

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("keras")]


def train(folder: Path, *arguments: str, program: tuple[str, ...] = PLAIN) -> subprocess.CompletedProcess[str]:
    """Run `cnnspec train` in a process of its own."""
    command = [sys.executable, *program, "train", *arguments]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=folder, env=ENVIRONMENT, timeout=300
    )


def weights(path: Path) -> dict[str, Any]:
    """Return every number in a checkpoint: weights and the optimizer's."""
    import h5py

    found: dict[str, Any] = {}
    with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
        file.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


def history(run: Path) -> list[dict[str, str]]:
    """Return the history without the seconds."""
    rows = list(csv.DictReader((run / "history.csv").read_text(encoding="utf-8").splitlines()))
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def test_killed_five_times_it_ends_with_the_same_bits(tmp_path: Path) -> None:
    """Killed in an epoch, in the middle of a checkpoint, and between any two files that follow each other."""
    (tmp_path / "net.yaml").write_text(SPEC, encoding="utf-8")
    done = train(tmp_path, "net.yaml", "--deterministic", "--run-dir", "whole")
    assert done.returncode == 0, done.stderr
    places = (
        ("in an epoch", 7),
        ("before the best checkpoint", 2),
        ("in a checkpoint", 1),
        ("before the new checkpoint has its name", 2),
        ("before the history", 3),
    )
    killed, resume = tmp_path / "killed" / "tiny" / "1", ()
    epochs = []
    for place, times in places:
        options = resume or ("net.yaml", "--deterministic", "--run-dir", "killed")
        done = train(tmp_path, *options, program=("-c", KILLER, place, str(times)))
        assert done.returncode == -signal.SIGKILL, (place, done.stderr)
        resume = (str(killed), "--resume")
        epochs.append(json.loads((killed / "state.json").read_text(encoding="utf-8"))["epoch"])
    assert epochs == [1, 1, 2, 3, 4]
    done = train(tmp_path, *resume)
    assert done.returncode == 0, done.stderr
    assert "going on after epoch" in done.stderr
    whole = tmp_path / "whole" / "tiny" / "1"
    for name in ("last.keras", "best.keras"):
        one, other = weights(whole / name), weights(killed / name)
        assert one.keys() == other.keys()
        assert len(one) > 15
        assert all(np.array_equal(one[key], other[key]) for key in one), name
    assert history(whole) == history(killed)
    assert len(history(whole)) == 6
    first, second = (json.loads((run / "summary.json").read_text(encoding="utf-8"))["test"] for run in (whole, killed))
    assert first == second
    assert not [path.name for path in killed.iterdir() if path.name.startswith(".") and path.name != ".lock"]
    done = train(tmp_path, *resume)
    assert (done.returncode, done.stderr) == (
        1,
        f"error[E524]: `{killed}` has finished its 6 epochs\n  = help: leave out `--resume`: a new run begins\n",
    )


def test_ctrl_c_ends_the_epoch_and_says_how_to_go_on(tmp_path: Path) -> None:
    """The first one ends the epoch; what is printed resumes, and more epochs can be asked for."""
    spec = SPEC.replace("schedule: cosine", "schedule: constant").replace("epochs: 6", "epochs: 500")
    spec = spec.replace("  warmup_epochs: 2\n", "").replace("  patience: 6\n", "")  # it may be stopped after any epoch
    (tmp_path / "net.yaml").write_text(spec, encoding="utf-8")
    command = [sys.executable, *PLAIN, "train", "net.yaml"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        assert process.stderr.readline().startswith("epoch   1/500")
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "stopping after this epoch" in errors
    state = json.loads((tmp_path / "runs" / "tiny" / "1" / "state.json").read_text(encoding="utf-8"))
    assert f"stopped   epoch {state['epoch']} of 500" in output
    assert state["status"] == "running"
    assert output.splitlines()[-1] == f"resume    cnnspec train {Path('runs/tiny/1')} --resume"
    done = train(tmp_path, *output.splitlines()[-1].split()[3:], "--epochs", str(state["epoch"] + 1))
    assert done.returncode == 0, done.stderr
    assert f"epoch {state['epoch'] + 1}/{state['epoch'] + 1}" in done.stderr
    changed = train(tmp_path, "net.yaml", "--resume", "--learning-rate", "0.1")
    assert "E522" in changed.stderr
    assert "`learning_rate` was 0.001, and now 0.1" in changed.stderr
    (tmp_path / "net.yaml").write_text(spec.replace("conv: 6", "conv: 7"), encoding="utf-8")
    changed = train(tmp_path, "net.yaml", "--resume")
    assert changed.returncode == 1
    assert "E522" in changed.stderr
    assert "the spec has changed since" in changed.stderr


def save_images(path: Path, seed: int) -> None:
    """Write 100 images of 8×8 bytes, ten of each class."""
    x = np.random.default_rng(seed).integers(0, 256, (100, 8, 8, 1), dtype=np.uint8)
    np.savez(path, x_train=x[:80], y_train=np.arange(80) % 10, x_test=x[80:], y_test=np.arange(20) % 10)


def test_killed_in_its_test_it_is_tested_and_other_data_are_refused(tmp_path: Path) -> None:
    """What is missing is made up for, more epochs are trained, and nothing is trained on two kinds of data."""
    spec = SPEC.replace("schedule: cosine", "metrics: [acc, top_5_accuracy, mse]")
    spec = spec.replace("epochs: 6", "epochs: 2").replace("warmup_epochs: 2", "warmup_epochs: 1")
    (tmp_path / "net.yaml").write_text(spec, encoding="utf-8")
    save_images(tmp_path / "data.npz", 1)
    run = tmp_path / "runs" / "tiny" / "1"
    options = ("net.yaml", "--data", "data.npz", "--augment", "auto")
    done = train(tmp_path, *options, program=("-c", KILLER, "in the final test", "1"))
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not (run / "summary.json").exists()
    done = train(tmp_path, *options, "--resume", "--data", "./data.npz")
    assert done.returncode == 0, done.stderr
    assert done.stderr == "going on after epoch 2\n"
    assert json.loads((run / "summary.json").read_text(encoding="utf-8"))["epochs"] == 2
    done = train(tmp_path, *options, "--resume", "--epochs", "3", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert json.loads((run / "config.json").read_text(encoding="utf-8"))["settings"]["epochs"] == 2
    done = train(tmp_path, *options, "--resume", "--epochs", "3", "--tensorboard")
    if "E501" not in done.stderr:
        assert done.returncode == 0, done.stderr
        assert json.loads((run / "config.json").read_text(encoding="utf-8"))["settings"]["epochs"] == 3
        assert list((run / "tensorboard").iterdir())
        assert len(history(run)) == 3
    save_images(tmp_path / "data.npz", 2)
    before = {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}
    done = train(tmp_path, *options, "--resume", "--epochs", "4")
    assert done.returncode == 1
    assert done.stderr.endswith(
        "error[E522]: the data have changed since `runs/tiny/1` was begun\n"
        "  = note: the training images are others, though as many\n"
        "  = note: the test images are others, though as many\n"
        "  = help: leave out `--resume` to begin a new run with these data\n"
    )
    assert {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()} == before
    (run / "last.keras").unlink()
    done = train(tmp_path, *options, "--resume")
    assert done.returncode == 1
    assert done.stderr.startswith("error[E526]: `runs/tiny/1/last.keras` is not there\n")
