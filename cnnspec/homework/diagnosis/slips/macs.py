"""Slips in the multiply-accumulates."""

from __future__ import annotations

from typing import Final

from cnnspec.formula import product
from cnnspec.homework.diagnosis.case import Case
from cnnspec.homework.diagnosis.facts import enlarges, multiplies
from cnnspec.homework.diagnosis.slip import Quantity, Slip
from cnnspec.ir.role import Role


def _adds_at_every_place(case: Case) -> bool:
    """Tell whether the layer adds a bias, if it has some, to every output element."""
    return case.layer.role in (Role.CONVOLUTION, Role.DENSE)


def _has_more_flops(case: Case) -> bool:
    """Tell whether there are operations beside multiplications and the additions of their products."""
    return multiplies(case) and case.right.flops.value != 2 * case.right.macs.value


SLIPS: Final = (
    Slip(
        "macs_with_biases",
        "macs",
        Quantity(lambda case: case.right.macs + case.y.size),
        "the additions of the biases were counted",
        "MACs are multiply-accumulates; a bias is added once.",
        "torchinfo's mult-adds",
        where=_adds_at_every_place,
    ),
    Slip(
        "flops_for_macs",
        "macs",
        Quantity(lambda case: 2 * case.right.macs),
        "multiplications and additions were counted apart",
        "One MAC is one multiplication and one addition.",
        "tools that print FLOPs",
        where=multiplies,
    ),
    Slip(
        "all_flops_for_macs",
        "macs",
        Quantity(lambda case: case.right.flops),
        "all operations were counted: multiplications, additions, and biases",
        "One MAC is one multiplication and one addition, and biases are no MACs.",
        "tools that print FLOPs",
        where=_has_more_flops,
    ),
    Slip(
        "macs_at_outputs",
        "macs",
        Quantity(lambda case: (case.right.params - case.right.biases) * product(case.y.spatial)),
        "every weight was counted at every place of the output",
        "A transposed convolution uses every weight once at every place of its input: F·F·C·K·H·W.",
        where=enlarges,
    ),
    Slip(
        "params_for_macs",
        "macs",
        Quantity(lambda case: case.right.params),
        "parameters were written down",
        "Every weight is used at every position.",
        "a slip of the column",
        where=multiplies,
        elsewhere="MACs are products of inputs and weights: no bias is among them.",
    ),
)
