"""What ends a training tidily: Ctrl-C, a request to terminate, and a terminal that is gone."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Final

import pytest

from cnnspec.training.fitting.interruption import ASKED, URGED, Interruption

HANGUP: Final = getattr(signal, "SIGHUP", None)
pytestmark = pytest.mark.skipif(HANGUP is None, reason="the system has no signal for a terminal that is gone")


@pytest.fixture(autouse=True)
def default() -> Iterator[None]:
    """Let a terminal that is gone end the tests, as it ends a program, and restore what was."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize(("name", "wishes"), [("SIGINT", ASKED), ("SIGTERM", URGED), ("SIGHUP", URGED)], ids=str)
def test_signals_are_wishes(name: str, wishes: int) -> None:
    """Ctrl-C lets the epoch end; the others do not. The user is told, and handlers are put back."""
    number, notes = getattr(signal, name), []
    before = signal.getsignal(number)
    with Interruption(notes.append) as interruption:
        os.kill(os.getpid(), number)
        assert interruption.wishes == wishes
    assert signal.getsignal(number) == before
    assert [note.partition(";")[0] for note in notes] == [
        "stopping after this epoch" if wishes == ASKED else "stopping at once"
    ]


def test_a_terminal_that_is_gone_cannot_be_told() -> None:
    """The note fails as writing to it does, and the wish is heard."""

    def gone(_: str) -> None:
        raise OSError(5, "Input/output error")

    with Interruption(gone) as interruption:
        os.kill(os.getpid(), signal.SIGHUP)
        assert interruption.urged


def test_what_was_to_be_ignored_stays_ignored() -> None:
    """As `nohup` has it."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with Interruption(print) as interruption:
        os.kill(os.getpid(), signal.SIGHUP)
        assert interruption.wishes == 0
