"""Slips in the parameters of a normalization: so many numbers per channel."""

from __future__ import annotations

from typing import Final

from cnnspec.homework.diagnosis.case import Case
from cnnspec.homework.diagnosis.facts import CHANNELS, SIZE
from cnnspec.homework.diagnosis.patterns import Wildcard, leaf, match
from cnnspec.homework.diagnosis.rewrites import rule
from cnnspec.homework.diagnosis.slip import Slip

COUNT: Final = Wildcard("count", lambda term: term.op == "number")
PER_CHANNEL: Final = COUNT * leaf("C")
"""Numbers that are learned or stored for every channel: `4·C`."""


def _stores(case: Case) -> bool:
    """Tell whether numbers are stored for every channel."""
    return case.right.non_trainable.value > 0 and match(PER_CHANNEL, case.right.params) is not None


def _stores_and_learns(case: Case) -> bool:
    return _stores(case) and case.right.non_trainable.value < case.right.params.value


SLIPS: Final = (
    Slip(
        "bn_trained_only",
        "params",
        rule(PER_CHANNEL, 2 * CHANNELS),
        "only what is learned was counted",
        "Gamma and beta are learned; moving mean and variance are stored too: 4·C.",
        "Stack Overflow 42521005, 60079783",
        where=_stores_and_learns,
    ),
    Slip(
        "bn_per_element",
        "params",
        rule(PER_CHANNEL, 2 * SIZE),
        "a factor and an offset were counted for every element",
        "Batch norm learns per channel.",
        where=_stores,
    ),
)
