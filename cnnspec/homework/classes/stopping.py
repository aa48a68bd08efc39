"""Ctrl-C and SIGTERM while a class is graded: the first ends the submission at hand, the second everything."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

SIGNALS: Final = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Wish:
    """Whether somebody wants us to stop."""

    heard = False

    def hear(self, number: int, _: FrameType | None) -> None:
        """Take a signal; a second one does not wait."""
        if self.heard:
            raise KeyboardInterrupt(number)
        self.heard = True


@contextmanager
def listening() -> Iterator[Wish]:
    """Yield the wish to stop, which signals tell while this lasts; what `nohup` ignores stays ignored."""
    wish = Wish()
    if threading.current_thread() is not threading.main_thread():
        yield wish
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, wish.hear)
    try:
        yield wish
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def leave_to_parent() -> None:
    """Ignore the signals in a worker, whose parent hears them too and ends it, and end with a parent that is killed."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait for the end of the parent, who cannot tell its workers where the system kills it, and end at once."""
    from multiprocessing import parent_process  # noqa: PLC0415 - there are workers, so it is imported already

    if parent := parent_process():
        parent.join()
        os._exit(1)
