"""Bytes: how many a number takes, and how an amount of them is written."""

from __future__ import annotations

from typing import Final

BYTES: Final = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}
"""Bytes per number, by the name of its type."""


def show_bytes(count: int) -> str:
    """Return an amount of memory in decimal units (1 kB = 1,000 bytes), with the exact number where it is rounded.

    >>> show_bytes(999), show_bytes(251_832)
    ('999 bytes', '251.8 kB')
    """
    if count < 1000:
        return f"{count} bytes"
    value, unit = float(count), ""
    for unit in ("kB", "MB", "GB", "TB", "PB", "EB"):
        value /= 1000
        if value < 1000:
            break
    return f"{value:,.1f} {unit}"
