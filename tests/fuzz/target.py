"""What is attacked: a reader with inputs that it takes, how they are changed, and how it is asked."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[2]

Mutate = Callable[[Random, bytes, bytes], bytes]
"""Returns an input made of two others, always the same one for the same random numbers."""


class Target(NamedTuple):
    """One reader.

    name       what it is called on the command line
    corpus     inputs to begin with, most of them right ones
    mutate     makes new inputs of old ones
    read       lets the product read an input, in a folder of its own; raises CnnspecError where it is refused, and
               returns what tells accepted inputs of different sorts apart
    allowed    further exceptions that the reader is documented to raise
    needs      packages without which the reader does not work
    spawns     whether the reader looks at an input in a process of its own
    """

    name: str
    corpus: Callable[[], Sequence[bytes]]
    mutate: Mutate
    read: Callable[[bytes, Path], Hashable]
    allowed: tuple[type[Exception], ...] = ()
    needs: tuple[str, ...] = ()
    spawns: bool = False


class BrokenPromiseError(Exception):
    """An input was read, and what came out is not what is promised."""


def promise(holds: object, what: str) -> None:
    """Raise BrokenPromiseError unless something holds."""
    if not holds:
        raise BrokenPromiseError(what)
