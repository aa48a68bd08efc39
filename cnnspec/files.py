"""Files are written whole or not at all: under a temporary name, which then takes the place of the old file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cnnspec.errors import CnnspecError, Diagnostic, shorten


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; raise CnnspecError where it cannot be written."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


@contextmanager
def replacing(path: Path, step: str = "") -> Iterator[Path]:
    """Yield a temporary path beside a file; what was written there takes the file's place, unless an error comes first.

    The bytes are on the disk before the name changes: after a crash there is the old file or the new one. Raises
    CnnspecError with the step that helps where the system does not let us write.
    """
    target = path.resolve()
    temporary = target.with_name(f".{os.getpid()}.{target.name}")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        if target.exists():
            temporary.chmod(target.stat().st_mode)
        temporary.replace(target)
    except OSError as error:
        raise CnnspecError([unwritable(path, error, step)]) from None
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def unwritable(path: Path, error: OSError, step: str = "") -> Diagnostic:
    """Return the diagnostic about a file that the system does not let us write."""
    fact = (error.strerror or error.__class__.__name__).lower()
    return Diagnostic(code="E604", message=f"`{shorten(path, 80)}` cannot be written", notes=(fact,), help=step)
