"""The same network under another convention: what differs, and its numbers by hand."""

from __future__ import annotations

from typing import Final

import pytest

import cnnspec
from cnnspec.homework.marking.near_networks import variants, vary

SPEC: Final = "input: 61x61x1\nlayers: [conv: 4 3x3/3, maxpool: 4, conv: 5 3x3 same bias=false]\n"
"""61 → (61 − 3)/3 + 1 = 20 → (20 − 4)/4 + 1 = 5 → 5; (3·3·1 + 1)·4 = 40, 0 and 3·3·4·5 = 180 parameters."""

DIFFERENCES: Final = {
    "`same` padding in the convolutions": ((21, 5, 5), (40, 0, 180)),  # ⌈61/3⌉ = 21
    "`valid` padding in the convolutions": ((20, 5, 3), (40, 0, 180)),
    "`same` padding everywhere": ((21, 6, 6), (40, 0, 180)),  # ⌈21/4⌉ = 6
    "`valid` padding everywhere": ((20, 5, 3), (40, 0, 180)),
    "stride 1 in the pooling": ((20, 17, 17), (40, 0, 180)),
    "stride 2 in the pooling": ((20, 9, 9), (40, 0, 180)),
    "windows of 2 in the pooling": ((20, 10, 10), (40, 0, 180)),
    "windows of 3 in the pooling": ((20, 6, 6), (40, 0, 180)),
    "stride 1 in the convolutions": ((59, 14, 14), (40, 0, 180)),
    "stride 2 in the convolutions": ((30, 7, 4), (40, 0, 180)),
    "no biases": ((20, 5, 5), (36, 0, 180)),
    "biases everywhere": ((20, 5, 5), (40, 0, 185)),
}


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_the_numbers_of_another_convention(difference: str) -> None:
    """Every one is that of the changed network, from the first layer to the last."""
    graph = {variant.difference: variant.graph for variant in variants(cnnspec.loads(SPEC))}[difference]
    summary = cnnspec.summarize(graph)
    found = (tuple(row.shape[0] for row in summary), tuple(row.params for row in summary))
    assert found == DIFFERENCES[difference]
    assert [node.shape for node in graph.nodes] == [row.shape for row in summary]


def test_what_changes_nothing_or_does_not_fit_is_no_variant() -> None:
    """Of one dense layer only the biases can differ; a convolution that no longer fits is none; nor is no change."""
    found = [variant.difference for variant in variants(cnnspec.loads("input: 6\nlayers: [dense: 3]\n"))]
    assert found == ["no biases"]
    small = cnnspec.loads("input: 4x4x1\nlayers: [conv: 2 5x5 same, maxpool: 2]\n")
    differences = {variant.difference for variant in variants(small)}
    assert not differences & {"`valid` padding in the convolutions", "`valid` padding everywhere"}
    assert "windows of 3 in the pooling" in differences
    assert vary(small, lambda _: {}) is None
    assert vary(small, lambda _: {"no_such_argument": 1}) is None
