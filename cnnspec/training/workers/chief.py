"""The first worker: the others come to it, it compares what each would train, and tells all of them to begin."""

from __future__ import annotations

import hmac
import os
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Final, NamedTuple

from cnnspec.errors import CnnspecError
from cnnspec.training.workers.agreement import Facts, demand_alike
from cnnspec.training.workers.cluster import Address, Cluster
from cnnspec.training.workers.crew import END, Crew, Note, Report, ended
from cnnspec.training.workers.launching import Launched
from cnnspec.training.workers.lines import GoneError, Line, Message, hold, listen, ready

FIRST_NOTE: Final = 5.0
LATE: Final = 3.0
NOTES: Final = 30.0
"""Seconds after which it is said again who is missing."""
MOST_STRANGERS: Final = 100
"""Connections that have not said yet who they are."""


class Terms(NamedTuple):
    """What the chief trains: what must be alike, its settings as they were decided, its data, and where it begins."""

    facts: Facts
    settings: Mapping[str, Any]
    data: Facts
    state: Mapping[str, Any] | None


class Chief(Crew):
    """The worker that writes the run folder."""

    def __init__(self, cluster: Cluster, seconds: float, note: Note, report: Report) -> None:
        """Listen where the workers meet; raise CnnspecError where the port is taken. They may take so many seconds."""
        super().__init__(cluster, seconds, note, report)
        self._port: socket.socket = open_port(listen, cluster.chief)
        self._strangers: list[Line] = []
        self._reading: set[int] = set()
        self._has_gathered = False
        self._launched: Launched | None = None
        if cluster.launched:
            chief = Address(cluster.chief.host, self._port.getsockname()[1])
            token = os.urandom(16).hex()
            self.cluster = replace(cluster, addresses=(chief, *cluster.addresses[1:]), token=token)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if isinstance(error, CnnspecError) and not self.cluster.launched and not self._has_gathered:
            self._await_callers()
        super().__exit__(kind, error, at)
        self._port.close()
        if self._launched:
            self._launched.end(at_once=error is not None)

    def everybody(self) -> list[Line]:
        """Return the lines to all that are to be told when this worker leaves: also to those that have just called."""
        self._strangers.extend(self._waiting())
        return [*self.lines.values(), *self._strangers]

    def _await_callers(self) -> None:
        """Let those that are about to call hear why the training does not begin, instead of waiting for it."""
        end = time.monotonic() + LATE
        while time.monotonic() < end and len(self.everybody()) < self.cluster.size - 1:
            time.sleep(0.1)

    def abandon(self) -> None:
        """End the workers that this process has started."""
        if self._launched:
            self._launched.end(at_once=True)

    def free_port(self) -> None:
        """Leave the port to TensorFlow."""
        self._port.close()

    def gather(self, terms: Terms) -> None:
        """Wait for all workers, compare, and begin; raise CnnspecError where one does not come or would not agree."""
        self._has_gathered = True
        if self.cluster.launched:
            self._launched = Launched(self.cluster)
        since, said = time.monotonic(), time.monotonic() + FIRST_NOTE - NOTES
        missing: set[int] = {*range(1, self.cluster.size)}
        while missing or self._reading:
            before = len(missing) + len(self._reading)
            for one in ready([self._port, *self._strangers, *self.lines.values()], 0.2):
                self._attend(one, terms)
            missing = {*range(1, self.cluster.size)} - self.lines.keys()
            if self._launched:
                self._launched.demand_running()
            now = time.monotonic()
            if len(missing) + len(self._reading) < before:
                since = now
            if now - since > self.seconds:
                raise self._absent(missing or self._reading)
            if now - said > NOTES:
                said = now
                self._note(self._waiting_for(missing))
        self._begin(terms)

    def _attend(self, one: Any, terms: Terms) -> None:
        if one is self._port:
            self._strangers.extend(self._waiting())
            for stranger in self._strangers[:-MOST_STRANGERS]:
                stranger.close()
            del self._strangers[:-MOST_STRANGERS]
            return
        index = next((index for index, line in self.lines.items() if line is one), None)
        try:
            for message in one.read():
                if index is None:
                    index = self._greet(one, message, terms)
                else:
                    self._compare(index, message, terms)
        except GoneError:
            one.close()
            if index is None:
                self._strangers.remove(one)
            else:
                del self.lines[index]
                self._reading.discard(index)

    def _waiting(self) -> Iterator[Line]:
        """Yield those that have called and were not heard yet."""
        while True:
            try:
                self._port.setblocking(False)
                connection, _ = self._port.accept()
            except OSError:
                return
            yield Line(connection)

    def _greet(self, line: Line, message: Message, terms: Terms) -> int:
        """Take a worker in that says who it is; raise GoneError for anybody else."""
        index, token, facts = (message.get(name) for name in ("worker", "token", "facts"))
        if not isinstance(index, int) or not 0 < index < self.cluster.size:
            raise GoneError
        if not hmac.compare_digest(str(token).encode("utf-8", "replace"), self.cluster.token.encode()):
            raise GoneError
        if END in message:
            raise ended(message, self.cluster.name(index))
        if index in self.lines:
            raise CnnspecError.one("E531", f"two processes say that they are {self.cluster.name(index)}")
        self._strangers.remove(line)
        self.lines[index] = line
        self._reading.add(index)
        demand_alike(self.cluster.name(index), facts, terms.facts)
        if self.cluster.launched:
            port = message.get("port")
            addresses = list(self.cluster.addresses)
            addresses[index] = Address(self.cluster.chief.host, port if isinstance(port, int) else 0)
            self.cluster = replace(self.cluster, addresses=tuple(addresses))
        line.send({"settings": terms.settings})
        return index

    def _compare(self, index: int, message: Message, terms: Terms) -> None:
        who = self.cluster.name(index)
        if END in message:
            raise ended(message, who)
        demand_alike(who, message.get("data"), terms.data)
        self._reading.discard(index)

    def _begin(self, terms: Terms) -> None:
        self._port.close()
        self._port = open_port(hold, self.cluster.chief)
        addresses = [str(address) for address in self.cluster.addresses]
        for line in self.lines.values():
            line.tell({"go": {"addresses": addresses, "state": terms.state}})
        self.watch()

    def _waiting_for(self, missing: set[int]) -> str:
        who = missing or self._reading
        names = ", ".join(map(self.cluster.name, sorted(who)[:20])) + (", …" if len(who) > 20 else "")
        doing = "" if missing else " to read the data"
        return f"waiting for {len(who)} of {self.cluster.size} workers{doing}: {names}"

    def _absent(self, who: set[int]) -> CnnspecError:
        names = ", ".join(map(self.cluster.name, sorted(who)[:20]))
        message = f"{len(who)} of {self.cluster.size} workers did not come within {self.seconds:g} s: {names}"
        if who == self._reading:
            message = f"{names} did not read the data within {self.seconds:g} s"
        facts = () if self.cluster.launched else ("each must be started with the same command, and reach the chief",)
        return CnnspecError.one("E532", message, notes=facts, help="`--wait SECONDS` waits longer")


def open_port(how: Any, address: Address) -> socket.socket:
    """Return a socket at a port of this machine; raise CnnspecError where it cannot be had."""
    try:
        port: socket.socket = how(address)
    except OSError as error:
        fact = os.strerror(error.errno).lower() if error.errno else type(error).__name__
        step = "take another port, or end the process that has it"
        raise CnnspecError.one("E535", f"{address} cannot be used on this machine", notes=(fact,), help=step) from None
    return port
