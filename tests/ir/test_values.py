"""Patterns of values look at each character a bounded number of times, whatever the text is."""

from __future__ import annotations

import re
from typing import Final

import pytest
import regex_steps

from cnnspec.ir.values import INTEGER, REAL, SIZES

PATTERNS: Final = {"integer": INTEGER, "real": REAL, "sizes": SIZES}


def looks(pattern: re.Pattern[str], text: str) -> int:
    """Return how many characters are looked at until it is known whether a text matches."""
    regex_steps.Count.looks = 0
    regex_steps.fullmatch(pattern.pattern, text)
    return regex_steps.Count.looks


@pytest.mark.parametrize("tail", ["", "x", "x3px", ".", ".5.", "e", "_", "x3x3."])
@pytest.mark.parametrize("name", PATTERNS)
def test_a_long_number_takes_looks_in_proportion(name: str, tail: str) -> None:
    """Four times as many digits take four times as many looks, not sixteen times."""
    few, many = (looks(PATTERNS[name], "1" * digits + tail) for digits in (50, 200))
    assert many <= 5 * few
