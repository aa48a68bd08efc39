"""Members of zip archives, read within a limit whatever the archive's directory says of them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

ENCRYPTED: Final = 0x1
DEEPEST: Final = 64
"""The most folders within each other that the path of a member may name."""
BROKEN: Final = (
    *(BadZipFile, zlib.error, struct.error, EOFError, LookupError, OSError, RuntimeError, ValueError, MemoryError),
    *(ArithmeticError, TypeError),
)
"""What `zipfile` raises for archives that are damaged, each in its own way."""


END_AND_COMMENT: Final = 65_557
"""The bytes at the end of an archive in which its last record stands."""
_END: Final = b"PK\x05\x06"
_END_SIZE: Final = 22
_LONG_END: Final = b"PK\x06\x07"


class MemberError(ValueError):
    """Why a member of an archive is not read; the text finishes the sentence 'it ...' or 'its ...'."""


def is_folder(member: ZipInfo) -> bool:
    """Tell whether a member is a folder, or has no name at all, for which `ZipInfo.is_dir` may fail."""
    return not member.filename or member.filename.endswith("/")


def parts_of(member: ZipInfo) -> tuple[str, ...]:
    """Return the folders and the name of a member; raise MemberError where its path is no place in a folder."""
    name = member.filename.replace("\\", "/")
    if name.count("/") > DEEPEST:
        raise MemberError(f"its path has more than {DEEPEST} folders within each other")
    parts = PurePosixPath(name).parts
    if ".." in parts or name.startswith("/") or (parts and ":" in parts[0]):
        raise MemberError("its path leads out of the archive")
    return parts


def demand_short_directory(end: bytes, most: int) -> None:
    """Raise MemberError where the directory of an archive, which is read whole, has more bytes than so many.

    `end` are the last bytes of the archive; what is longer than 4 GiB has a second record before the last one.
    """
    at = end.rfind(_END)
    if at < 0 or len(end) < at + _END_SIZE:
        raise MemberError("it is no zip archive that can be read")
    (size,) = struct.unpack_from("<L", end, at + 12)
    if size > most or end.find(_LONG_END, max(0, at - 20), at) >= 0:
        raise MemberError("it holds too many files")


def demand_bounded(member: ZipInfo) -> None:
    """Raise MemberError for a member that is encrypted, or packed in a way that cannot be bounded.

    bzip2 and LZMA unpack a whole block, or reserve a whole dictionary, however little is asked for.
    """
    if member.flag_bits & ENCRYPTED:
        raise MemberError("it is encrypted")
    if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise MemberError("it is packed in an unusual way, neither stored nor deflated")


def demand_readable(member: ZipInfo, most: int) -> None:
    """Raise MemberError for a member that cannot be read within bounds, or is too large."""
    demand_bounded(member)
    if member.file_size > most:
        raise MemberError(f"it is too large, more than {most:,} bytes")


def read_member(archive: ZipFile, member: ZipInfo, most: int) -> bytes:
    """Return a member's content of at most so many bytes; raise MemberError where it cannot be read.

    A member that unpacks to more than the directory declares is damaged: no byte beyond that is unpacked.
    """
    with opened(archive, member, most) as file:
        return file.read(most + 1)


@contextmanager
def opened(archive: ZipFile, member: ZipInfo, most: int) -> Iterator[IO[bytes]]:
    """Open a member of at most so many bytes; what goes wrong while it is read is the cause of a MemberError."""
    demand_readable(member, most)
    try:
        with archive.open(member) as file:
            yield file
    except MemoryError:
        raise MemberError("it does not fit into memory") from None
    except MemberError:
        raise
    except BROKEN as error:
        raise MemberError("it cannot be read") from error
