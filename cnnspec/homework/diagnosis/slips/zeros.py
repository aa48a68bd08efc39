"""Slips in the parameters of a layer that learns nothing."""

from __future__ import annotations

from typing import Final

from cnnspec.analysis.measure import quantities_of
from cnnspec.formula import Term, number, product, symbol
from cnnspec.homework.diagnosis.case import Case
from cnnspec.homework.diagnosis.facts import channels, pools
from cnnspec.homework.diagnosis.slip import Quantity, Slip
from cnnspec.ir.layer import kernel_symbols
from cnnspec.layers._symbols import WINDOW


def _learns_nothing(case: Case) -> bool:
    """Tell whether the formula is the number 0, which says why."""
    params = case.right.params
    return params.op == "number" and params.value == 0


def _params_above(case: Case) -> Term | None:
    params = quantities_of(*case.above).params if case.above else None
    return symbol("params above", params.value) if params and params.value else None


SLIPS: Final = (
    Slip(
        "pool_has_params",
        "params",
        Quantity(lambda case: (product(kernel_symbols(case.layer.window, *WINDOW)) + 1) * channels(case)),
        "a pooling layer was given weights and biases like a convolution",
        "Pooling has nothing to learn: 0.",
        "stats.SE 209013",
        where=pools,
    ),
    Slip(
        "pool_coefficients",
        "params",
        Quantity(lambda case: 2 * channels(case)),
        "every map was given a coefficient and a bias",
        "That was so in LeNet's S2 of 1998; today's pooling has nothing to learn: 0.",
        "LeCun 1998, layer S2",
        where=pools,
    ),
    Slip(
        "hyperparameters_counted",
        "params",
        Quantity(lambda _: number(2)),
        "window and stride were counted as parameters",
        "What is chosen is not learned: 0.",
        "stevengong.co",
        where=pools,
    ),
    Slip(
        "nothing_learned",
        "params",
        Quantity(lambda case: case.y.size),
        "a layer without weights was given parameters",
        "This layer learns nothing: 0.",
        where=_learns_nothing,
    ),
    Slip(
        "params_of_row_above",
        "params",
        Quantity(_params_above),
        "the parameters of the row above were written down again",
        "They belong to the row above; this layer learns nothing: 0.",
        where=_learns_nothing,
    ),
)
