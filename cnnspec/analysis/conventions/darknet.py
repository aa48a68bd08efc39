"""The BFLOPs that darknet prints beside convolutions."""

from __future__ import annotations

from typing import Final

from cnnspec.analysis.conventions._rules import NOT_MODELLED, Convention, doubled, free
from cnnspec.ir.role import Role

CONVENTION: Final = Convention(
    "darknet's BFLOPs",
    "FLOPs",
    {Role.CONVOLUTION: doubled, Role.DENSE: free} | NOT_MODELLED,
    "darknet's source, which was read and not run",
    remark="Dense layers are left out.",
)
