"""Which classes of Keras 3.15 and PyTorch 2.13 there are per number of axes, and the kinds that they are here."""

from __future__ import annotations

from typing import Final

import pytest

import cnnspec.layers  # noqa: F401 - its files are found when words of theirs are looked up
from cnnspec.ir.words import find_kind

OF_KERAS: Final = {
    "Conv{}D": ("conv", "123"),
    "Convolution{}D": ("conv", "123"),
    "Conv{}DTranspose": ("upconv", "123"),
    "Convolution{}DTranspose": ("upconv", "123"),
    "DepthwiseConv{}D": ("dwconv", "12"),
    "SeparableConv{}D": ("sepconv", "12"),
    "SeparableConvolution{}D": ("sepconv", "12"),
    "ConvLSTM{}D": ("convlstm", "123"),
    "MaxPooling{}D": ("maxpool", "123"),
    "MaxPool{}D": ("maxpool", "123"),
    "AveragePooling{}D": ("avgpool", "123"),
    "AvgPool{}D": ("avgpool", "123"),
    "GlobalAveragePooling{}D": ("gap", "123"),
    "GlobalAvgPool{}D": ("gap", "123"),
    "GlobalMaxPooling{}D": ("gmp", "123"),
    "GlobalMaxPool{}D": ("gmp", "123"),
    "AdaptiveAveragePooling{}D": ("adaptive_avgpool", "123"),
    "AdaptiveMaxPooling{}D": ("adaptive_maxpool", "123"),
    "ZeroPadding{}D": ("pad", "123"),
    "Cropping{}D": ("crop", "123"),
    "UpSampling{}D": ("upsample", "123"),
    "SpatialDropout{}D": ("spatial_dropout", "123"),
}
"""What `keras.layers` has, with the digits that may stand in it."""
OF_PYTORCH: Final = {
    "Conv{}d": ("conv", "123"),
    "ConvTranspose{}d": ("upconv", "123"),
    "MaxPool{}d": ("maxpool", "123"),
    "AvgPool{}d": ("avgpool", "123"),
    "AdaptiveAvgPool{}d": ("adaptive_avgpool", "123"),
    "AdaptiveMaxPool{}d": ("adaptive_maxpool", "123"),
    "BatchNorm{}d": ("bn", "123"),
    "InstanceNorm{}d": ("gn", "123"),
    "Dropout{}d": ("spatial_dropout", "123"),
    "ZeroPad{}d": ("pad", "123"),
    "ConstantPad{}d": ("pad", "123"),
    "ReflectionPad{}d": ("pad", "123"),
    "ReplicationPad{}d": ("pad", "123"),
}
"""What `torch.nn` has."""


@pytest.mark.parametrize("name", OF_KERAS)
def test_classes_of_keras(name: str) -> None:
    """For one axis to three; where the class is missing in Keras, its name means nothing."""
    kind, digits = OF_KERAS[name]
    found = {digit: find_kind(name.format(digit)) for digit in "01234"}
    assert {digit: (each.cls.kind, each.rank) for digit, each in found.items() if each} == {
        digit: (kind, int(digit)) for digit in digits
    }


@pytest.mark.parametrize("name", OF_PYTORCH)
def test_classes_of_pytorch(name: str) -> None:
    """As for Keras; a batch norm of vectors is that of sequences."""
    kind, digits = OF_PYTORCH[name]
    found = {digit: find_kind(f"nn.{name.format(digit)}") for digit in "01234"}
    assert {digit: each.cls.kind for digit, each in found.items() if each} == dict.fromkeys(digits, kind)
