"""Commands in a child process whose memory is limited; what would take hours meets the limit of time."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[2]
GIBIBYTE: Final = 1 << 30
PATIENCE: Final = 120
"""Seconds: far more than any of the commands takes on a busy machine, far less than what they are kept from."""


class Done(NamedTuple):
    """How a command ended."""

    code: int
    stdout: str
    stderr: str


def run(*arguments: str | Path, memory: int = GIBIBYTE // 2, folder: Path = ROOT) -> Done:
    """Run a command of ours with an address space of at most so many bytes."""
    return python("-m", "cnnspec", *arguments, memory=memory, folder=folder)


def python(*arguments: str | Path, memory: int = GIBIBYTE // 2, folder: Path = ROOT) -> Done:
    """Run Python with an address space of at most so many bytes; libraries reserve no memory for threads."""
    settings = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        check=False,
        capture_output=True,
        cwd=folder,
        env={**os.environ, **settings, "PYTHONPATH": str(ROOT)},
        timeout=PATIENCE,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (memory, memory)),
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())
