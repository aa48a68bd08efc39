"""Files are written whole or not at all: under a temporary name, which then takes the place of the old file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cnnspec.errors import CnnspecError, shorten


def write_whole(path: Path, data: bytes, *, follow: bool = True) -> None:
    """Write a file whole or not at all; raise CnnspecError where it cannot be written."""
    with replacing(path, follow=follow) as temporary:
        temporary.write_bytes(data)


@contextmanager
def replacing(path: Path, step: str = "", *, follow: bool = True) -> Iterator[Path]:
    """Yield a temporary path beside a file; what was written there takes the file's place, unless an error comes first.

    The bytes are on the disk before the name changes: after a crash there is the old file or the new one. Where the
    path is a link, what it points to is replaced, or with `follow=False` the link itself. Raises CnnspecError with the
    step that helps where the system does not let us write.
    """
    try:
        target = path.resolve() if follow else path
        temporary = target.with_name(f".{os.getpid()}.{target.name}")
        temporary.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(path, error, step) from None
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        if _is_regular(target):
            temporary.chmod(stat.S_IMODE(target.lstat().st_mode))
        temporary.replace(target)
    except OSError as error:
        raise unwritable(path, error, step) from None
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _is_regular(path: Path) -> bool:
    """Tell whether a file is there, and is no link."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return False


def unwritable(path: Path, error: OSError, step: str = "") -> CnnspecError:
    """Return the error of a file that the system does not let us write."""
    fact = (error.strerror or error.__class__.__name__).lower()
    return CnnspecError.one("E604", f"`{shorten(path, 80)}` cannot be written", notes=(fact,), help=step)
