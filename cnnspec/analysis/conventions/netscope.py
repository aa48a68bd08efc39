"""The macc of Netscope (CNN Analyzer)."""

from __future__ import annotations

from typing import Final

from cnnspec.analysis.conventions._rules import NOT_MODELLED, Convention, macs
from cnnspec.ir.role import Role

CONVENTION: Final = Convention(
    "Netscope's macc",
    "MACs",
    {Role.CONVOLUTION: macs, Role.DENSE: macs} | NOT_MODELLED,
    "Netscope's source, which was read and not run",
    per_batch=True,
    remark="Comparisons, additions, divisions and exponentials stand in columns of their own there; only those of a "
    "local response norm, n per element, are macc too.",
)
