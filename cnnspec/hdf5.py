"""HDF5 files, looked at by another process first: a damaged one leads the library that reads them into endless loops.

The library is C: nothing in the process itself ends it, and what it does to memory cannot be caught.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

SECONDS: Final = 3
"""Processor time that a look at a small file may take."""
SECONDS_PER_MEGABYTE: Final = 2
"""How much more a larger one may take: of what lies close, 12,000 groups and arrays, 5 MB take two seconds."""
MOST_SECONDS: Final = 20
PATIENCE: Final = 120
"""Seconds after which it is ended where processor time cannot be bounded."""
MEMORY: Final = 1 << 30
"""Bytes of memory that the look may take beside what comes through a pipe."""
MOST: Final = 200_000
"""Groups, arrays and attributes that are looked at."""
_PROGRAM: Final = """
import io, sys
name, attribute, seconds, memory, most = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
content = sys.stdin.buffer.read() if name == "-" else b""
try:
    import resource
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pages = int(open("/proc/self/statm").read().split()[0])
    import h5py
    limit = pages * resource.getpagesize() + memory + 2 * len(content)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
except (ImportError, OSError, ValueError):
    import h5py
seen = 0
def look(group, depth):
    global seen
    for key in group.attrs:
        value = group.attrs[key]
        seen += 1
    if isinstance(group, h5py.Dataset):
        group.shape, group.dtype, group.chunks, group.external, group.is_virtual
        return
    for key in group:
        seen += 1
        if seen > most:
            raise ValueError(f"it holds more than {most:,} things")
        if depth < 64 and isinstance(group.get(key, getlink=True), h5py.HardLink):
            look(group[key], depth + 1)
try:
    with h5py.File(io.BytesIO(content) if name == "-" else name, "r") as file:
        if attribute:
            text = file.attrs.get(attribute)
            found = text.encode("utf-8", "replace") if isinstance(text, str) else text
            sys.stdout.buffer.write(b"+" + found if isinstance(found, bytes) else b"-")
        else:
            look(file, 0)
except Exception as error:
    sys.exit(f"{error}" or type(error).__name__)
"""


class DamagedError(ValueError):
    """Why an HDF5 file is not read; the text finishes the sentence 'it is broken: ...'."""


def is_there() -> bool:
    """Tell whether the library that reads HDF5 is installed."""
    return find_spec("h5py") is not None


def demand_sound(file: Path | bytes) -> None:
    """Raise DamagedError where a file is not read to its end by who reads all but its numbers."""
    _looked(file, "")


def read_attribute(file: Path | bytes, name: str) -> bytes | None:
    """Return a text at the top of a file, None where there is none; raise DamagedError where it cannot be read."""
    found = _looked(file, name)
    return found[1:] if found[:1] == b"+" else None


def _looked(file: Path | bytes, attribute: str) -> bytes:
    name, content = (str(file.absolute()), b"") if isinstance(file, Path) else ("-", file)
    bounds = map(str, (_seconds(file), MEMORY, MOST))
    command = [sys.executable, "-P", "-c", _PROGRAM, name, attribute, *bounds]
    try:
        done = subprocess.run(command, input=content, capture_output=True, check=False, timeout=PATIENCE)  # noqa: S603 - our own program
    except subprocess.TimeoutExpired:
        raise DamagedError(ENDLESS) from None
    except OSError as error:
        raise DamagedError(f"it cannot be looked at: {error.strerror}") from None
    if done.returncode < 0 or done.returncode > 128:
        raise DamagedError(ENDLESS)
    if done.returncode:
        raise DamagedError(done.stderr.decode("utf-8", "replace").strip() or "it cannot be read")
    return done.stdout


def _seconds(file: Path | bytes) -> int:
    try:
        size = file.stat().st_size if isinstance(file, Path) else len(file)
    except OSError as error:
        raise DamagedError(f"it cannot be read: {error.strerror}") from None
    return min(SECONDS + SECONDS_PER_MEGABYTE * size // 1_000_000, MOST_SECONDS)


ENDLESS: Final = "the library that reads HDF5 does not come to an end with it"
