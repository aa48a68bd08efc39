"""The FLOPs of calflops, whose rules are those of DeepSpeed's profiler."""

from __future__ import annotations

from typing import Final

from cnnspec.analysis.conventions._rules import (
    NOT_MODELLED,
    Convention,
    doubled,
    doubled_and_biases,
    functions,
    inputs,
    normalized,
)
from cnnspec.ir.role import Role

CONVENTION: Final = Convention(
    "calflops' FLOPs",
    "FLOPs",
    {
        Role.CONVOLUTION: doubled_and_biases,
        Role.DENSE: doubled,
        Role.POOL: inputs,
        Role.NORM: normalized,
        Role.ACTIVATION: functions,
        Role.RESIZE: inputs,
    }
    | NOT_MODELLED,
    "calflops 0.3.2",
    per_batch=True,
    remark="The biases of dense layers are left out.",
)
