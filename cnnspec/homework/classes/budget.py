"""What one hand-in may cost: time and memory, so that none of them stops the class."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final, NamedTuple, NoReturn

MEBIBYTE: Final = 1 << 20


class Budget(NamedTuple):
    """The seconds that one hand-in may take, and the bytes of memory beyond what the program has already."""

    seconds: float = 10.0
    memory: int = 512 * MEBIBYTE


STANDARD: Final = Budget()


class ExceededError(Exception):
    """A hand-in took more than its budget; the text finishes the sentence 'it ...'."""


class _OverrunError(BaseException):
    """The time is up: no reader of broken files takes this for one of its own errors."""


@contextmanager
def within(budget: Budget) -> Iterator[None]:
    """Raise ExceededError where what is done here takes longer, or more memory, than the budget allows.

    Time is watched in the main thread alone, and where the system has timers; memory where it tells what is taken.
    """
    try:
        with _timed(budget.seconds), _bounded(budget.memory):
            yield
    except _OverrunError:
        raise ExceededError(f"it took longer than {budget.seconds:g} s") from None
    except MemoryError:
        raise ExceededError(f"it took more than {budget.memory // MEBIBYTE:,} MiB of memory") from None


@contextmanager
def _timed(seconds: float) -> Iterator[None]:
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _interrupt)
    # Again every second: what is raised while Python cleans up is lost.
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _interrupt(_: int, __: FrameType | None) -> NoReturn:
    raise _OverrunError


@contextmanager
def _bounded(memory: int) -> Iterator[None]:
    taken = _address_space()
    if taken is None:
        yield
        return
    import resource  # noqa: PLC0415 - not on Windows, where the line above has returned

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = min(limit for limit in (taken + memory, soft, hard) if limit != resource.RLIM_INFINITY)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _address_space() -> int | None:
    """Return the bytes of address space that the process has, None where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return None
    import resource  # noqa: PLC0415 - a system with /proc has it

    return pages * resource.getpagesize()
