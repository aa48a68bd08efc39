"""The MACs of ptflops with its `aten` backend, which is its default."""

from __future__ import annotations

from typing import Final

from cnnspec.analysis.conventions._rules import NOT_MODELLED, Convention, macs_and_biases
from cnnspec.ir.role import Role

CONVENTION: Final = Convention(
    "ptflops with its backend `aten`",
    "MACs",
    {
        Role.CONVOLUTION: macs_and_biases,
        Role.DENSE: macs_and_biases,
    }
    | NOT_MODELLED,
    "ptflops 0.7.5, backend aten",
)
