"""PyTorch's activation functions."""

from __future__ import annotations

from typing import Final

from cnnspec.ir.keras_values import ANYTHING
from cnnspec.ir.torch_call import TorchCall
from cnnspec.ir.torch_rule import Only, Reads, TorchRule

LIMITED: Final = TorchRule("ReLU6")
CUT: Final = TorchRule("Hardtanh", {"max_val": "max"}, fixed={"min_val": 0.0}, leading=2)
LEAKY: Final = TorchRule("LeakyReLU", {"negative_slope": "slope"}, leading=1)
"""What PyTorch has for a `relu` with a limit or a slope."""
NOTHING_DONE: Final = TorchCall("Identity", inline="{0}")
FORMULAS: Final = {
    "exponential": "torch.exp({0})",
    "squareplus": "({0} + ({0}.square() + 4).sqrt()) / 2",
    "sparse_plus": "torch.where({0} < 1, ({0} + 1).clamp(min=0).square() / 4, {0})",
    "sparse_sigmoid": "(({0} + 1) / 2).clamp(0, 1)",
}
"""Functions that are no class of PyTorch."""
CLASSES: Final = {
    "selu": TorchRule("SELU"),
    "gelu": TorchRule("GELU", {"approximate": Only(("none",))}),
    "silu": TorchRule("SiLU"),
    "hard_silu": TorchRule("Hardswish"),
    "sigmoid": TorchRule("Sigmoid"),
    "hard_sigmoid": TorchRule("Hardsigmoid"),
    "tanh": TorchRule("Tanh"),
    "softplus": TorchRule("Softplus", {"beta": Only((1, 1.0)), "threshold": Only((ANYTHING,))}),
    "softsign": TorchRule("Softsign"),
    "mish": TorchRule("Mish"),
    "celu": TorchRule("CELU", {"alpha": Only((1, 1.0))}),
    "hard_tanh": TorchRule("Hardtanh", {"min_val": Only((-1, -1.0)), "max_val": Only((1, 1.0))}),
    "tanh_shrink": TorchRule("Tanhshrink"),
    "hard_shrink": TorchRule("Hardshrink", {"lambd": Only((0.5,))}),
    "soft_shrink": TorchRule("Softshrink", {"lambd": Only((0.5,))}),
    "log_sigmoid": TorchRule("LogSigmoid"),
    "log_softmax": TorchRule("LogSoftmax", {"dim": Reads.AXIS}),
}
"""PyTorch's classes of the functions that are kinds by their name alone."""
