"""Ctrl-C while training: the first one ends the epoch, the second one the step, the third one everything."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Final, Self

ASKED: Final = 1
URGED: Final = 2


class Interruption:
    """Counts the wishes to stop while it is entered; a request of the system to terminate counts as urgent."""

    def __init__(self, note: Callable[[str], None]) -> None:
        """Take what tells the user that the wish was heard."""
        self.wishes = 0
        self._note = note
        self._before: dict[int, Any] = {}

    @property
    def asked(self) -> bool:
        """Whether no new epoch should begin."""
        return self.wishes >= ASKED

    @property
    def urged(self) -> bool:
        """Whether the epoch should not be finished either."""
        return self.wishes >= URGED

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _hear(self, number: int, _: FrameType | None) -> None:
        self.wishes = URGED if number == signal.SIGTERM else self.wishes + 1
        if self.wishes > URGED:
            raise KeyboardInterrupt
        self._note(
            "stopping after this epoch; Ctrl-C again stops at once and loses it"
            if self.wishes == ASKED
            else "stopping at once"
        )
