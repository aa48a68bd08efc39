"""The bundled networks as the cases of a law: the largest of them are for the slow part of the tests."""

from __future__ import annotations

from typing import Final

import pytest

import cnnspec

LARGE: Final = frozenset(
    (
        *("convnext", "densenet", "efficientnet", "efficientnetv2", "googlenet-torchvision", "inception-resnet-v2"),
        *("inceptionv3", "mobilenetv3", "nasnet", "resnetv2", "resnext", "shufflenetv2", "transfer-mobilenetv2"),
        "xception",
    )
)
"""Networks of more than 100 layers but ResNet-50 and MobileNetV2, which stand for them in the fast part."""
COURSE_TOTALS: Final = {
    "params": 62_958,
    "trainable_params": 62_958,
    "non_trainable_params": 0,
    "macs": 849_320,
    "flops": 1_714_648,
    "activation_size": 13_126,
    "activation_bytes": 52_504,
    "params_bytes": 251_832,
    "layers": 8,
}
"""The sums of the course's complexity table (lenet5-rgb) with its counts corrected."""


def cases(*others: str, without: frozenset[str] = frozenset()) -> list[object]:
    """Return all bundled networks but some, and other names behind them."""
    names = [name for name in cnnspec.bundled_names() if name not in without]
    assert {*names} | without >= LARGE
    return [*(pytest.param(name, marks=pytest.mark.slow) if name in LARGE else name for name in names), *others]
