"""Files of data: opened packed or not, read within limits, and what is said of those that are broken."""

from __future__ import annotations

import gzip
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

from cnnspec.errors import CnnspecError, printable, shorten

MOST_BYTES: Final = 4_000_000_000
"""What one array of a file may take; a file that declares more is refused before anything is read."""
AGAIN: Final = "delete the file, then download it again"
_CHUNK: Final = 1 << 20
_DAMAGE: Final = (
    (EOFError, "the file ends too early"),
    (zlib.error, "compressed data that are damaged"),
    (gzip.BadGzipFile, "compressed data that are damaged"),
    (zipfile.BadZipFile, "no archive, or one that ends too early"),
    (tarfile.TarError, "no archive, or one that ends too early"),
    (MemoryError, "more than fits into memory"),
)


_FAILURES: Final = (
    *(OSError, EOFError, ValueError, ArithmeticError, LookupError, MemoryError, RuntimeError),
    *(struct.error, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError),
)
"""What the readers of Python's library raise for files that are damaged, each in its own way."""


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes, none at the end."""


class FaultError(ValueError):
    """What was found in a file where something else was expected."""


def shown(path: Path) -> str:
    """Return a path as it is quoted in a message."""
    return printable(str(path))


def broken(path: Path, expected: str, found: str, step: str = AGAIN) -> CnnspecError:
    """Return the error about a file that does not hold what its name says."""
    notes = (f"expected: {expected}", f"found: {_telling(path) or found}")
    return CnnspecError.one("E513", f"`{shown(path)}` is broken", notes=notes, help=step)


@contextmanager
def reading(path: Path, expected: str, step: str = AGAIN) -> Iterator[None]:
    """Turn whatever goes wrong while a file is read into one diagnostic about this file."""
    try:
        yield
    except CnnspecError:
        raise
    except PermissionError:
        fact = f"`{shown(path)}` cannot be read"
        raise CnnspecError.one("E602", fact, notes=("permission is denied",)) from None
    except _FAILURES as error:
        raise broken(path, expected, _found(error), step) from None


@contextmanager
def unpacked(path: Path) -> Iterator[Readable]:
    """Open a file for reading; what is compressed by gzip is uncompressed, whatever the name says."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if not packed:
            yield file
            return
        with gzip.GzipFile(fileobj=file) as content:
            yield content


def read_up_to(file: Readable, count: int) -> bytearray:
    """Return at most so many bytes; memory grows with what is there, not with what is asked for."""
    content = bytearray()
    while len(content) < count:
        chunk = file.read(min(_CHUNK, count - len(content)))
        if not chunk:
            break
        content += chunk
    return content


def _found(error: BaseException) -> str:
    known = next((text for kind, text in _DAMAGE if isinstance(error, kind)), "")
    if not known and isinstance(error, OSError):
        return f"content that cannot be read ({(error.strerror or str(error)).lower()})"
    return known or shorten(str(error) or error.__class__.__name__, 200)


def _telling(path: Path) -> str:
    """Return what a file plainly is, where it is plainly something else than data."""
    try:
        with path.open("rb") as file:
            start = file.read(512)
    except OSError:
        return ""
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        return "an empty file"
    if text.startswith((b"<!doctype", b"<html", b"<head", b"<?xml")):
        return "an HTML page, which a server sends in place of a file that it does not have"
    if text.startswith(b"version https://git-lfs"):
        return "a pointer of Git LFS, not the file itself"
    return ""
