"""Amounts of memory in decimal units: 1 kB is 1,000 bytes, and the units are named."""

from __future__ import annotations

from typing import Final

import pytest

from cnnspec.analysis.memory import show_bytes
from cnnspec.ir.number_types import BYTES

AMOUNTS: Final = {
    0: "0 bytes",
    999: "999 bytes",
    1_000: "1.0 kB",
    87_360: "87.4 kB",
    251_832: "251.8 kB",
    999_949: "999.9 kB",
    1_000_000: "1.0 MB",
    102_546_848: "102.5 MB",
    10**9: "1.0 GB",
    10**12: "1.0 TB",
    10**15: "1.0 PB",
    10**18: "1.0 EB",
    10**21: "1,000.0 EB",
}


@pytest.mark.parametrize("count", AMOUNTS)
def test_amounts_have_the_unit_that_fits(count: int) -> None:
    """One digit behind the point, as torchinfo and Keras show; the largest unit is the exabyte."""
    assert show_bytes(count) == AMOUNTS[count]


@pytest.mark.parametrize(("count", "shown"), [(999_999, "1.0 MB"), (999_950_001, "1.0 GB"), (1, "1 byte")])
def test_amounts_are_rounded_before_the_unit_is_chosen(count: int, shown: str) -> None:
    """Never a thousand of a unit that has a larger one, and one byte is no bytes."""
    assert show_bytes(count) == shown


def test_types_have_the_bytes_of_numpy() -> None:
    """Sizes of the types that a command line may name."""
    assert BYTES == {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}
