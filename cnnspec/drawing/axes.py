"""The axes of a plot: which numbers stand at them, how these are written, and where a value lies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, floor, log10
from typing import Final, NamedTuple

WIDE: Final = 1000
"""The ratio of the largest to the smallest value from which on an axis is logarithmic."""


SMALLEST: Final = 1e-200
"""Numbers below are 0 to every reader, and their powers of ten are to the computer."""
SAME: Final = 1e-9
"""The share of a number by which another one must differ to be shown as another."""


class Axis(NamedTuple):
    """The ends of an axis and its ticks; positions are logarithms where the axis is logarithmic."""

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """Return where a value lies: 0 at the lower end, 1 at the upper."""
        position = log10(value) if self.logarithmic else value
        return (position - self.low) / (self.high - self.low)


def scale(values: Sequence[float], write: Callable[[float, int], str], most: float | None = None) -> Axis:
    """Return an axis that holds values; one that may begin at 0 does, where this wastes little room.

    `write` makes a label of a number and a count of decimals; nothing is above `most`.
    """
    low, high = (0.0 if abs(value) < SMALLEST else value for value in (min(values), max(values)))
    if low > 0 and high / low > WIDE:
        return _logarithmic(low, high)
    if 0 < low < 0.5 * high:
        low = 0
    if high - low <= SAME * max(abs(low), abs(high)):
        low, high = low - (abs(low) or 1) * 0.1, high + (abs(high) or 1) * 0.1
    if most is not None:
        high = min(high, most)
    step = nice_step((high - low) / 5.5)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    ticks = tuple(index * step for index in range(first, last + 1))
    decimals = max(0, -floor(log10(step) + 1e-9))
    return Axis(ticks[0], ticks[-1], ticks, tuple(write(tick, decimals) for tick in ticks))


def count_up(first: int, last: int) -> Axis:
    """Return an axis of whole numbers from the first to the last; a single one stands in the middle."""
    if first == last:
        return Axis(first - 0.5, first + 0.5, (first,), (str(first),))
    step = max(1, round(nice_step((last - first) / (8 if last >= 1000 else 11))))
    ticks = [tick for tick in range(step * ceil(first / step), last + 1, step) if step == 1 or tick - first > step / 2]
    numbers = tuple(ticks) if step == 1 else (first, *ticks)
    return Axis(first, last, numbers, tuple(f"{tick:,}" for tick in numbers))


def nice_step(rough: float) -> float:
    """Return the least of 1, 2, 5, 10, … times a power of ten that is no smaller than a number.

    >>> nice_step(0.3), nice_step(1), nice_step(60)
    (0.5, 1.0, 100.0)
    """
    power: float = 10.0 ** floor(log10(rough))
    return next((nice * power for nice in (1, 2, 5) if nice * power >= rough * (1 - 1e-9)), 10 * power)


def _logarithmic(low: float, high: float) -> Axis:
    first, last = floor(log10(low)), ceil(log10(high))
    stride = max(1, ceil((last - first) / 6))
    last = first + stride * ceil((last - first) / stride)
    powers = range(first, last + 1, stride)
    labels = (f"{10.0**power:,.10g}" if -4 <= power <= 5 else f"1e{power}" for power in powers)
    return Axis(first, last, tuple(10.0**power for power in powers), tuple(labels), logarithmic=True)
