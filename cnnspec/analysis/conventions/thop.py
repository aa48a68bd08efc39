"""The MACs of thop (pytorch-OpCounter)."""

from __future__ import annotations

from typing import Final

from cnnspec.analysis.conventions._rules import (
    NOT_MODELLED,
    Convention,
    Use,
    functions,
    is_bilinear,
    is_copied,
    is_distribution,
    macs,
    standardized,
)
from cnnspec.formula import Term, product
from cnnspec.ir.role import Role


def _everywhere(use: Use) -> Term:
    """Weights times output positions, of transposed convolutions too."""
    weights = use.layer.learned(use.x) - use.layer.biases(use.x)
    found = product((weights, *use.y.spatial))
    return macs(use) if use.macs.value == found.value else use.of_all(found)


def _pools(use: Use) -> Term:
    """1 per output element of a mean in a window, 1 per input and output element of one over the whole or to a size."""
    if not use.layer.averages:
        return use.free()
    return use.per_output(1) if use.layer.window else use.of_all(use.x.size + use.y.size)


def _functions(use: Use) -> Term | str:
    """3·n − 1 per softmax of n elements; nothing for the functions that it does not know."""
    if not is_distribution(use):
        return functions(use)
    return use.of_all(product((*use.y.spatial, 3 * use.y.channels - 1)))


def _resized(use: Use) -> Term | str:
    """1 per output element of copies, 11 of bilinear interpolation."""
    return use.per_output(1 if is_copied(use) else 11) if is_copied(use) or is_bilinear(use) else use.unknown()


CONVENTION: Final = Convention(
    "thop",
    "MACs",
    {
        Role.CONVOLUTION: _everywhere,
        Role.DENSE: macs,
        Role.POOL: _pools,
        Role.NORM: standardized(4, 2),
        Role.ACTIVATION: _functions,
        Role.RESIZE: _resized,
    }
    | NOT_MODELLED,
    "thop 0.1.1",
    per_batch=True,
    remark="Group norms are unknown to it and count nothing.",
)
