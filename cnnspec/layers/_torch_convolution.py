"""PyTorch's convolution, which is several kinds of ours."""

from __future__ import annotations

from typing import Final

from cnnspec.ir.torch_call import Order
from cnnspec.ir.torch_rule import Only, Reads, TorchRule

CONVOLUTION: Final = TorchRule(
    "Conv{rank}d",
    {
        "in_channels": Reads.CHANNELS,
        "out_channels": "filters",
        "kernel_size": "kernel",
        "stride": "stride",
        "padding": "padding",
        "dilation": "dilation",
        "groups": "groups",
        "bias": "bias",
        "padding_mode": Only(("zeros",), "write a padding layer before it, whose numbers are the same"),
    },
    lazy=True,
    leading=3,
    order=Order.FIRST,
    learns=True,
)
