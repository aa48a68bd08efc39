"""This process among the workers of its training: who is gone is noticed, said once, and nobody waits for ever."""

from __future__ import annotations

import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

from cnnspec.errors import CnnspecError, shorten
from cnnspec.training.runs.folders import is_file
from cnnspec.training.workers.agreement import packed, unpacked
from cnnspec.training.workers.cluster import Cluster
from cnnspec.training.workers.lines import GoneError, Line, Message, ready
from cnnspec.training.workers.sentinel import ending_after

SOON: Final = 10.0
"""Seconds in which it is known who is gone, once a step has failed."""
GRACE: Final = 30.0
"""Seconds after which a process ends whose step does not fail though another worker is gone."""
LAST: Final = "last.keras"
JOINING: Final = 45.0
END: Final = "end"
READY: Final = "ready"
LOST: Final = "lost"
NO_NEWS: Final = ("[[", "The error could be from a previous operation")
_SILENT: Final = re.compile(r"unhealthy[^\n]*\n/job:worker/replica:0/task:(\d{1,5})\b")
Note = Callable[[str], None]
Report = Callable[[CnnspecError], None]


class Loss(NamedTuple):
    """Which worker is gone, and what it said last."""

    worker: int
    why: str


class Crew:
    """What the chief and those that follow it have in common."""

    def __init__(self, cluster: Cluster, seconds: float, note: Note, report: Report) -> None:
        """Take who tells the user what happens, and what has gone wrong where nobody else can."""
        self.cluster = cluster
        self.seconds = seconds
        self.lines: dict[int, Line] = {}
        self.lost: Loss | None = None
        self.folder: Path | None = None
        self._note = note
        self._report = report
        self._left: set[int] = set()
        self._over = threading.Event()
        self._known = threading.Event()
        self._watching: threading.Thread | None = None
        self._ready: set[int] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        self.rest()
        faults = packed(error.diagnostics) if isinstance(error, CnnspecError) else []
        if error is not None and not faults:
            faults = [{"code": "E534", "message": f"it ended by {type(error).__name__}", "notes": [], "help": ""}]
        for line in self.everybody():
            line.tell({END: faults})
            line.close()

    def everybody(self) -> list[Line]:
        """Return the lines to all that are to be told when this worker leaves."""
        return [*self.lines.values()]

    @property
    def is_chief(self) -> bool:
        """Whether this process writes the run folder."""
        return self.cluster.index == 0

    def free_port(self) -> None:
        """Leave this worker's port to TensorFlow."""

    def watch(self) -> None:
        """Notice from now on who goes without a word."""
        self._watching = threading.Thread(target=self._watch, name="cnnspec workers", daemon=True)
        self._watching.start()

    def rest(self) -> None:
        """All steps are taken: who goes from now on has a right to."""
        self._over.set()
        if self._watching:
            self._watching.join()

    def assemble(self) -> None:
        """Wait until all workers have started TensorFlow; raise CnnspecError where one is gone or takes too long."""
        end = time.monotonic() + self.seconds
        if not self.is_chief:
            self._tell_all({READY: True})
        while len(self._ready) < len(self.lines):
            if self.lost is not None:
                raise self.gone("")
            if time.monotonic() > end:
                names = ", ".join(self.cluster.name(index) for index in self.lines if index not in self._ready)
                message = f"{names} did not start TensorFlow within {self.seconds:g} s"
                raise CnnspecError.one("E532", message, help="`--wait SECONDS` waits longer")
            time.sleep(0.02)
        if self.is_chief:
            self._tell_all({READY: True})

    def joining(self) -> AbstractContextManager[None]:
        """Return the limit in which TensorFlow must connect workers that have all started it."""
        message = f"TensorFlow did not connect the workers within {JOINING:g} s"
        note = "one of them has ended since, or a port of one cannot be reached from another"
        step = "each worker must reach the ports of all others"
        error = CnnspecError.one("E532", message, notes=(note,), help=step)
        return ending_after(JOINING, f"{error}\n" if self.is_heard else "")

    @property
    def is_heard(self) -> bool:
        """Whether what this worker has to say is said by nobody else."""
        return True

    def _tell_all(self, message: Message) -> None:
        for line in self.lines.values():
            line.tell(message)

    def _watch(self) -> None:
        while not self._over.is_set():
            there = {line: index for index, line in self.lines.items() if index not in self._left}
            if not there:
                return
            for line in ready(there, 0.2):
                self._hear(there[line], line)

    def _hear(self, index: int, line: Line) -> None:
        try:
            for message in line.read():
                self._understand(index, message)
        except GoneError:
            if index not in self._left:
                self._left.add(index)
                self._lose(Loss(index, ""))

    def _understand(self, index: int, message: Message) -> None:
        if READY in message:
            self._ready.add(index)
        elif END in message:
            self._left.add(index)
            faults = unpacked(message[END])
            if faults:
                self._lose(Loss(index, faults[0].message))
        elif isinstance(message.get(LOST), list) and len(message[LOST]) == 2:
            lost, why = message[LOST]
            if isinstance(lost, int) and 0 <= lost < self.cluster.size:
                self._lose(Loss(lost, shorten(why, 400)))

    def _lose(self, loss: Loss) -> None:
        if self.lost is not None or self._over.is_set():
            return
        self.lost = loss
        self._known.set()
        for index, line in self.lines.items():
            if index not in self._left:
                line.tell({LOST: list(loss)})
        threading.Thread(target=self._give_up, name="cnnspec end", daemon=True).start()

    def _give_up(self) -> None:
        """End this process, whatever it waits for."""
        if not self._over.wait(GRACE):
            self._report(self.gone(""))
            self.abandon()
            for stream in (sys.stdout, sys.stderr):
                with suppress(OSError, ValueError, AttributeError):
                    stream.flush()
            os._exit(1)

    def abandon(self) -> None:
        """End what this process has started."""

    @contextmanager
    def stepping(self) -> Iterator[None]:
        """Turn what TensorFlow says of a worker that is gone into an error of ours that names it."""
        import tensorflow as tf

        errors = tf.errors
        try:
            yield
        except errors.OpError as error:
            kinds = (errors.UnavailableError, errors.AbortedError, errors.InternalError, errors.CancelledError)
            is_known = self._known.wait(SOON)
            if not is_known and not isinstance(error, (*kinds, errors.DeadlineExceededError, errors.UnknownError)):
                raise
            raise self.gone(str(error.message)) from None

    def gone(self, said: str) -> CnnspecError:
        """Return the error about a worker that is gone, or does not answer; `said` is TensorFlow's word for it."""
        if self.lost is None:
            silent = _SILENT.search(said)
            index = int(silent[1]) if silent else self.cluster.size
            who = self.cluster.name(index) if index < self.cluster.size else "another worker"
            message, note = f"{who} does not answer, and the training cannot go on without it", _last_line(said)
        else:
            message = f"{self.cluster.name(self.lost.worker)} is gone, and the training cannot go on without it"
            note = f"its last word: {self.lost.why}" if self.lost.why else ""
        step = "the same command with `--resume auto` goes on, with any number of workers"
        if self.folder and is_file(self.folder / LAST):
            step = f"`cnnspec train {shorten(self.folder, 200)} --resume` goes on, with any number of workers"
        return CnnspecError.one("E534", message, notes=(shorten(note, 200),) if note else (), help=step)


def _last_line(text: str) -> str:
    """Return what TensorFlow says at the end, but for what it says at every end."""
    lines = [line.strip() for line in text.splitlines()]
    return next((line for line in reversed(lines) if line and not line.startswith(NO_NEWS)), "")


def ended(message: Message, who: str) -> CnnspecError:
    """Return the error of another worker that has ended the training before it began."""
    found = unpacked(message.get(END), f"this was said by {who}")
    return CnnspecError(found) if found else CnnspecError.one("E534", f"{who} has left before the training began")
