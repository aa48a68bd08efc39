"""How large a spec may be: each limit keeps one kind of hostile or mistaken input from taking the machine."""

from __future__ import annotations

from typing import Final, NamedTuple


class Limits(NamedTuple):
    """The largest spec that is read: its text, its YAML structure, and the network it expands to."""

    bytes: int = 1_000_000
    depth: int = 64
    events: int = 200_000
    nodes: int = 100_000


STANDARD: Final = Limits()
LARGEST: Final = 10**12
"""The largest integer and the largest dimension that a spec may hold."""
DIGITS: Final = 18
"""The most digits that a number in a spec may have."""
