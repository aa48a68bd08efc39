"""A clock that is wrong, stands still or goes backwards: nothing that is kept depends on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from limited import PATIENCE, ROOT

SPEC: Final = """
name: tiny
input: 8x8x1
layers: [{conv: 2 3x3 relu}, flatten, {dense: 4 softmax}]
train: {data: "synthetic:40", epochs: 2}
"""
BACKWARDS: Final = """
import itertools, sys, time
times = itertools.count(float(sys.argv.pop(1)), -3600)
time.time = lambda: next(times)
from cnnspec.cli.app import main
main()
"""
"""An hour less at every look at the clock, which begins at the first argument."""


def train(folder: Path, start: str) -> subprocess.CompletedProcess[str]:
    """Train where the clock begins at so many seconds since 1970 and goes backwards."""
    pytest.importorskip(
        "tensorflow", reason='TensorFlow is missing, so nothing was trained: pip install "cnnspec[train]"'
    )
    (folder / "net.yaml").write_text(SPEC, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-c", BACKWARDS, start, "train", "net.yaml"],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=PATIENCE,
    )


@pytest.mark.keras
def test_seconds_are_never_negative(tmp_path: Path) -> None:
    """A clock that is put back does not count: how long something took is not told by it."""
    done = train(tmp_path, "1.8e9")
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "runs" / "tiny" / "1" / "summary.json").read_text(encoding="utf-8"))
    assert summary["epochs"] == 2
    assert summary["seconds"]["total"] >= summary["seconds"]["epochs"] > 0


@pytest.mark.keras
@pytest.mark.parametrize(("start", "year"), [("86400", 1970), ("5e9", 2128)], ids=["1970", "2128"])
def test_a_year_that_no_archive_has_is_told_before_an_epoch(start: str, year: int, tmp_path: Path) -> None:
    """Small machines wake up in 1970; Keras writes archives, whose dates begin in 1980."""
    done = train(tmp_path, start)
    assert done.returncode == 1
    assert done.stderr == (
        "error[E604]: `runs/tiny/1/last.keras` cannot be written\n"
        f"  = note: the clock of this machine is in the year {year}, and archives know those from 1980 to 2107\n"
        "  = help: set the clock\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["net.yaml"]
