"""Slips in the multiply-accumulates."""

from __future__ import annotations

from typing import Final

from cnnspec.homework.diagnosis.case import Case
from cnnspec.homework.diagnosis.facts import multiplies
from cnnspec.homework.diagnosis.slip import Quantity, Slip
from cnnspec.ir.role import Role


def _adds_at_every_place(case: Case) -> bool:
    """Tell whether the layer adds a bias, if it has some, to every output element."""
    return case.layer.role in (Role.CONVOLUTION, Role.DENSE)


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
