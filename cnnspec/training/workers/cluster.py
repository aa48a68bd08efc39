"""The workers of a training: their addresses, and which of them this process is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from cnnspec.errors import CnnspecError, printable
from cnnspec.training.workers.shares import Share

MOST_WORKERS: Final = 10_000


class Address(NamedTuple):
    """A host and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return printable(f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}")

    @property
    def is_local(self) -> bool:
        """Whether it can only be reached from this machine."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")


@dataclass(frozen=True, slots=True)
class Cluster:
    """The processes of one training. The first is the chief: it alone writes the run folder, and the others follow it.

    `launched` are those that the chief starts on its own machine; but for its own, it learns their addresses from
    them, and they prove that they are its own by a `token`.
    """

    addresses: tuple[Address, ...]
    index: int
    launched: bool = False
    token: str = ""

    @property
    def size(self) -> int:
        """How many workers there are."""
        return len(self.addresses)

    @property
    def share(self) -> Share:
        """What this process computes."""
        return Share(self.index, self.size)

    @property
    def chief(self) -> Address:
        """Where the workers meet."""
        return self.addresses[0]

    def name(self, index: int) -> str:
        """Return how a worker is called in messages."""
        called = "the chief" if index == 0 else f"worker {index}"
        return called if self.launched else f"{called} ({self.addresses[index]})"


def read_address(text: str) -> Address:
    """Return the address that `host:port` says; raise ValueError where it is none.

    >>> read_address("node-1:2222")
    Address(host='node-1', port=2222)
    """
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    plain = host.isascii() and all(sign.isalnum() or sign in "-._:%" for sign in host)
    if not (colon and host and plain and len(host) < 256 and port.isascii() and port.isdigit() and len(port) < 6):
        raise ValueError(text)
    if not 0 < int(port) < 1 << 16:
        raise ValueError(text)
    return Address(host, int(port))


def ill_named(source: str, fact: str, *notes: str) -> CnnspecError:
    """Return the error about what should name the workers and does not."""
    return CnnspecError.one("E531", f"`{source}` does not say who trains together", notes=(fact, *notes))
