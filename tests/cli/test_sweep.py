"""What a sweep says of a training that has failed."""

from __future__ import annotations

from pathlib import Path

import pytest

import cnnspec
from cnnspec.cli.sweep import _failure
from cnnspec.errors import Diagnostic
from cnnspec.training.sweeps.checks import Looked
from cnnspec.training.sweeps.pool import Ended
from cnnspec.training.sweeps.trials import Trial


@pytest.mark.parametrize(
    ("code", "log", "how", "told"),
    [
        (1, "epoch 1\nerror[E601]: no space\n  = help: free some\n", "has failed", "error[E601]: no space"),
        (1, "epoch 1\nKilled\n\n", "has failed", "Killed"),
        (-9, "", "was ended by signal 9", "it said nothing"),
    ],
)
def test_a_failed_training_is_told(code: int, log: str, how: str, told: str, tmp_path: Path) -> None:
    """With its diagnostic, or what it said last, where the rest is, and how to try it again."""
    (tmp_path / "log.txt").write_text(log, encoding="utf-8")
    trial = Trial({"batch_size": "8"}, {"batch_size": 8}, {}, tmp_path, ("train", "lenet5"))
    assert _failure(Ended(Looked(trial, cnnspec.load("lenet5"), is_finished=False), code, 1.0)) == Diagnostic(
        "E528",
        f"the training with batch_size=8 {how}",
        notes=(told, f"all that it said is in `{tmp_path / 'log.txt'}`"),
        help="the same command with `--resume` tries it again",
    )
