"""The checks on a GPU are a script of their own, which finds that there is none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "gpu.py"


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
def test_without_a_gpu_nothing_is_checked() -> None:
    """It says so and is content."""
    hidden = os.environ | {"CUDA_VISIBLE_DEVICES": "-1"}
    done = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, env=hidden, check=False)
    assert (done.returncode, done.stdout) == (0, "no GPU: TensorFlow sees none here, so nothing was checked\n")
