"""Commands in a child process whose memory is limited; what would take hours meets the limit of time."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final, NamedTuple

from tests.forked import exit_code

ROOT: Final = Path(__file__).parents[2]
GIBIBYTE: Final = 1 << 30
INTERPRETER: Final = 128 << 20
"""What Python and the libraries of a command take in a process of their own."""
PATIENCE: Final = 120
"""Seconds: far more than any of the commands takes on a busy machine, far less than what they are kept from."""


class Done(NamedTuple):
    """How a command ended."""

    code: int
    stdout: str
    stderr: str


def run(*arguments: str | Path, memory: int = GIBIBYTE // 2, folder: Path = ROOT) -> Done:
    """Run a command of ours that may take so many bytes of memory, the interpreter's own among them.

    The process is a fork of this one, which has imported everything already: what it may take is counted from there.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        child = os.fork()
        if child == 0:
            limits = memory - INTERPRETER, folder, output.fileno(), errors.fileno()
            os._exit(exit_code([*map(str, arguments)], lambda: _limit(*limits)))
        status = _waited(child)
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read().decode())
    return Done(os.waitstatus_to_exitcode(status), *texts)


def _limit(memory: int, folder: Path, output: int, errors: int) -> None:
    """Limit the memory of this process, which says all in two files."""
    os.dup2(output, 1)
    os.dup2(errors, 2)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))
    os.chdir(folder)
    os.environ["PYTHONPATH"] = str(ROOT)
    limit = _address_space() + memory
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _address_space() -> int:
    """Return how many bytes this process has reserved."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()


def _waited(child: int) -> int:
    """Return how a process ended; one that takes too long is ended."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise TimeoutError


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
