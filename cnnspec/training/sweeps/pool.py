"""A local pool: every training is a process of its own, a few at a time, and no two processes train the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO, Any, Final, NamedTuple

import cnnspec
from cnnspec.files import unwritable
from cnnspec.training.sweeps.checks import Looked, is_finished

LOG: Final = "log.txt"
PAUSE: Final = 0.1
"""Seconds between two looks at the processes."""
SIGNALS: Final = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Ended(NamedTuple):
    """A training that is over: its exit code, and the seconds that it took."""

    looked: Looked
    code: int
    seconds: float


class Task(NamedTuple):
    """A training that runs: its process, its lock, and when it began."""

    looked: Looked
    process: subprocess.Popen[bytes]
    lock: IO[bytes]
    began: float


class Pool:
    """Runs trainings; Ctrl-C lets each end its epoch, and begins no other."""

    def __init__(self, jobs: int, note: Callable[[str], None]) -> None:
        """Take how many run at once, and who is told what else is worth knowing."""
        self.jobs = jobs
        self.stopped = False
        self._note = note
        self._running: list[Task] = []

    def run(self, left: Sequence[Looked]) -> Iterator[Ended]:
        """Yield each training as it ends; where another process trains one, wait for it."""
        waiting, told = deque(left), set[str]()
        with self.heeding_signals():
            while self._running or (waiting and not self.stopped):
                yield from self._ended()
                for _ in range(len(waiting)):
                    if self.stopped or len(self._running) >= self.jobs:
                        break
                    yield from self._begin(waiting.popleft(), waiting, told)
                time.sleep(PAUSE)

    def _begin(self, looked: Looked, waiting: deque[Looked], told: set[str]) -> Iterator[Ended]:
        """Begin a training, or put it off while another process holds it."""
        trial = looked.trial
        lock = _locked(trial.folder)
        if lock is None:
            if trial.label not in told:
                told.add(trial.label)
                self._note(f"waiting for {trial.label}: another process trains it")
            waiting.append(looked)
        elif trial.label in told and is_finished(trial, looked.graph):
            lock.close()
            yield Ended(looked, 0, 0.0)
        else:
            with (trial.folder / LOG).open("ab") as log:
                process = _process(trial.command, log, lock)
            self._running.append(Task(looked, process, lock, time.monotonic()))

    def _ended(self) -> Iterator[Ended]:
        for task in [task for task in self._running if task.process.poll() is not None]:
            self._running.remove(task)
            task.lock.close()
            yield Ended(task.looked, task.process.returncode, time.monotonic() - task.began)

    @contextmanager
    def heeding_signals(self) -> Iterator[None]:
        """Pass on what is to end us: the trainings are in sessions of their own, where a terminal does not reach.

        What was to be ignored when we began, as `nohup` wants it, stays ignored.
        """

        def heed(number: int, _: FrameType | None) -> None:
            self.stopped = True
            for task in self._running:
                with suppress(OSError):
                    task.process.send_signal(signal.SIGINT if number == signal.SIGINT else signal.SIGTERM)

        heard = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        before = {number: signal.signal(number, heed) for number in heard}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _process(words: Sequence[str], log: IO[bytes], lock: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a training, which holds the lock as long as it lives, whatever becomes of us."""
    places = (str(Path(cnnspec.__file__).parents[1]), os.environ.get("PYTHONPATH", ""))
    posix: dict[str, Any] = {"pass_fds": (lock.fileno(),), "start_new_session": True} if os.name == "posix" else {}
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-P", "-m", "cnnspec", *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, places))},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        **posix,
    )


def _locked(folder: Path) -> IO[bytes] | None:
    """Return what keeps other sweeps from a training, None where one has it."""
    path = folder / ".lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        file = os.fdopen(os.open(path, flags, 0o644), "rb")
    except OSError as error:
        raise unwritable(path, error) from None
    try:
        import fcntl
    except ImportError:
        return file
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
