"""Files are written whole or not at all: under a temporary name, which then takes the place of the old file.

What is no regular file (a device, a pipe) is written to, and never replaced. Files are read up to a bound.
"""

from __future__ import annotations

import os
import re
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Final
from zlib import crc32

from cnnspec.errors import CnnspecError, UsageError, shorten, suggest

_TEMPORARY: Final = re.compile(r"\.[0-9]+-[0-9a-f]{8}(\.[^.]*)?")
"""What `temporary_beside` calls a file."""
WHOLE: Final = 400
"""Characters of a path that is proposed: cut, it leads nowhere."""
MOST_NAMES: Final = 1_000
"""Names in a folder among which a near one is looked for."""
_FIRST_YEAR: Final = 1980
_LAST_YEAR: Final = 2107
OPEN_FILES: Final = ("/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/self/fd/")


def write_whole(path: Path, data: bytes, *, follow: bool = True, force: bool = True) -> None:
    """Write a file whole or not at all; raise CnnspecError where it cannot be written.

    Without `force` nothing is replaced, not even what somebody else has put there meanwhile.
    """
    if follow and is_special(path):
        _write_into(path, data)
        return
    with replacing(path, follow=follow, force=force) as temporary:
        temporary.write_bytes(data)


def _write_into(path: Path, data: bytes) -> None:
    try:
        with path.open("wb", buffering=0) as file:
            file.write(data)
    except OSError as error:
        raise unwritable(path, error) from None


