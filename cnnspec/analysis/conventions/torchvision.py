"""Torchvision's `_ops`, and half of what PyTorch's FlopCounterMode counts."""

from __future__ import annotations

from typing import Final

from cnnspec.analysis.conventions._rules import NOT_MODELLED, Convention, macs
from cnnspec.ir.role import Role

CONVENTION: Final = Convention(
    "torchvision's `_ops`, half of FlopCounterMode's number, and calflops' MACs",
    "MACs",
    {Role.CONVOLUTION: macs, Role.DENSE: macs} | NOT_MODELLED,
    "FlopCounterMode of PyTorch 2.13",
)
