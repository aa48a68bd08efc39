"""Values from which practice draws arguments anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

MOST_FILTERS: Final = 64
MOST_UNITS: Final = 512


def around(value: int, most: int, step: int, least: int = 2) -> list[int]:
    """Return the numbers from half to twice a value, every one up to 20 and every `step`-th above."""
    low, high = max(least, min(value, most) // 2), max(min(2 * value, most), least)
    return [number for number in range(low, high + 1) if number <= 20 or number % step == 0]


def on_all_axes(sizes: Sequence[int], value: tuple[int, ...]) -> Sequence[tuple[int, ...]]:
    """Return sizes that are the same on all axes; none where those of a value are not."""
    return [(size,) * len(value) for size in sizes] if len(set(value)) == 1 else []
