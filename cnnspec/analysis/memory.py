"""Bytes: how many a number takes, and how an amount of them is written."""

from __future__ import annotations

from typing import Final

from cnnspec.errors import UsageError, listing, shorten, suggest
from cnnspec.ir.number_types import BYTES

UNITS: Final = ("bytes", "kB", "MB", "GB", "TB", "PB", "EB")


def show_bytes(count: int) -> str:
    """Return an amount of memory in decimal units: 1 kB is 1,000 bytes.

    >>> show_bytes(999), show_bytes(251_832)
    ('999 bytes', '251.8 kB')
    """
    if count < 1000:
        return "1 byte" if count == 1 else f"{count} bytes"
    power = min((len(str(count)) - 1) // 3, len(UNITS) - 1)
    if round(count / 1000**power, 1) >= 1000 and power + 1 < len(UNITS):
        power += 1
    return f"{count / 1000**power:,.1f} {UNITS[power]}"


def check_amounts(batch: object, dtype: object) -> None:
    """Raise UsageError for what is no number of samples, or no type of numbers."""
    if not isinstance(batch, int) or batch < 1:
        raise UsageError.one("E703", f"`batch` must be a positive integer, not `{shorten(batch)}`")
    if dtype not in BYTES:
        note = f"types are {listing(BYTES)}"
        raise UsageError.one("E703", f"unknown type `{shorten(dtype)}`", notes=(note,), help=suggest(str(dtype), BYTES))
