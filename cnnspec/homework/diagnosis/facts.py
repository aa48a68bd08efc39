"""What slips of several families look at in a case: terms for their templates, and conditions."""

from __future__ import annotations

from typing import Final

from cnnspec.formula import Term
from cnnspec.homework.diagnosis.case import Case
from cnnspec.homework.diagnosis.parts import BIASED, FILTERS, OUTPUTS, WEIGHTS
from cnnspec.homework.diagnosis.rewrites import Fact, first_match, rewritten, rule
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import input_channels


def channels(case: Case) -> Term:
    """Return how many channels enter the layer, all groups of them."""
    return input_channels(case.shapes[0][-1])


CHANNELS: Final = Fact(channels)
WITHOUT_BIASES: Final = rule(BIASED, WEIGHTS * OUTPUTS)
SIZE: Final = Fact(lambda case: case.right.activation_size)


def has_several_channels(case: Case) -> bool:
    """Tell whether more than one channel enters the layer."""
    return case.shapes[0][-1] > 1


def is_strided(case: Case) -> bool:
    """Tell whether the stride is above 1 along an axis."""
    return max(case.stride) > 1


def is_dilated(case: Case) -> bool:
    """Tell whether the dilation is above 1 along an axis."""
    return max(case.layer.spread) > 1


def multiplies(case: Case) -> bool:
    """Tell whether the layer has multiply-accumulates."""
    return case.right.macs.value > 0


def has_window(case: Case) -> bool:
    """Tell whether the layer has a window that slides over its input."""
    return len(case.layer.window) > 0


def enlarges(case: Case) -> bool:
    """Tell whether the layer is a transposed convolution: its window moves over the output."""
    return case.layer.role is Role.CONVOLUTION and not has_window(case)


def pools(case: Case) -> bool:
    """Tell whether the layer pools over a window."""
    return case.layer.role is Role.POOL and has_window(case)


def has_filters(case: Case) -> bool:
    """Tell whether the layer has filters as deep as its input."""
    return first_match(FILTERS, (case.right.params,)) is not None


def has_one_set_of_biases(case: Case) -> bool:
    """Tell whether all biases stand at one place of the formula: attention has four products with some."""
    formula = (case.right.params,)
    (without,) = rewritten(formula, WITHOUT_BIASES(formula, case))
    return without.value == case.right.params.value - case.right.biases.value
