"""What every sort of target is measured by: facts about all samples, and a row of numbers for each output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cnnspec.training.results.numbers import decimal, percent

Value = float | int | None
"""None where it is undefined."""


class Quantity(NamedTuple):
    """What is measured: its key in files, its title, and whether it is a share of all."""

    key: str
    title: str
    is_share: bool = False

    def show(self, value: Value) -> str:
        """Return a value as a table has it."""
        if isinstance(value, int):
            return f"{value:,}"
        return percent(value) if self.is_share else decimal(value)


@dataclass(frozen=True, slots=True)
class Measures:
    """How near outputs are to their targets; `rows` are named by the outputs, their values stand below `columns`."""

    samples: int
    loss: float | None
    facts: tuple[tuple[Quantity, Value], ...]
    columns: tuple[Quantity, ...]
    rows: tuple[tuple[str, tuple[Value, ...]], ...]

    def fact(self, key: str) -> Value:
        """Return what was measured over all samples, None where it was not."""
        return next((value for quantity, value in self.facts if quantity.key == key), None)


def ratio(above: float, below: float) -> float | None:
    """Return a quotient, None where there is none."""
    return float(above / below) if below else None


def known_mean(values: Sequence[Value]) -> float | None:
    """Return the mean of those values that are known."""
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
