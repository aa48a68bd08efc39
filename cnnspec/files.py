"""Files are written whole or not at all: under a temporary name, which then takes the place of the old file.

What is no regular file (a device, a pipe) is written to, and never replaced. Files are read up to a bound.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from zlib import crc32

from cnnspec.errors import CnnspecError, UsageError, shorten


def write_whole(path: Path, data: bytes, *, follow: bool = True) -> None:
    """Write a file whole or not at all; raise CnnspecError where it cannot be written."""
    if follow and is_special(path):
        _write_into(path, data)
        return
    with replacing(path, follow=follow) as temporary:
        temporary.write_bytes(data)


def _write_into(path: Path, data: bytes) -> None:
    try:
        with path.open("wb", buffering=0) as file:
            file.write(data)
    except OSError as error:
        raise unwritable(path, error) from None


@contextmanager
def replacing(path: Path, step: str = "", *, follow: bool = True) -> Iterator[Path]:
    """Yield a temporary path beside a file; what was written there takes the file's place, unless an error comes first.

    The bytes are on the disk before the name changes: after a crash there is the old file or the new one. Where the
    path is a link, what it points to is replaced, or with `follow=False` the link itself. Raises CnnspecError with the
    step that helps where the system does not let us write, and where the path is a device or a pipe.
    """
    try:
        target = resolved(path) if follow else path
        _demand_replaceable(target)
        temporary = temporary_beside(target)
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


def demand_writable(path: Path) -> None:
    """Raise CnnspecError where no file can be made beside a path: who works for long asks this first."""
    try:
        probe = temporary_beside(resolved(path))
        os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        probe.unlink()
    except OSError as error:
        raise unwritable(path, error) from None


def _demand_replaceable(path: Path) -> None:
    if is_special(path):
        raise OSError(0, "it is no regular file")


def temporary_beside(target: Path) -> Path:
    """Return the name under which a file is written before it takes its own: short, and with the same suffix."""
    suffix = target.suffix if len(target.suffix) <= 16 else ""
    return target.with_name(f".{os.getpid()}-{crc32(os.fsencode(target.name)):08x}{suffix}")


def resolved(path: Path) -> Path:
    """Return what a path leads to, through all links; raise OSError where links lead in a circle."""
    try:
        return path.resolve()
    except RuntimeError:  # until Python 3.12; later ones raise OSError themselves
        raise OSError(0, "its links lead in a circle") from None


def is_special(path: Path) -> bool:
    """Tell whether a path leads to something that is neither a regular file nor a folder: a device, a pipe."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _is_regular(path: Path) -> bool:
    """Tell whether a file is there, and is no link."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return False


def unwritable(path: Path, error: OSError, step: str = "") -> CnnspecError:
    """Return the error about a file that the system does not let us write."""
    fact = (error.strerror or error.__class__.__name__).lower()
    return CnnspecError.one("E604", f"`{shorten(path, 80)}` cannot be written", notes=(fact,), help=step)


def read_content(file: str | Path, most: int = 6_000_000) -> tuple[bytes, str]:
    """Return a file's content, up to so many bytes, and its name; raise CnnspecError where it cannot be read.

    Who reads it refuses what is larger than it takes: more is asked for here, so that nothing is cut unseen.
    """
    if str(file) == "-":
        return sys.stdin.buffer.read(most), "<stdin>"
    path = Path(file)
    try:
        with path.open("rb") as opened:
            return opened.read(most), path.name
    except FileNotFoundError:
        raise UsageError.one("E601", f"there is no file `{shorten(file, 80)}`") from None
    except (OSError, ValueError) as error:
        reason = str(getattr(error, "strerror", None) or "the name is not allowed").lower()
        raise UsageError.one("E602", f"`{shorten(file, 80)}` cannot be read", notes=(reason,)) from None
