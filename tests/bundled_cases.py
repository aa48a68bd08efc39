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


def cases(*others: str, without: frozenset[str] = frozenset()) -> list[object]:
    """Return all bundled networks but some, and other names behind them."""
    names = [name for name in cnnspec.bundled_names() if name not in without]
    assert {*names} | without >= LARGE
    return [*(pytest.param(name, marks=pytest.mark.slow) if name in LARGE else name for name in names), *others]
