"""PyTorch's normalizations."""

from __future__ import annotations

from typing import Final

from cnnspec.ir.keras_values import ANYTHING
from cnnspec.ir.torch_call import Order
from cnnspec.ir.torch_rule import AFFINE, MOMENTUM, SHAPE, Only, Reads, Through, TorchRule, as_it_is

MOVING: Final = ("running_mean", "running_var")
"""The buffers of PyTorch's batch norm with a number per channel."""
BATCH_NORM: Final = TorchRule(
    "BatchNorm{rank}d",
    {
        "num_features": Reads.CHANNELS,
        "eps": "eps",
        "momentum": MOMENTUM,
        "affine": AFFINE,
        "track_running_stats": Only((True,), "leave it out: the moving mean and variance are counted here"),
    },
    also=("BatchNorm1d", "SyncBatchNorm"),
    ranks=(2, 3),
    values={"eps": 1e-5, "momentum": 0.9},
    lazy=True,
    leading=1,
    order=Order.FIRST,
    learns=True,
    differs="PyTorch's momentum is 1 less ours; it counts the moving mean and variance, 2·C numbers, as buffers.",
)
LAYER_NORM: Final = TorchRule(
    "LayerNorm",
    {
        "normalized_shape": SHAPE,
        "eps": "eps",
        "elementwise_affine": AFFINE,
        "bias": Through("center", as_it_is, as_it_is),
    },
    values={"eps": 1e-5},
    leading=1,
    order=Order.LAST,
    learns=True,
)
GROUP_NORM: Final = TorchRule(
    "GroupNorm",
    {"num_groups": "groups", "num_channels": Reads.CHANNELS, "eps": "eps", "affine": AFFINE},
    values={"eps": 1e-5},
    leading=2,
    order=Order.FIRST,
    learns=True,
    others=(
        TorchRule(
            "InstanceNorm{rank}d",
            {
                "num_features": (Reads.CHANNELS, Through("groups", as_it_is, as_it_is)),
                "eps": "eps",
                "momentum": Only((ANYTHING,)),
                "affine": AFFINE,
                "track_running_stats": Only((False,)),
            },
            values={"eps": 1e-5, "center": False, "scale": False},
        ),
    ),
)
