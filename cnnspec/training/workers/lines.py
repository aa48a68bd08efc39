"""What workers say to each other before the first step and beside the training: JSON, a line for each message."""

from __future__ import annotations

import json
import selectors
import socket
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final, Self

from cnnspec.foreign_json import parsed
from cnnspec.training.workers.cluster import Address

MOST_BYTES: Final = 16_000_000
"""The longest message: the state of a training with a history of 50,000 epochs takes less."""
PATIENCE: Final = 30.0
"""Seconds in which the other end must take what it is sent."""
KEEP_ALIVE: Final = (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 4))
"""A machine that is off is noticed after half a minute."""
Message = Mapping[str, Any]


class GoneError(Exception):
    """The other end has gone, or says what is no message."""


class Line:
    """A connection to another worker."""

    def __init__(self, connection: socket.socket) -> None:
        """Take an open connection."""
        self._connection = connection
        self._arrived = b""
        self._is_gone = False
        self.unread: deque[bytes] = deque()
        connection.settimeout(PATIENCE)
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, value in KEEP_ALIVE:
                if hasattr(socket, name):
                    connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)

    @classmethod
    def to(cls, address: Address, seconds: float) -> Self:
        """Return a line to who listens at an address; raise OSError where nobody does."""
        return cls(socket.create_connection(address, timeout=seconds))

    def fileno(self) -> int:
        """Return what a selector knows it by."""
        return self._connection.fileno()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def send(self, message: Message) -> None:
        """Send a message; raise GoneError where nobody takes it."""
        try:
            self._connection.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            raise GoneError from None

    def tell(self, message: Message) -> None:
        """Send a message to who may have gone."""
        with suppress(GoneError):
            self.send(message)

    def read(self) -> Iterator[Message]:
        """Yield the messages that have arrived whole, once `ready` says that something has; raise GoneError at the end.

        Who stops reading before finds the rest the next time.
        """
        if not self.unread:
            self._receive()
        while self.unread:
            yield _parsed(self.unread.popleft())
        if self._is_gone:
            raise GoneError

    def _receive(self) -> None:
        try:
            arrived = self._connection.recv(1 << 16)
        except OSError:
            raise GoneError from None
        *whole, self._arrived = (self._arrived + arrived).split(b"\n")
        self.unread.extend(whole)
        self._is_gone = not arrived or len(self._arrived) > MOST_BYTES


def _parsed(line: bytes) -> Message:
    try:
        message = parsed(line)
    except (ValueError, RecursionError):
        raise GoneError from None
    if not isinstance(message, dict):
        raise GoneError
    return message


def ready(lines: Collection[Any], seconds: float) -> list[Any]:
    """Return the lines, or listening sockets, at which something has arrived, after so many seconds at most."""
    unread = [line for line in lines if isinstance(line, Line) and line.unread]
    if unread:
        return unread
    with selectors.DefaultSelector() as selector:
        for line in lines:
            selector.register(line, selectors.EVENT_READ)
        return [key.fileobj for key, _ in selector.select(seconds)]


def listen(address: Address) -> socket.socket:
    """Return a socket that listens at an address of this machine; raise OSError where it is taken.

    A name may stand for an address that only others know, as in Kubernetes: all of this machine's are listened at,
    unless the address is that of the machine for itself.
    """
    if address.is_local:
        host = "127.0.0.1" if address.host == "localhost" else address.host
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, address.port), family=family, backlog=1000)
    if socket.has_dualstack_ipv6():
        with suppress(OSError):
            return socket.create_server(("", address.port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=1000)
    return socket.create_server(("", address.port), backlog=1000)


def hold(address: Address) -> socket.socket:
    """Return a socket that keeps a port of this machine, and nobody is heard at; raise OSError where it is taken."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        held.bind((address.host if address.is_local else "", address.port))
    except OSError:
        held.close()
        raise
    return held
