"""The activation functions that are kinds by their name alone, as operations of ONNX and of PyTorch's ATen."""

from __future__ import annotations

from typing import Final

from cnnspec.ir.operation import Operation, named

SIXTH: Final = 1 / 6
ONNX: Final = {
    "selu": (Operation("Selu", only={"alpha": (1.67326319217681884765625,), "gamma": (1.05070102214813232421875,)}),),
    "gelu": (Operation("Gelu", only={"approximate": ("none",)}),),
    "silu": (Operation("Swish", only={"alpha": (1,)}),),
    "hard_silu": named("HardSwish"),
    "sigmoid": named("Sigmoid"),
    "hard_sigmoid": (Operation("HardSigmoid", only={"alpha": (SIXTH,), "beta": (0.5,)}, absent={"alpha": 0.2}),),
    "tanh": named("Tanh"),
    "softplus": named("Softplus"),
    "softsign": named("Softsign"),
    "mish": named("Mish"),
    "exponential": named("Exp"),
    "celu": (Operation("Celu", only={"alpha": (1,)}),),
    "log_softmax": (Operation("LogSoftmax", channels="axis"),),
}
ATEN: Final = {
    "selu": named("selu"),
    "gelu": (Operation("gelu", only={"approximate": ("none",)}),),
    "silu": named("silu"),
    "hard_silu": named("hardswish"),
    "sigmoid": named("sigmoid"),
    "hard_sigmoid": named("hardsigmoid"),
    "tanh": named("tanh"),
    "softplus": (Operation("softplus", only={"beta": (1,), "threshold": (20,)}),),
    "mish": named("mish"),
    "exponential": named("exp"),
    "celu": (Operation("celu", only={"alpha": (1,)}),),
    "hard_shrink": (Operation("hardshrink", only={"lambd": (0.5,)}),),
    "soft_shrink": (Operation("softshrink", only={"lambd": (0.5,)}),),
    "log_sigmoid": named("log_sigmoid"),
    "log_softmax": tuple(
        Operation(name, only={"half_to_float": (False,)}, channels="dim") for name in ("log_softmax", "_log_softmax")
    ),
}
GATED: Final = {"sigmoid": "silu", "hard_sigmoid": "hard_silu"}
"""The functions that x times another function of x is."""
GAUSSIAN: Final = "gelu"
"""The function that is x·(1 + erf(x/√2))/2."""