@contextmanager
def replacing(path: Path, step: str = "", *, follow: bool = True, force: bool = True) -> Iterator[Path]:
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
        if force:
            temporary.replace(target)
        else:
            _put(temporary, target)
    except OSError as error:
        raise unwritable(path, error, step) from None
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _put(temporary: Path, target: Path) -> None:
    """Give a file its name, unless that is taken: who looked before cannot know it."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise _exists(target) from None
    except OSError:  # the file system has no links
        temporary.replace(target)


def demand_free(path: Path, *, force: bool, is_folder: bool = False) -> Path:
    """Return where a path leads to; raise CnnspecError where a file is there that must stay, or can be none.

    A device or a pipe is always free: it is written to. Who works for long asks this first.
    """
    try:
        target = resolved(path)
        if is_special(path):
            return target
        if not target.parent.is_dir():
            raise FileNotFoundError(2, "no such file or directory")
        if not os.access(target.parent, os.W_OK):
            raise PermissionError(13, "permission denied")
        is_there = target.exists()
    except (OSError, ValueError) as error:
        raise unwritable(path, error) from None
    if is_there and not force:
        raise _exists(path) if is_folder or not target.is_dir() else unwritable(path, IsADirectoryError())
    return target


def _exists(path: Path) -> CnnspecError:
    return taken(path, "it exists already", "give `--force` to replace it")


def taken(path: Path, fact: str, step: str) -> CnnspecError:
    """Return the error about a path where something is that must stay."""
    return CnnspecError.one("E603", f"`{shorten(path, 80)}` cannot be written", notes=(fact,), help=step)


def demand_writable(path: Path) -> None:
    """Raise CnnspecError where no file can be made beside a path: for what writes many files, or by itself."""
    try:
        probe = temporary_beside(resolved(path))
        os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        probe.unlink()
    except OSError as error:
        raise unwritable(path, error) from None


def demand_clock(path: Path) -> None:
    """Raise CnnspecError where the clock tells a year that no zip archive has, for what Keras writes with its dates."""
    year = time.localtime(time.time()).tm_year
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        known = f"archives know those from {_FIRST_YEAR} to {_LAST_YEAR}"
        fact = f"the clock of this machine is in the year {year}, and {known}"
        raise unwritable(path, OSError(0, fact), "set the clock")


def _demand_replaceable(path: Path) -> None:
    if is_special(path):
        raise OSError(0, "it is no regular file")


def temporary_beside(target: Path) -> Path:
    """Return the name under which a file is written before it takes its own: short, and with the same suffix."""
    suffix = target.suffix if len(target.suffix) <= 16 else ""
    return target.with_name(f".{os.getpid()}-{crc32(os.fsencode(target.name)):08x}{suffix}")


def remove_leftovers(folder: Path) -> None:
    """Remove the files that killed writers have left in a folder that nobody else writes into now."""
    with suppress(OSError):
        for path in folder.iterdir():
            if _TEMPORARY.fullmatch(path.name) and _is_regular(path):
                path.unlink(missing_ok=True)


def resolved(path: Path) -> Path:
    """Return what a path leads to, through all links; raise OSError where links lead in a circle."""
    try:
        return path.resolve()
    except RuntimeError:  # until Python 3.12; later ones raise OSError themselves
        raise OSError(0, "its links lead in a circle") from None


def is_special(path: Path) -> bool:
    """Tell whether a path leads to something that is neither a regular file nor a folder: a device, a pipe.

    The system's names of open files are such, whatever they are: `/dev/stdout` may be a file that others write to.
    """
    if str(path).startswith(OPEN_FILES):
        return True
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


def unwritable(path: Path, error: OSError | ValueError, step: str = "") -> CnnspecError:
    """Return the error about a file that the system does not let us write, with the folder that is missing."""
    fact = str(getattr(error, "strerror", None) or "the name is not allowed").lower()
    if isinstance(error, IsADirectoryError):
        fact, step = "it is a folder", step or "name a file in it"
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        folder = lacking(path)
        fact, step = folder or fact, step or ("name a folder that is there" if folder else "")
    return CnnspecError.one("E604", f"`{shorten(path, 80)}` cannot be written", notes=(fact,), help=step)


def lacking(path: Path) -> str:
    """Return which of the folders above a file is none, the uppermost first, an empty text where all are folders."""
    try:
        folder = next((each for each in reversed(path.parents) if not each.is_dir()), None)
        if folder is None:
            return ""
        return (
            f"`{shorten(folder, 80)}` is a file" if folder.exists() else f"there is no folder `{shorten(folder, 80)}`"
        )
    except (OSError, ValueError):
        return ""


def absent(path: Path, what: str = "file") -> UsageError:
    """Return the error that a file is not there, with the folder that is missing, or what lies there by a near name."""
    try:
        names = [found.name for found in islice(path.parent.iterdir(), MOST_NAMES)]
    except (OSError, ValueError):
        names = []
    near = {name.lower(): shorten(path.parent / name, WHOLE) for name in names}
    folder = lacking(path)
    notes, step = ((folder,) if folder else ()), suggest(path.name, near, near)
    return UsageError.one("E601", f"there is no {what} `{shorten(path, 80)}`", notes=notes, help=step)


def read_standard_input(most: int) -> bytes:
    """Return what comes through standard input, up to so many bytes; raise UsageError where it is closed."""
    if sys.stdin is None:
        raise UsageError.one("E602", "standard input cannot be read", notes=("it is closed",))
    return sys.stdin.buffer.read(most)


def read_content(file: str | Path, most: int = 6_000_000) -> tuple[bytes, str]:
    """Return a file's content, up to so many bytes, and its name; raise CnnspecError where it cannot be read.

    Who reads it refuses what is larger than it takes: more is asked for here, so that nothing is cut unseen.
    """
    if str(file) == "-":
        return read_standard_input(most), "<stdin>"
    path = Path(file)
    try:
        with path.open("rb") as opened:
            return opened.read(most), path.name
    except FileNotFoundError:
        raise absent(path) from None
    except (OSError, ValueError) as error:
        reason = str(getattr(error, "strerror", None) or "the name is not allowed").lower()
        raise UsageError.one("E602", f"`{shorten(file, 80)}` cannot be read", notes=(reason,)) from None
