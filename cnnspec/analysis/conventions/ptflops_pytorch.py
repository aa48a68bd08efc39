"""The MACs of ptflops with its older backend `pytorch`, which counts some layers twice."""

from __future__ import annotations

from typing import Final

from cnnspec.analysis.conventions._rules import (
    NOT_MODELLED,
    Convention,
    Use,
    functions,
    macs_and_biases,
    standardized,
)
from cnnspec.formula import Term
from cnnspec.ir.role import Role


def _pools(use: Use) -> Term:
    """2 per input element: once as a module and once as the function that it calls."""
    return use.of_all(2 * use.x.size)


def _resized(use: Use) -> Term:
    """2 per output element: once as a module and once as the function that it calls."""
    return use.per_output(2)


CONVENTION: Final = Convention(
    "ptflops with its backend `pytorch`",
    "MACs",
    {
        Role.CONVOLUTION: macs_and_biases,
        Role.DENSE: macs_and_biases,
        Role.POOL: _pools,
        Role.NORM: standardized(2, 1),
        Role.ACTIVATION: functions,
        Role.RESIZE: _resized,
    }
    | NOT_MODELLED,
    "ptflops 0.7.5, backend pytorch",
    remark="A ReLU counts 2 per element, for it is counted as a module and as the function that the module calls.",
)
