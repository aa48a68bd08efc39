"""The activation functions that other kinds take as an argument, and what they cost."""

from __future__ import annotations

from typing import Final

from cnnspec.formula import Term
from cnnspec.ir.arguments import Choice
from cnnspec.ir.layer import per_element
from cnnspec.ir.shapes import Tensor

COSTS: Final = {
    "linear": 0,
    "relu": 1,
    "relu6": 1,
    "leaky_relu": 1,
    "elu": 1,
    "selu": 1,
    "gelu": 1,
    "silu": 1,
    "hard_silu": 1,
    "sigmoid": 1,
    "hard_sigmoid": 1,
    "tanh": 1,
    "softplus": 1,
    "softsign": 1,
    "mish": 1,
    "exponential": 1,
    "softmax": 5,
}
"""Operations per element: 1 for a function of one element (fvcore, calflops), 5 for softmax (TensorFlow's profiler)."""

SPELLINGS: Final = (("swish", "silu"), ("hard_swish", "hard_silu"), ("none", "linear"))
ACTIVATION: Final = Choice(tuple(COSTS), SPELLINGS)


def with_activation(operations: Term, activation: str, y: Tensor) -> Term:
    """Return operations plus those of an activation function on the output."""
    cost = COSTS[activation]
    if not cost:
        return operations
    spent = per_element(cost, y, "")
    return operations + spent if operations.value else spent
