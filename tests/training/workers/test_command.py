"""`cnnspec train` with several workers: what is refused before any of them starts, and words that do not belong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner, Result

from cnnspec.cli.app import make_app

APP: Final = make_app(("train",))
NOTHING: Final = "run       none: this is a dry run, nothing is written\n"


@pytest.fixture(autouse=True)
def nothing_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, as if TensorFlow were there; nothing here starts it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr("cnnspec.keras.requirement.find_spec", lambda name: name)


def cnn(*words: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(APP, list(words))


def test_a_dry_run_says_how_many_share_a_batch() -> None:
    """And waits for nobody."""
    done = cnn("train", "digits-cnn", "--workers", "3", "--dry-run", "--batch-size", "33")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith(NOTHING)
    assert "20 epochs of 44 steps with 33 images, seed 0,\n          3 workers\n" in done.stdout


@pytest.mark.parametrize(
    ("words", "message", "step"),
    [
        (
            ("--workers", "2", "--limit", "961"),
            "the last batch has 1 of 961 samples, which 2 workers cannot share",
            "`--batch-size 33` leaves enough for each",
        ),
        (
            ("--workers", "9", "--batch-size", "8"),
            "a batch has 8 samples, which 9 workers cannot share",
            "`--batch-size 12` leaves enough for each",
        ),
        (
            ("--workers", "2", "--devices", "2"),
            "each of 2 workers has one device, and `--devices 2` asks for more",
            "start a worker for every device",
        ),
        (
            ("--workers", "2", "--clipnorm", "1"),
            "each of 2 workers would clip its part of the gradient",
            "leave out the clipping, or train with one worker",
        ),
        (("lenet5",), "one network is trained at a time, and `lenet5` is a second word", ""),
        (("auto",), "one network is trained at a time, and `auto` is a second word", ""),
        (("lenet5", "--resume"), "one network is trained at a time, and `lenet5` is a second word", ""),
    ],
)
def test_what_is_refused_before_a_worker_starts(
    words: tuple[str, ...], message: str, step: str, tmp_path: Path
) -> None:
    """Once, by the process that was called."""
    done = cnn("train", "digits-cnn", *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f"error[E702]: {message}\n" + (f"  = help: {step}\n" if step else "")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("workers", ["0", "-1", "two"])
def test_a_number_of_workers_that_is_none(workers: str) -> None:
    """Refused by the command line itself."""
    done = cnn("train", "digits-cnn", "--workers", workers)
    assert done.exit_code == 2
    assert "Invalid value for '--workers'" in re.sub(r"\x1b\[[\d;]*m", "", done.stderr)


@pytest.mark.parametrize("words", [("digits-cnn", "--resume", "auto"), ("--resume", "auto", "digits-cnn")])
def test_resume_auto_begins_where_there_is_no_run(words: tuple[str, ...]) -> None:
    """One command line for the first start and all others."""
    done = cnn("train", *words, "--dry-run")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{NOTHING}network   digits-cnn: ")
    done = cnn("train", "--resume", "auto", "--dry-run", "--data", "digits", "--resize")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{NOTHING}network   lenet5: ")


def test_a_wrong_tf_config_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the data are read; `--workers 1` does not look at it."""
    monkeypatch.setenv("TF_CONFIG", '{"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 5}}')
    done = cnn("train", "digits-cnn", "--dry-run")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines()[:2] == [
        "error[E531]: `TF_CONFIG` does not say who trains together",
        "  = note: the index of its task is `5`, and there are 2 `worker`, from 0",
    ]
    assert cnn("train", "digits-cnn", "--dry-run", "--workers", "1").exit_code == 0


@pytest.mark.slow
def test_a_worker_that_does_not_come_leaves_no_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The chief waits as long as it is told to, names who is missing, and nothing is left of a training not begun."""
    config = '{"cluster": {"worker": ["127.0.0.1:45991", "127.0.0.1:45992"]}, "task": {"type": "worker", "index": %d}}'
    monkeypatch.setenv("TF_CONFIG", config % 0)
    done = cnn("train", "digits-cnn", "--wait", "1")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "error[E532]: 1 of 2 workers did not come within 1 s: worker 1 (127.0.0.1:45992)\n"
        "  = note: each must be started with the same command, and reach the chief\n"
        "  = help: `--wait SECONDS` waits longer\n"
    )
    monkeypatch.setenv("TF_CONFIG", config % 1)
    done = cnn("train", "digits-cnn", "--wait", "1")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "error[E532]: the chief (127.0.0.1:45991) does not answer, for 1 s\n"
        "  = note: connection refused\n"
        "  = help: `--wait SECONDS` waits longer\n"
    )
    assert not list(tmp_path.iterdir())
