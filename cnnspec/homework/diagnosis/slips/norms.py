"""Slips in the parameters of a normalization: so many numbers per channel."""

from __future__ import annotations

from typing import Final

from cnnspec.homework.diagnosis.case import Case
from cnnspec.homework.diagnosis.facts import CHANNELS, SIZE, channels
from cnnspec.homework.diagnosis.patterns import Wildcard, leaf, match
from cnnspec.homework.diagnosis.rewrites import rule
from cnnspec.homework.diagnosis.slip import Quantity, Slip
from cnnspec.ir.role import Role

COUNT: Final = Wildcard("count", lambda term: term.op == "number")
PER_CHANNEL: Final = COUNT * leaf("C")
"""Numbers that are learned or stored for every channel: `4·C`."""


def _stores(case: Case) -> bool:
    """Tell whether numbers are stored for every channel."""
    return case.right.non_trainable.value > 0 and match(PER_CHANNEL, case.right.params) is not None


def _stores_and_learns(case: Case) -> bool:
    return _stores(case) and case.right.non_trainable.value < case.right.params.value


def _learns_only(case: Case) -> bool:
    """Tell whether two numbers are learned for every channel, and none is stored."""
    found = match(PER_CHANNEL, case.right.params)
    return found is not None and case.right.params.operands[0].value == 2 and case.right.non_trainable.value == 0


def _has_slopes(case: Case) -> bool:
    """Tell whether an activation learns a number for every element of an image."""
    learned = case.right.params.value
    return case.layer.role is Role.ACTIVATION and len(case.shape) > 1 and learned == case.y.size.value > case.shape[-1]


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
    Slip(
        "norm_stores_too",
        "params",
        rule(PER_CHANNEL, 4 * CHANNELS),
        "a moving mean and variance were counted too",
        "Only batch norm stores them; a norm of each sample learns gamma and beta: 2·C.",
        where=_learns_only,
    ),
    Slip(
        "slope_per_channel",
        "params",
        Quantity(channels),
        "one slope per channel was counted",
        "A slope is learned for every element unless axes share it.",
        "PyTorch's PReLU, which has one per channel",
        where=_has_slopes,
    ),
)
