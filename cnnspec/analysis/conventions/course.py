"""Multiply-accumulates, as this program and most papers count them."""

from __future__ import annotations

from typing import Final

from cnnspec.analysis.conventions._rules import Convention, macs
from cnnspec.ir.role import Role

CONVENTION: Final = Convention(
    "the column MACs of this program",
    "MACs",
    dict.fromkeys((Role.CONVOLUTION, Role.DENSE, Role.SEQUENCE, Role.OPAQUE, Role.JOIN), macs),
    "docs/counting.md",
)
