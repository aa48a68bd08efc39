"""The graph: what it remembers of the way to it."""

from __future__ import annotations

from typing import Any

import pytest

import cnnspec
from cnnspec.homework.marking.near_networks import vary

ONE = """
input: 12x12x1
params: {k: 4, act: relu, bias: true}
layers:
  - conv: {filters: "$k", kernel: 3, activation: "$act", bias: "$bias"}
  - flatten
  - dense: 3 softmax
"""
SEVERAL = """
input: {left: 8x8x1, right: 8x8x1}
layers:
  - concat: [left, right]
    name: both
  - conv: 4 3x3
"""
GIVEN: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, str]]] = [
    (ONE, {}, {}, {}),
    (ONE, {"inputs": {"": "16x16x3"}}, {"": (16, 16, 3)}, {}),
    (ONE, {"inputs": {"input": [16, 16, 3]}}, {"input": (16, 16, 3)}, {}),
    (ONE, {"params": {"k": 7, "act": "tanh"}}, {}, {"k": "7", "act": "tanh"}),
    (ONE, {"params": {"bias": False}, "inputs": {"": (9, 9, 1)}}, {"": (9, 9, 1)}, {"bias": "false"}),
    (SEVERAL, {"inputs": {"left": (8, 8, 3)}}, {"left": (8, 8, 3)}, {}),
    ("layers: [conv: 4 3x3]", {"inputs": {"": "8x8x1"}}, {"": (8, 8, 1)}, {}),
]


@pytest.mark.parametrize(("text", "given", "inputs", "params"), GIVEN)
def test_a_graph_remembers_its_overrides(
    text: str, given: dict[str, Any], inputs: dict[str, Any], params: dict[str, str]
) -> None:
    """As they were read; with them its text gives the same network again."""
    graph = cnnspec.loads(text, **given)
    assert graph.overrides == (inputs, params)
    assert cnnspec.loads(graph.source.text, **graph.overrides._asdict()) == graph


def test_a_graph_made_from_a_graph_has_its_overrides() -> None:
    """A variant for homework is of the same text."""
    graph = cnnspec.loads(ONE, inputs={"": (16, 16, 3)}, params={"k": 7})
    varied = vary(graph, lambda layer: {"filters": 5} if layer.kind == "conv" else {})
    assert varied is not None
    assert varied.overrides == graph.overrides
