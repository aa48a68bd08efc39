"""What a format of model files says of itself, and the file that it is asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from io import BytesIO
from os.path import basename, splitext  # pathlib would take as long to import as many a file to read
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from cnnspec.files import read_standard_input
from cnnspec.importing.faults import unopened

if TYPE_CHECKING:
    from cnnspec.importing.draft import Draft

HEAD: Final = 4096
"""How many bytes of a file tell its format."""
STANDARD_INPUT: Final = "-"
PIPED: Final = 256_000_000
"""The most bytes that come through a pipe."""


class File:
    """A file that may be a model, or what is named in the place of one; it is read when it is asked for.

    `-` is standard input, which is kept whole.
    """

    def __init__(self, name: str) -> None:
        """Take what the user has named."""
        self.name = name

    @property
    def stem(self) -> str:
        """Its name without folder and suffix; what comes through a pipe has another one."""
        return "network" if self.name == STANDARD_INPUT else splitext(basename(self.name))[0]  # noqa: PTH119, PTH122 - as above

    @property
    def suffix(self) -> str:
        """The last part of its name behind a dot, in small letters, without the dot."""
        return splitext(self.name)[1].lower().lstrip(".")  # noqa: PTH122 - as above

    @cached_property
    def head(self) -> bytes:
        """Its first bytes; raise CnnspecError where it cannot be read."""
        return self._read(HEAD)[:HEAD]

    def content(self, most: int) -> bytes:
        """Return all of it; raise CnnspecError where it cannot be read, or has more than so many bytes."""
        content = self._read(most + 1)
        if len(content) > most:
            raise unopened(self.name, f"it has more than {most:,} bytes")
        return content

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """Open it for readers that look at places of their own; raise CnnspecError where that is not possible."""
        try:
            is_piped = self.name == STANDARD_INPUT
            file = BytesIO(self._standard_input) if is_piped else open(self.name, "rb")  # noqa: PTH123, SIM115 - as above
        except (OSError, ValueError) as error:
            raise unopened(self.name, error) from None
        with file:
            yield file

    def _read(self, most: int) -> bytes:
        with self.opened() as file:
            try:
                return file.read(most)
            except OSError as error:
                raise unopened(self.name, error) from None

    @cached_property
    def _standard_input(self) -> bytes:
        content = read_standard_input(PIPED + 1)
        if len(content) > PIPED:
            raise unopened(self.name, f"more than {PIPED:,} bytes come through the pipe")
        return content


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
