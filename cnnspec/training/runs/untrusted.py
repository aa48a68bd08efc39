"""What a run folder says is input: its files are read within limits, and its values are questioned."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from cnnspec.errors import CnnspecError, shorten
from cnnspec.foreign_json import parsed
from cnnspec.training.runs.folders import is_file

MOST_BYTES: Final = 10_000_000
"""What the configuration of a run may take."""


def demand(holds: bool, fact: str) -> None:  # noqa: FBT001 - reads as an assertion
    """Raise ValueError with a fact unless something holds."""
    if not holds:
        raise ValueError(fact)


def is_count(value: Any) -> bool:
    """Tell whether a value is an integer from 0."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_number(value: Any) -> bool:
    """Tell whether a value is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def read_json(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file; raise CnnspecError (E521) where there is none."""
    try:
        value = parsed(_read(path, MOST_BYTES))
    except (ValueError, RecursionError) as error:
        raise unreadable(path, shorten(error)) from None
    if not isinstance(value, dict):
        raise unreadable(path, "it is no JSON object")
    return value


def read_text(path: Path, most: int) -> str:
    """Return the text of a file of at most so many bytes; raise CnnspecError (E521) where it is none."""
    try:
        return _read(path, most).decode("utf-8")
    except UnicodeDecodeError as error:
        raise unreadable(path, shorten(error)) from None


def _read(path: Path, most: int) -> bytes:
    """Return what is in a file of at most so many bytes."""
    if not is_file(path):
        raise unreadable(path, "there is no such file")
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise unreadable(path, (error.strerror or error.__class__.__name__).lower()) from None
    if len(data) > most:
        raise unreadable(path, f"it has more than {most:,} bytes")
    return data


def unreadable(path: Path, fact: str) -> CnnspecError:
    """Return the error about a file of a run that does not hold what it should."""
    return CnnspecError.one("E521", f"`{shorten(path, 80)}` of the run cannot be read", notes=(fact,))
