"""What a format of model files says of itself, and the file that it is asked about."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from cnnspec.importing.faults import unopened

if TYPE_CHECKING:
    from cnnspec.importing.draft import Draft

HEAD: Final = 4096
"""How many bytes of a file tell its format."""


class File:
    """A file that may be a model, or what is named in the place of one; it is read when it is asked for."""

    def __init__(self, name: str) -> None:
        """Take what the user has named."""
        self.name = name

    @property
    def path(self) -> Path:
        """Where it lies."""
        return Path(self.name)

    @property
    def stem(self) -> str:
        """Its name without folder and suffix."""
        return self.path.stem

    @property
    def suffix(self) -> str:
        """The last part of its name behind a dot, in small letters, without the dot."""
        return self.path.suffix.lower().lstrip(".")

    @cached_property
    def head(self) -> bytes:
        """Its first bytes; raise CnnspecError where it cannot be read."""
        return self.content(HEAD, whole=False)

    def content(self, most: int, *, whole: bool = True) -> bytes:
        """Return its first bytes; raise CnnspecError where it cannot be read, or is larger and asked for `whole`."""
        try:
            with self.path.open("rb") as opened:
                content = opened.read(most + 1)
        except (OSError, ValueError) as error:
            raise unopened(self.name, error) from None
        if whole and len(content) > most:
            raise unopened(self.name, f"it has more than {most:,} bytes")
        return content[:most]


class Format(NamedTuple):
    """One format of model files.

    title      what a file of it is called in a message
    looked_for how such a file is called, for the user who has another one
    order      formats are asked in this order
    claims     tells whether a file is of this format, by its head or its name
    read       reads a file into a draft; raises CnnspecError where it cannot be read at all
    """

    title: str
    looked_for: str
    order: int
    claims: Callable[[File], bool]
    read: Callable[[File, Draft], None]
