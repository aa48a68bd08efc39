"""Layers of two networks in pairs: every layer once, in both orders, equal ones together."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnnspec
from cnnspec.analysis import alignment
from cnnspec.analysis.alignment import align
from cnnspec.analysis.measure import Summary, measure

ITEMS: Final = ("conv: 4 3x3 same", "conv: 8 3x3 same", "relu", "bn", "maxpool: 1", "dropout: 0.5", "dense: 3")
LISTS: Final = st.lists(st.sampled_from(ITEMS), min_size=1, max_size=14)


def network(items: list[str]) -> Summary:
    """Return a measured chain."""
    return measure(cnnspec.loads("input: 8x8x3\nlayers:\n" + "".join(f"  - {item}\n" for item in items)))


def names(old: list[str], new: list[str]) -> list[tuple[str, str]]:
    """Return the names of the layers in pairs."""
    pairs = align(network(old).rows, network(new).rows)
    return [(left.name if left else "", right.name if right else "") for left, right in pairs]


@pytest.mark.parametrize("most", [1_000_000, 0], ids=["by layer", "by name"])
@given(LISTS, LISTS)
def test_every_layer_stands_in_one_pair_in_its_order(most: int, old: list[str], new: list[str]) -> None:
    """Whatever differs, nothing is left out, and pairs never cross."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alignment, "MOST_COMPARED", most)
        left, right = network(old).rows, network(new).rows
        pairs = align(left, right)
    assert [pair.left for pair in pairs if pair.left] == list(left)
    assert [pair.right for pair in pairs if pair.right] == list(right)
    assert all(pair.left or pair.right for pair in pairs)


@given(LISTS)
def test_a_network_is_equal_to_itself(items: list[str]) -> None:
    """Every layer stands beside itself."""
    assert all(left == right for left, right in names(items, items))


@given(LISTS, st.data())
def test_a_layer_more_is_one_more(items: list[str], data: st.DataObject) -> None:
    """A flatten anywhere in a chain without one stands alone; every other layer has its counterpart."""
    place = data.draw(st.integers(0, len(items)))
    pairs = align(network(items).rows, network([*items[:place], "gelu", *items[place:]]).rows)
    assert [pair.right.kind for pair in pairs if pair.left is None and pair.right] == ["gelu"]
    assert not [pair for pair in pairs if pair.right is None]


def test_a_changed_layer_stands_beside_what_it_was() -> None:
    """By its kind, though its arguments and all names behind it differ."""
    old = ["conv: 4 3x3 same", "relu", "conv: 8 3x3 same", "relu", "dense: 3"]
    new = ["conv: 4 3x3 same", "bn", "relu", "conv: 16 5x5 same", "relu", "dense: 3"]
    assert names(old, new) == [
        ("conv1", "conv1"),
        ("", "bn1"),
        ("relu1", "relu1"),
        ("conv2", "conv2"),
        ("relu2", "relu2"),
        ("dense1", "dense1"),
    ]
