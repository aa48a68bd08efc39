"""The flops of fvcore, which are multiply-accumulates."""

from __future__ import annotations

from typing import Final

from cnnspec.analysis.conventions._rules import (
    NOT_MODELLED,
    Convention,
    Use,
    inputs,
    is_bilinear,
    is_copied,
    macs,
    normalized,
)
from cnnspec.formula import Term
from cnnspec.ir.role import Role


def _pools(use: Use) -> Term:
    """1 per input element of a mean over the whole or to a size, nothing for windows and maxima."""
    return inputs(use) if use.layer.averages and not use.layer.window else use.free()


def _resized(use: Use) -> Term:
    """1 per output element of copies, 4 of bilinear interpolation, nothing for others."""
    return use.per_output(1 if is_copied(use) else 4 if is_bilinear(use) else 0)


CONVENTION: Final = Convention(
    "fvcore's FlopCountAnalysis",
    "MACs",
    {
        Role.CONVOLUTION: macs,
        Role.DENSE: macs,
        Role.POOL: _pools,
        Role.NORM: normalized,
        Role.RESIZE: _resized,
    }
    | NOT_MODELLED,
    "fvcore 0.1.5",
    per_batch=True,
    remark="fvcore calls them flops; what it does not know it skips with a warning.",
)
