"""Slips of the pen are counted as by their definition, and looked for in a moment."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnnspec
from cnnspec.errors import CnnspecError
from cnnspec.language import spelling
from cnnspec.language.spelling import nearest, slips

WORDS = st.text("abc", max_size=7)


@cache
def defined(word: str, other: str) -> int:
    """Return the slips between two words, tried one by one from their ends."""
    if not word or not other:
        return len(word) + len(other)
    least = min(
        defined(word[:-1], other) + 1,
        defined(word, other[:-1]) + 1,
        defined(word[:-1], other[:-1]) + (word[-1] != other[-1]),
    )
    if len(word) > 1 and len(other) > 1 and word[-2:] == other[-1] + other[-2]:
        least = min(least, defined(word[:-2], other[:-2]) + 1)
    return least


@given(word=WORDS, other=WORDS, most=st.integers(0, 3))
def test_slips_are_those_of_the_definition(word: str, other: str, most: int) -> None:
    """Up to `most`; more are one more."""
    assert slips(word, other, most) == min(defined(word, other), most + 1)


@pytest.mark.parametrize(
    ("word", "known", "found"),
    [
        ("covn", ["dense", "conv"], "conv"),  # two letters changed about
        ("con", ["conv"], ""),  # too short to tell
        ("dnse", ["dense"], "dense"),
        ("dne", ["dense"], ""),
        ("flatenn", ["flatten"], "flatten"),
        ("x" * 65, ["x" * 64], ""),
        ("dropuot", [], ""),
    ],
)
def test_the_nearest_word(word: str, known: list[str], found: str) -> None:
    """The word with the fewest slips, or none."""
    assert nearest(word, known) == found


def test_unknown_kinds_are_compared_with_few_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all the words that a kind may be meant by, only those that share most letters are gone through."""
    gone_through = []

    def counting(*arguments: int) -> range:
        gone_through.append(1)
        return range(*arguments)

    monkeypatch.setattr(spelling, "range", counting, raising=False)
    with pytest.raises(CnnspecError) as failed:
        cnnspec.loads("input: 8x8x1\nlayers:\n" + "  - convnorm\n" * 200)
    assert len(failed.value.diagnostics) >= 20
    assert len(gone_through) < 200 * 200  # of 575 words 13; without a look at the letters 270
