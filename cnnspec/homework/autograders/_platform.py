"""What an autograder is made of, and what a platform says of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

HOMEWORK = "homework"
"""The folder with the assignment and its specs."""


class Kit(NamedTuple):
    """What goes into every autograder: an assignment with its files, and the cnnspec that marks it.

    `file` is the name of the assignment among the `sources`. `wheels` are none where cnnspec comes from the package
    index, and `is_offline` tells whether they are enough; `reads_workbooks` whether what XLSX needs is installed too.
    `units` are the points of all cells, and `most` is what they are worth in the course.
    """

    name: str
    file: str
    sources: Mapping[str, bytes]
    network: str
    asked: str
    units: int
    most: float
    reveal: str
    version: str
    wheels: Mapping[str, bytes] = {}
    own_wheel: str = ""
    is_offline: bool = False
    reads_workbooks: bool = True


class Entry(NamedTuple):
    """One file of the archive; a script may be run."""

    content: str | bytes
    is_script: bool = False


class Platform(NamedTuple):
    """A platform: how it is called, what it is handed, and where the archive goes."""

    called: str
    entries: Callable[[Kit], dict[str, Entry]]
    step: str
