"""Slips in the parameters of a layer with weights: those of another layer, or another number."""

from __future__ import annotations

from typing import Final

from cnnspec.formula import Term, product, symbol
from cnnspec.homework.diagnosis.case import Case
from cnnspec.homework.diagnosis.facts import channels, has_filters, multiplies
from cnnspec.homework.diagnosis.parts import DEPTHWISE, FILTERS, SEPARABLE
from cnnspec.homework.diagnosis.patterns import match
from cnnspec.homework.diagnosis.rewrites import Fact, replace
from cnnspec.homework.diagnosis.slip import Quantity, Slip
from cnnspec.ir.layer import kernel_symbols

HALF: Final = Fact(lambda case: channels(case) // symbol("g", 2))


def _is_depthwise(case: Case) -> bool:
    return any(match(pattern, case.right.params) for pattern in DEPTHWISE)


def _is_separable(case: Case) -> bool:
    return match(SEPARABLE, case.right.params) is not None


def _is_separable_with_bias(case: Case) -> bool:
    return _is_separable(case) and case.right.biases.value > 0


def _full_convolution(case: Case) -> Term:
    """Return the parameters of a convolution with the same window, with biases where the layer has some."""
    weights = product(kernel_symbols(case.kernel)) * channels(case)
    return (weights + 1 if case.right.biases.value else weights) * case.y.channels


def _learns(case: Case) -> bool:
    """Tell whether the layer has parameters, and not one for every element."""
    return multiplies(case) or 0 < case.right.params.value != case.y.size.value


def _could_have_groups(case: Case) -> bool:
    """Tell whether the channels of a layer without groups can be halved, and more than one is left."""
    return getattr(case.layer, "groups", 1) == 1 and case.shapes[0][-1] % 2 == 0 and case.shapes[0][-1] > 2


SLIPS: Final = (
    Slip(
        "depthwise_as_full",
        "params",
        Quantity(_full_convolution),
        "a depthwise layer was counted as a full convolution",
        "Depthwise: one F×F filter per channel.",
        "howtosignalprocessing FAQ",
        where=_is_depthwise,
    ),
    Slip(
        "separable_as_full",
        "params",
        Quantity(_full_convolution),
        "a separable layer was counted as a full convolution",
        "Separable: one F×F filter per channel, then K filters of size 1.",
        where=_is_separable,
    ),
    Slip(
        "separable_two_biases",
        "params",
        Quantity(lambda case: case.right.params + channels(case)),
        "both parts were given biases",
        "A separable convolution has one bias vector, at the end.",
        "Stack Overflow 56764162",
        where=_is_separable_with_bias,
    ),
    Slip(
        "macs_for_params",
        "params",
        Quantity(lambda case: case.right.macs),
        "multiplications were counted instead of weights",
        "That counts multiplications, not weights.",
        "notes on FLOPs",
        where=multiplies,
    ),
    Slip(
        "dense_for_conv",
        "params",
        Quantity(lambda case: (case.x.size + 1) * case.y.size),
        "a fully connected layer was counted",
        "A convolution connects only an F×F patch, with shared weights.",
        "Why convolutions, same course",
        where=has_filters,
    ),
    Slip(
        "size_for_params",
        "params",
        Quantity(lambda case: case.y.size),
        "the activation size was written down",
        "Numbers that the layer produces are not numbers that it learns.",
        "a slip of the column",
        where=_learns,
    ),
    Slip(
        "groups_invented",
        "params",
        replace(FILTERS, depth=HALF),
        "two groups of channels were counted",
        "Without groups each filter sees all C channels.",
        "AlexNet as it was trained, on two GPUs: 307,456 for 614,656",
        where=_could_have_groups,
    ),
)
