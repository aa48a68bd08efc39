"""Ctrl-C while training: the first one ends the epoch, the second one the step, the third one everything.

Workers that train together stop together: what one of them has heard counts once all have agreed.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, Final, Self

ASKED: Final = 1
URGED: Final = 2
LEAVE: Final = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""The system asks to terminate, and the terminal is gone; Windows has no word for the second."""


class Interruption:
    """Counts the wishes to stop while it is entered; to have to leave counts as urgent.

    What was to be ignored when we began, as `nohup` wants it of a terminal that goes, stays ignored.
    """

    def __init__(self, note: Callable[[str], None]) -> None:
        """Take what tells the user that the wish was heard."""
        self.heard = 0
        self.agree: Callable[[int], int] | None = None
        self._agreed = 0
        self._note = note
        self._before: dict[int, Any] = {}

    @property
    def wishes(self) -> int:
        """How urgent it is: what this process has heard, or what its workers have agreed on last."""
        return self.heard if self.agree is None else self._agreed

    def settle(self) -> None:
        """Agree with the other workers, if there are any, on how urgent it is by now."""
        if self.agree is not None:
            before, self._agreed = self._agreed, self.agree(self.heard)
            if self._agreed > max(before, self.heard):
                self._tell(self._agreed)

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
            heard = [number for number in LEAVE if signal.getsignal(number) is not signal.SIG_IGN]
            for number in (signal.SIGINT, *heard):
                self._before[number] = signal.signal(number, self._hear)
        return self

    def listen_again(self) -> None:
        """Hear signals where a library has put a handler of its own in our place, as TensorFlow does for SIGTERM."""
        for number in self._before:
            signal.signal(number, self._hear)

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _hear(self, number: int, _: FrameType | None) -> None:
        self.heard = URGED if number in LEAVE else self.heard + 1
        if self.heard > URGED:
            raise KeyboardInterrupt
        self._tell(self.heard)

    def _tell(self, wishes: int) -> None:
        with suppress(OSError):  # the terminal may be what is gone
            self._note(
                "stopping after this epoch; Ctrl-C again stops at once and loses it"
                if wishes == ASKED
                else "stopping at once"
            )
