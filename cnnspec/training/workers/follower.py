"""A worker that is not the first: it finds the chief, trains what the chief trains, and writes nothing."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Any, Final

from cnnspec.errors import CnnspecError
from cnnspec.training.workers.agreement import Facts, packed
from cnnspec.training.workers.chief import open_port
from cnnspec.training.workers.cluster import Cluster, read_address
from cnnspec.training.workers.crew import END, Crew, Loss, Note, Report, ended
from cnnspec.training.workers.lines import GoneError, Line, hold, ready

PAUSE: Final = 0.3
ATTEMPT: Final = 5.0
NOTES: Final = 30.0
CHIEF: Final = 0


class Follower(Crew):
    """A worker that does as the chief does."""

    def __init__(self, cluster: Cluster, seconds: float, note: Note, report: Report) -> None:
        """Keep this worker's port; raise CnnspecError where it is taken. The chief may take so many seconds."""
        super().__init__(cluster, seconds, note, report)
        self._is_left = False
        self._port: socket.socket = open_port(hold, cluster.addresses[cluster.index])

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if isinstance(error, CnnspecError) and CHIEF not in self.lines:
            self._excuse(error)
        super().__exit__(kind, error, at)
        self._port.close()

    def _excuse(self, error: CnnspecError) -> None:
        """Tell the chief why this worker does not come, if it is there."""
        with suppress(OSError):
            line = Line.to(self.cluster.chief, PAUSE)
            line.tell({"worker": self.cluster.index, "token": self.cluster.token, END: packed(error.diagnostics)})
            line.close()

    def free_port(self) -> None:
        """Leave the port to TensorFlow."""
        self._port.close()

    @property
    def is_heard(self) -> bool:
        """Whether what this worker has to say is said by nobody else, such as the chief that has started it."""
        return not self.cluster.launched or (self._is_left and self.cluster.index == 1)

    def join(self, facts: Facts) -> Mapping[str, Any] | None:
        """Say what this worker would train; return the settings of the chief, None where there is nothing to do.

        Raises CnnspecError where the chief refuses.
        """
        line = self.lines[CHIEF] = self._call()
        port = self._port.getsockname()[1]
        line.tell({"worker": self.cluster.index, "token": self.cluster.token, "facts": facts, "port": port})
        settings: Mapping[str, Any] | None = self._answer("settings")
        return settings

    def begin(self, data: Facts) -> Mapping[str, Any] | None:
        """Say which data this worker has; return the state from which all begin, once all are there."""
        self.lines[CHIEF].tell({"data": data})
        try:
            go = self._answer("go")
            addresses = tuple(map(read_address, go["addresses"]))
        except (ValueError, TypeError, LookupError, AttributeError):
            raise self._without_chief() from None
        self.cluster = replace(self.cluster, addresses=addresses)
        self.watch()
        state: Mapping[str, Any] | None = go.get("state")
        return state

    def wait_for_end(self) -> None:
        """Wait until the chief has tested and written; raise CnnspecError where it is gone or has failed."""
        self.rest()
        if self.lost:
            raise self.gone("")
        if CHIEF not in self._left:
            self._answer(END)

    def _call(self) -> Line:
        begin = said = time.monotonic()
        while True:
            try:
                return Line.to(self.cluster.chief, ATTEMPT)
            except OSError as error:
                fault = error
            now = time.monotonic()
            if now - begin > self.seconds:
                fact = (fault.strerror or type(fault).__name__).lower()
                message = f"{self.cluster.name(CHIEF)} does not answer, for {self.seconds:g} s"
                raise CnnspecError.one("E532", message, notes=(fact,), help="`--wait SECONDS` waits longer")
            if now - said > NOTES:
                said = now
                self._note(f"waiting for {self.cluster.name(CHIEF)}")
            time.sleep(PAUSE)

    def _answer(self, name: str) -> Any:
        """Return what the chief says under a name, None where it has nothing to do."""
        line = self.lines[CHIEF]
        with suppress(GoneError):
            while True:
                for _ in ready([line], 60):
                    for message in line.read():
                        if message.get(END):
                            raise ended(message, self.cluster.name(CHIEF))
                        if END in message or name in message:
                            return message.get(name)
        raise self._without_chief()

    def _without_chief(self) -> CnnspecError:
        self.lost = Loss(CHIEF, "")
        return self.gone("")

    def gone(self, said: str) -> CnnspecError:
        """Return the error about a worker that is gone; where it is the chief, nobody else may be left to say so."""
        self._is_left = self.lost == Loss(CHIEF, "")
        return super().gone(said)
