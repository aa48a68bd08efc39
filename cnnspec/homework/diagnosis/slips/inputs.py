"""Slips in the parameters of a fully connected layer: what it was thought to be fed by."""

from __future__ import annotations

from typing import Final

from cnnspec.formula import Term, product, symbol
from cnnspec.homework.diagnosis.case import Case
from cnnspec.homework.diagnosis.parts import UNITS
from cnnspec.homework.diagnosis.rewrites import Fact, replace
from cnnspec.homework.diagnosis.slip import QUIZ, Slip
from cnnspec.ir.shapes import size_of, tensor

CHANNELS: Final = Fact(lambda case: symbol("C", case.flattened[-1]))
SIZE_BEFORE_POOL: Final = Fact(lambda case: symbol("N_before", size_of(case.before_pool)))
AVERAGED_SIZE: Final = Fact(lambda case: tensor(case.averaged).size)


def _pixels(case: Case) -> Term:
    return product(symbol(name, size) for name, size in zip("HWD", case.flattened[:-1], strict=False))


def _is_flattened(case: Case) -> bool:
    return len(case.flattened) > 0


def _flattens_channels(case: Case) -> bool:
    return _is_flattened(case) and case.flattened[-1] > 1


def _is_pooled(case: Case) -> bool:
    return len(case.before_pool) > 0


def _is_averaged(case: Case) -> bool:
    return len(case.averaged) > 0


SLIPS: Final = (
    Slip(
        "no_flatten",
        "params",
        replace(UNITS, N_in=CHANNELS),
        "only the channels were connected",
        "Flatten first: multiply height, width and channels.",
        "Keras' Dense without Flatten",
        where=_is_flattened,
    ),
    Slip(
        "flatten_without_channels",
        "params",
        replace(UNITS, N_in=Fact(_pixels)),
        "the channels were forgotten when flattening",
        "Flatten keeps the channels.",
        QUIZ,
        where=_flattens_channels,
    ),
    Slip(
        "pool_forgotten",
        "params",
        replace(UNITS, N_in=SIZE_BEFORE_POOL),
        "the size before the pooling was used",
        "Use the row of the pooling, which is what enters.",
        "androidkt; mat1 and mat2 errors",
        where=_is_pooled,
    ),
    Slip(
        "gap_as_flatten",
        "params",
        replace(UNITS, N_in=AVERAGED_SIZE),
        "global pooling was taken for a flatten",
        "Global pooling leaves C numbers.",
        where=_is_averaged,
    ),
)
