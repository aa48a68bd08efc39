"""Workers on this machine: processes that the chief starts, which end when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import cnnspec
from cnnspec.errors import CnnspecError
from cnnspec.training.workers.cluster import Cluster
from cnnspec.training.workers.surroundings import LAUNCHED, describe_worker

END: Final = 15.0
"""Seconds in which a worker ends that has done its part."""


class Launched:
    """The workers that a chief has started: the same command, which knows by a variable that it is another worker."""

    def __init__(self, cluster: Cluster) -> None:
        """Start them."""
        places = (str(Path(cnnspec.__file__).parents[1]), os.environ.get("PYTHONPATH", ""))
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, places))}
        command = [sys.executable, "-P", "-m", "cnnspec", *sys.argv[1:]]
        self._processes = {
            index: subprocess.Popen(  # noqa: S603 - our own command line, once more
                command,
                env={**environment, LAUNCHED: describe_worker(cluster, index)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
            for index in range(1, cluster.size)
        }

    def demand_running(self) -> None:
        """Raise CnnspecError where a worker has ended."""
        for index, process in self._processes.items():
            code = process.poll()
            if code is not None:
                how = f"by {_signal(-code)}" if code < 0 else f"with exit code {code}"
                raise CnnspecError.one("E532", f"worker {index} has ended {how} before the training began")

    def end(self, *, at_once: bool) -> None:
        """Wait until all have ended, for a short time; then end them."""
        for process in self._processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(0 if at_once else END)
            process.kill()
        for process in self._processes.values():
            process.wait()


def leave_interrupts_to_chief() -> None:
    """Ignore Ctrl-C, which reaches all processes on a terminal: the chief hears it for all that it has started."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
