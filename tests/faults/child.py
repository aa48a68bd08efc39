"""A command of ours in a forked process, which is killed at a moment: after some seconds, or at its n-th file."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from mmap import mmap
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.forked import exit_code

EVENTS: Final = frozenset(
    ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.truncate")
)
"""What the interpreter tells of a file that is opened for writing, named, renamed or removed."""
WRITING: Final = os.O_WRONLY | os.O_RDWR
PATIENCE: Final = 600


class Moment(NamedTuple):
    """When a command is killed: after some seconds, or before so many things that it does to files."""

    seconds: float | None = None
    event: int | None = None

    def __str__(self) -> str:
        """Return it as a line of the report has it."""
        return f"at {self.seconds:.3f} s" if self.seconds is not None else f"before its file event {self.event}"


class Ended(NamedTuple):
    """How a command ended: its exit code or minus the signal, what it said, how long it took, and its file events."""

    process: int
    code: int
    text: str
    seconds: float
    events: int


def run(words: Sequence[str], folder: Path, moment: Moment | None = None, log: Path = Path("/dev/null")) -> Ended:
    """Run a command in a folder, and kill it at a moment, if there is one."""
    moment, count = moment or Moment(), mmap(-1, 8)
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        os._exit(exit_code(words, lambda: _prepare(folder, log, count, moment.event)))
    status = _waited(child, begun + (moment.seconds if moment.seconds is not None else PATIENCE))
    seconds = time.monotonic() - begun
    if status is None:
        os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
        if moment.seconds is None:
            raise TimeoutError(" ".join(words))
    text = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    return Ended(child, os.waitstatus_to_exitcode(status), text, seconds, int.from_bytes(count[:8], "little"))


def _prepare(folder: Path, log: Path, count: mmap, last: int | None) -> None:
    """Make this process the first of a session of its own, which says all in a file and is killed at an event."""
    os.setsid()
    os.chdir(folder)
    number = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(number, 1)
    os.dup2(number, 2)
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(number, mode, encoding="utf-8", closefd=False) for number, mode in ((0, "r"), (1, "w"), (2, "w"))
    )
    _count_events(count, last)


def _count_events(count: mmap, last: int | None) -> None:
    """Count what this process does to files, and kill it before one of them."""
    mine = os.getpid()

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in EVENTS or os.getpid() != mine or (event == "open" and not _is_writing(arguments)):
            return
        done = int.from_bytes(count[:8], "little") + 1
        count[:8] = done.to_bytes(8, "little")
        if done == last:
            os.kill(mine, signal.SIGKILL)

    sys.addaudithook(hear)


def _is_writing(arguments: tuple[Any, ...]) -> bool:
    flags = arguments[2] if len(arguments) > 2 else 0
    return isinstance(flags, int) and bool(flags & WRITING)


def _waited(child: int, end: float) -> int | None:
    """Return the status of a process, None where it still runs at the end."""
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        if time.monotonic() >= end:
            return None
        time.sleep(min(0.002, max(0.0, end - time.monotonic())))


def left_in_session(leader: int) -> list[int]:
    """Return the processes that are still in the session of one that has ended."""
    return [number for number, session in _sessions() if session == leader]


def _sessions() -> list[tuple[int, int]]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            rest = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if rest[0] != "Z":
            found.append((int(path.parent.name), int(rest[3])))
    return found
