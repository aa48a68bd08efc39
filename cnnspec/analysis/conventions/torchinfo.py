"""The mult-adds of torchinfo, which multiplies parameters."""

from __future__ import annotations

from typing import Final

from cnnspec.analysis.conventions._rules import NOT_MODELLED, Convention, Use, learned
from cnnspec.formula import Term, product
from cnnspec.ir.role import Role


def _everywhere(use: Use) -> Term:
    """Parameters times output positions, biases and transposed convolutions included."""
    return use.of_all(product((use.layer.learned(use.x), *use.y.spatial)))


def _slopes(use: Use) -> Term:
    """1 per learned slope."""
    return learned(use) if use.layer.role is Role.ACTIVATION else use.free()


CONVENTION: Final = Convention(
    "torchinfo's mult-adds",
    "MACs",
    {
        Role.CONVOLUTION: _everywhere,
        Role.DENSE: learned,
        Role.NORM: learned,
        Role.ACTIVATION: _slopes,
    }
    | NOT_MODELLED,
    "torchinfo 1.8.0",
    per_batch=True,
    remark="Normalizations count as often as they have parameters, not elements; a dense layer counts once, at however "
    "many positions it is applied.",
)
