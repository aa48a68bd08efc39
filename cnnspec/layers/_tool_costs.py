"""What tools count per element for activation functions, by their conventions, as measured with the tools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_TWICE: Final = {"ptflops-pytorch": 2, "calflops": 1}
"""Ptflops counts the module, and the function that it calls."""
_ONCE: Final = {"ptflops-pytorch": 1, "calflops": 1}

FUNCTION_COSTS: Final[Mapping[str, Mapping[str, int] | None]] = {
    "relu": _TWICE,
    "relu6": {"ptflops-pytorch": 1},
    "leaky_relu": _ONCE,
    "elu": _TWICE,
    "gelu": {**_TWICE, "tf-profiler": 4},
    "silu": {**_ONCE, "tf-profiler": 2},
    "hard_silu": {"tf-profiler": 3},
    "hard_sigmoid": {"tf-profiler": 2},
    "mish": {"tf-profiler": 1},
    "softmax": {**_ONCE, "tf-profiler": 5},
    "celu": {"tf-profiler": 5},
    "squareplus": {"tf-profiler": 4},
    "sparse_plus": {"tf-profiler": 5},
    "hard_tanh": {"tf-profiler": 2},
    "tanh_shrink": {"tf-profiler": 1},
    "hard_shrink": {"tf-profiler": 1},
    "soft_shrink": {"tf-profiler": 4},
    "sparse_sigmoid": {"tf-profiler": 4},
    "log_sigmoid": {"tf-profiler": 2},
    "sparsemax": None,
}
"""Nothing for what is not listed; None where it is not known."""
