"""What the parameters of a layer are: weights and biases, learned and stored."""

from __future__ import annotations

from typing import Final

import pytest

import cnnspec

SPLITS: Final = {
    "conv: 8 5x5": ("32x32x3", 600, 8, 608),
    "conv: 8 5x5 nobias": ("32x32x3", 600, 0, 600),
    "dwconv: 3x3 multiplier=2": ("16x16x8", 144, 16, 160),
    "sepconv: 16 3x3": ("16x16x8", 200, 16, 216),
    "upconv: 4 3x3/2": ("16x16x8", 288, 4, 292),
    "dense: 120": ("400", 48_000, 120, 48_120),
    "bn": ("16x16x8", 24, 8, 16),
    "bn: nocenter": ("16x16x8", 24, 0, 8),
    "ln": ("16x16x8", 8, 8, 16),
    "gn: 4 noscale": ("16x16x8", 0, 8, 8),
    "prelu: shared": ("16x16x8", 8, 0, 8),
    "normalize": ("16x16x8", 17, 0, 0),
    "layerscale": ("16x16x8", 8, 0, 8),
    "ln: axis=[1,2,3]": ("8x8x4", 256, 256, 512),
    "rms_norm": ("16x16x8", 8, 0, 8),
    "attention: 2": ("9x8", 256, 32, 288),  # 8 for each of query, key, value and output
    "attention: 2 key=3 value=5 out=6": ("9x8", 236, 28, 264),  # 6 + 6 + 10 + 6
    "attention: 2 nobias": ("9x8", 256, 0, 256),
    "lstm: 5": ("9x4", 180, 20, 200),
    "lstm: 5 nobias": ("9x4", 180, 0, 180),
    "lstm: 5 second_bias": ("9x4", 180, 40, 220),
    "gru: 5": ("9x4", 135, 30, 165),  # two for each of three gates
    "gru: 5 noreset_after": ("9x4", 135, 15, 150),
    "rnn: 5 bidirectional": ("9x4", 90, 10, 100),
    "convlstm: 2 3x3": ("5x9x9x4", 432, 8, 440),
    "positions": ("8x4", 32, 0, 32),
    "relu": ("16x16x8", 0, 0, 0),
}
"""Item -> input, weights, biases, trainable parameters; all counted by hand as Keras stores them."""


@pytest.mark.parametrize("item", SPLITS)
def test_parameters_are_weights_and_biases(item: str) -> None:
    """A batch norm's offset is a bias, its moving statistics are weights that nobody trains."""
    shape, *expected = SPLITS[item]
    row = cnnspec.summarize(cnnspec.loads(f"input: {shape}\nlayers:\n  - {item}\n")).rows[0]
    assert [row.weights, row.biases, row.trainable_params] == expected
