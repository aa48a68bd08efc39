"""`cnnspec sweep` as a user calls it: everything is checked before, and every training is run exactly once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

from cnnspec.cli.app import make_app
from cnnspec.training.sweeps.pool import Pool

ROOT: Final = Path(__file__).parents[3]
APP: Final = make_app(("sweep", "runs"))
SPEC: Final = """name: tiny
input: 8x8x1
params: {f: 2}
layers:
  - conv: $f 3x3 relu
  - maxpool: 2
  - flatten
  - dense: 10 softmax
train: {data: digits, epochs: 1}
"""
WORDS: Final = ("sweep", "net.yaml", "-p", "f=2,3", "--seed", "0,1", "--limit", "64")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a spec."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.yaml").write_text(SPEC, encoding="utf-8")
    return tmp_path


def refused(*words: str) -> str:
    """Return what a command says that is refused."""
    result = CliRunner().invoke(APP, list(words))
    assert result.exit_code in (1, 2)
    assert result.stdout == ""
    return result.stderr


def test_each_training_is_checked_before_the_first(folder: Path) -> None:
    """Budgets of the spec, data that do not exist, parameters that it lacks; each fault once, with its training."""
    (folder / "net.yaml").write_text(SPEC + "expect: {params: <= 250}\n", encoding="utf-8")
    text = refused(*WORDS, "--print", "lines")
    assert text.count("error[") == 1
    assert "`params` is 310, and must be at most 250" in text
    assert "in the training with f=3 seed=0, and 1 more" in text
    text = refused("sweep", "net.yaml", "--vary", "data=digits,mnisst", "--print", "lines")
    assert "error[E511]: the data set `mnisst` is unknown" in text
    assert "in the training with data=mnisst" in text
    assert "error[E114]" in refused("sweep", "net.yaml", "-p", "g=2,3", "--print", "lines")
    assert list(folder.iterdir()) == [folder / "net.yaml"]


def test_what_goes_against_itself_is_refused(folder: Path) -> None:
    """A setting that is varied and given, standard input, a flag that the spec sets."""
    assert "`epochs` is varied, and `--epochs` gives it one value" in refused(
        *WORDS, "--vary", "epochs=1,2", "--epochs", "3", "--print", "lines"
    )
    assert "error[E702]: standard input" in refused("sweep", "-", "--seed", "0,1", "--print", "lines")
    (folder / "net.yaml").write_text(SPEC.replace("epochs: 1", "epochs: 1, resize: true"), encoding="utf-8")
    assert "`resize` cannot be off" in refused("sweep", "net.yaml", "--vary", "resize=true,false", "--print", "lines")


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    """Start a command."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "-1", "NO_COLOR": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "cnnspec", *words],
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
def test_a_sweep_that_is_killed_three_times_has_every_run_once(folder: Path) -> None:
    """A training that outlives its sweep is waited for; what has finished is not repeated."""
    words = (*WORDS, "--jobs", "2", "--resume")
    runs = folder / "sweeps" / "net"
    for more in ("*", "*/tiny/1/config.json", "*/tiny/1/summary.json"):
        process = start(folder, *words)
        until = time.monotonic() + 120
        while not list(runs.glob(more)) and process.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    out, err = start(folder, *words).communicate(timeout=240)
    assert "4 trainings in sweeps/net" in err
    assert out.splitlines()[0].startswith("f   Runs   Best epoch ")
    assert sorted(path.parent.relative_to(runs).as_posix() for path in runs.rglob("config.json")) == [
        f"f={f},seed={seed}/tiny/1" for f in (2, 3) for seed in (0, 1)
    ]
    assert len(list(runs.rglob("summary.json"))) == 4
    logs = [path.read_text(encoding="utf-8") for path in runs.glob("*/log.txt")]
    assert [log.count("\ntest ") for log in logs] == [1, 1, 1, 1]
    again = start(folder, *words)
    assert "4 trainings in sweeps/net, all finished" in again.communicate(timeout=60)[1]
    assert "it holds trainings already" in refused(*WORDS)
    assert "error[E522]" in refused(*WORDS[:-1], "32", "--resume")


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="the system has no such signal")
def test_what_was_to_be_ignored_stays_ignored() -> None:
    """As `nohup` has it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    pool = Pool(1, print)
    try:
        with pool.heeding_signals():
            os.kill(os.getpid(), signal.SIGHUP)
            assert not pool.stopped
            os.kill(os.getpid(), signal.SIGTERM)
            assert pool.stopped
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
