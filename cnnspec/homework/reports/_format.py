"""What a format of results says of itself."""

from __future__ import annotations

from typing import NamedTuple

from cnnspec.homework.feedback import Reveal


class ResultFormat(NamedTuple):
    """The suffix of its files, where that tells it from others, and for whom it is.

    For a `reader`, for a `terminal`, which has a width and colours, or for the `runner` of a course. `reveal` is
    what it gives away where nobody says: less where students may hand in again.

    A runner takes any exit code but 0 for a crash of the grader; the score says the rest.
    """

    suffix: str = ""
    reader: bool = False
    terminal: bool = False
    runner: bool = False
    reveal: Reveal = Reveal.FULL
