"""Numbers as the cells of a table show them."""

from __future__ import annotations

from typing import Final

UNKNOWN: Final = "–"


def percent(value: float | None, decimals: int = 2) -> str:
    """Return a share in per cent; nothing that is not whole is shown as 100 %.

    >>> percent(0.98765), percent(0.999999), percent(1.0), percent(None)
    ('98.77 %', '99.99 %', '100.00 %', '–')
    """
    if value is None:
        return UNKNOWN
    shown = 100 * value if value >= 1 else min(100 * value, 100 - 10.0**-decimals)
    return f"{shown:.{decimals}f} %"


def decimal(value: float | None) -> str:
    """Return a number with four significant digits."""
    return UNKNOWN if value is None else f"{value:.4g}"
