"""Threads that are computed with: `N` for every operation, or `KxN`, with K parts of each batch side by side."""

from __future__ import annotations

import re

from cnnspec.ir.arguments import ArgType
from cnnspec.ir.values import Raw
from cnnspec.language.train.augmentations import AUTO


class Threads(ArgType):
    """How many threads an operation may use, or parts of a batch and the threads of each."""

    accepts = "a number of threads, or `2x1`: parts of a batch and threads within an operation"

    def read(self, raw: Raw) -> str:
        """Read one number or two, of which none is 0."""
        word = str(raw).lower().replace("×", "x")
        if isinstance(raw, bool) or not re.fullmatch(r"([1-9]\d{0,2}x)?[1-9]\d{0,3}", word, re.ASCII):
            raise ValueError
        return word


class ThreadsOrAuto(Threads):
    """The same, or the word for what is measured."""

    accepts = f"`{AUTO}`, {Threads.accepts}"

    def read(self, raw: Raw) -> str | None:  # type: ignore[override] # None stands for `auto`
        """Read threads; None stands for `auto`."""
        return None if raw == AUTO else super().read(raw)


def parts_of(threads: str | None) -> int:
    """Return into how many parts each batch is divided; without a word it is not.

    >>> parts_of("2x1"), parts_of("8")
    (2, 1)
    """
    parts, x, _ = (threads or "").partition("x")
    return int(parts) if x else 1


def width_of(threads: str) -> int:
    """Return how many threads an operation may use.

    >>> width_of("2x1"), width_of("8")
    (1, 8)
    """
    return int(threads.rpartition("x")[2])
