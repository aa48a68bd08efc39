"""Numbers that are cut at two limits, as ONNX' Clip and PyTorch's clamp do: the functions that are kinds."""

from __future__ import annotations

from typing import Any

import pytest

from cnnspec.layers.activations import clipped


@pytest.mark.parametrize(
    ("low", "high", "kind", "arguments"),
    [
        (0, 6, "relu6", {}),
        (0, None, "relu", {}),
        (0, 5, "relu", {"max": 5}),
        (0, 1, "relu", {"max": 1}),
        (-1, 1, "hard_tanh", {}),
    ],
)
def test_limits_of_a_kind(low: float, high: float | None, kind: str, arguments: dict[str, Any]) -> None:
    """ReLU6 and its like below 0, HardTanh from −1 to 1 (PyTorch)."""
    layer = clipped(low, high)
    assert layer
    assert (layer.kind, layer.arguments()) == (kind, arguments)


@pytest.mark.parametrize(
    ("low", "high"), [(0, 0), (0, -1), (1, 6), (-1, 2), (-2, 1), (-1, None), (None, 6), (None, None)]
)
def test_other_limits(low: float | None, high: float | None) -> None:
    """No kind cuts there: nothing is taken for what it is not."""
    assert clipped(low, high) is None
