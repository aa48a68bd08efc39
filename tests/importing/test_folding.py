"""Folding: what a folded spec looks like, that it is always the same network, and what counts as the same."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cnnspec
from cnnspec.importing.folding.equality import is_same_network
from cnnspec.importing.folding.simplification import simplified
from cnnspec.importing.spec import write_spec

HEAD: Final = "input: 32x32x4\nlayers:\n"
RESIDUAL: Final = """\
name: net
input: 32x32x4
blocks:
  block:
    params: {f: required, s: 1}
    layers:
      - residual:
          body: [conv: $f 3x3/$s same nobias bn relu, conv: $f 3x3 same nobias bn]
          shortcut:
            - conv: $f 1x1/2 nobias bn
              when: ${s > 1}
      - relu
layers:
  - conv: 8 3x3 same bn relu
  - for: [f, s]
    in: [[8, 1], [16, 2], [32, 2], [64, 2]]
    do:
      - block: {f: $f}
        repeat: 3
        first: {s: $s}
  - gap
  - dense: 10 softmax
"""
STAGES: Final = """\
name: net
input: 32x32x4
layers:
  - for: [f, n]
    in: [[8, 1], [16, 2], [32, 3], [64, 3]]
    do:
      - conv: $f 3x3 same relu
        repeat: $n
      - maxpool
  - flatten
  - dense: 10 softmax
"""


@pytest.mark.parametrize("text", [RESIDUAL, STAGES])
def test_a_short_spec_is_found_again(text: str) -> None:
    """From the bare layers of a network, the blocks and stages that a person would write."""
    assert write_spec(cnnspec.loads(text, "net.yaml")) == text


@pytest.mark.slow
@pytest.mark.parametrize("name", cnnspec.bundled_names())
def test_bundled_networks_are_kept(name: str) -> None:
    """Folded and flat, they are the same networks; what is alike in numbers alone is simplified before."""
    graph = cnnspec.load(name)
    assert is_same_network(cnnspec.loads(write_spec(graph, flat=True)), graph)
    again = cnnspec.loads(write_spec(graph))
    assert is_same_network(again, graph) or is_same_network(again, simplified(graph))
    assert cnnspec.summarize(again).totals.params == cnnspec.summarize(graph).totals.params


DIFFERENT: Final = [
    ("- conv: 4 3x3 same", "- conv: 4 3x3 same relu"),
    ("- concat: [[conv: 4 1x1], identity]", "- concat: [identity, [conv: 4 1x1]]"),
    ("- subtract: [[conv: 4 1x1], identity]", "- subtract: [identity, [conv: 4 1x1]]"),
    ("- dense: 4\n  - relu", "- relu\n  - dense: 4"),
    ("- dense: 4", "- dense: 4\n    trainable: false"),
    ("- dense: 4\n    name: a\n  - share: a", "- dense: 4\n    name: a\n  - dense: 4"),
    (
        "- relu:\n    name: r\n  - add: [[conv: 4 1x1, relu], [conv: 4 1x1, relu], r]",
        "- relu:\n    name: r\n  - conv: 4 1x1\n    name: c\n  - add: [[relu], [relu], r]",
    ),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_is_not_the_same(one: str, other: str) -> None:
    """Other layers, another order where it counts, other wiring, and parameters that are there once or twice."""
    first, second = cnnspec.loads(f"{HEAD}  {one}\n"), cnnspec.loads(f"{HEAD}  {other}\n")
    assert not is_same_network(first, second)
    assert is_same_network(first, cnnspec.loads(f"{HEAD}  {one}\n"))


def test_the_order_of_summands_does_not_count() -> None:
    """Nor do names."""
    one = cnnspec.loads(f"{HEAD}  - add: [[conv: 4 1x1], identity]\n")
    assert is_same_network(one, cnnspec.loads(f"{HEAD}  - add: [identity, [{{conv: 4 1x1, name: b}}]]\n"))


def test_a_vector_has_no_channels_to_shuffle() -> None:
    """A fuzzer's: its places are moved within the only axis, which is no exchange with another."""
    graph = cnnspec.loads("input: 9\nlayers:\n  - reshape: 9\n  - permute: 1\n  - reshape: 9\n")
    assert [node.kind for node in simplified(graph).nodes] == ["reshape", "permute", "reshape"]


def test_one_layer_takes_over_what_stands_before_it() -> None:
    """Padding, global means with their axes, and functions of three layers; a maximum only where zeros never win."""
    items = (
        *("pad: 1", "conv: 4 3x3/2", "pad: 1", "maxpool: 3x3/2", "relu", "pad: 1", "maxpool: 3x3/2", "linear"),
        *("rescale: 1 offset=3", "relu6", "rescale: 1/6", "gap", "reshape: 1x1x4", "pad: [[0,1],[0,1]]"),
    )
    text = HEAD + "".join(f"  - {item}\n" for item in items) + "  - conv: 4 2x2\n"
    found = [f"{node.kind} {node.layer.arguments(brief=True)}" for node in simplified(cnnspec.loads(text))]
    assert found == [
        "conv {'filters': 4, 'kernel': (3, 3), 'stride': (2, 2), 'padding': ((1, 1), (1, 1))}",
        "pad {}",
        "maxpool {'pool': (3, 3), 'stride': (2, 2)}",
        "relu {}",
        "maxpool {'pool': (3, 3), 'stride': (2, 2), 'padding': ((1, 1), (1, 1))}",
        "hard_sigmoid {}",
        "gap {'keepdims': True}",
        "conv {'filters': 4, 'kernel': (2, 2), 'padding': 'same'}",
    ]


@pytest.mark.slow
def test_deep_joins_are_named() -> None:
    """Two thousand joins within each other are no branches within each other, and need no stack."""
    down = "".join(f"  - relu: {number}\n    name: d{number}\n" for number in range(2000))
    up = "".join(f"  - add: [[elu], d{number}]\n" for number in reversed(range(2000)))
    graph = cnnspec.loads(HEAD + down + up)
    text = write_spec(graph)
    assert text.count("residual") == 8
    assert is_same_network(cnnspec.loads(text), graph)


def test_three_layers_are_an_exchange() -> None:
    """As Keras' listings of channel shuffles and sub-pixel convolutions have them; rounding up is rows behind."""
    items = (
        *("reshape: 32x32x2x2", "permute: [1, 2, 4, 3]", "reshape: 32x32x4"),
        *("reshape: 32x32x2x2x1", "permute: [1, 3, 2, 4, 5]", "reshape: 64x64x1"),
        "maxpool: 3x3/2 ceil",
    )
    graph = simplified(cnnspec.loads(HEAD + "".join(f"  - {item}\n" for item in items)))
    found = [f"{node.kind} {node.layer.arguments(brief=True)}" for node in graph]
    assert found == [
        "channel_shuffle {'groups': 2}",
        "depth_to_space {'block': 2}",
        "maxpool {'pool': (3, 3), 'stride': (2, 2), 'padding': 'same'}",
    ]


ITEMS: Final = st.sampled_from(
    (
        "conv: 4 3x3 same bn relu",
        "conv: 8 3x3 same nobias bn relu",
        "conv: ${in.c} 1x1",
        "bn:",
        "relu:",
        "dropout: 0.1",
        "residual: [conv: $in.c 3x3 same bn relu, conv: $in.c 3x3 same bn]",
        "residual: {body: [conv: 8 3x3/2 same bn], shortcut: [conv: 8 1x1/2]}",
        "gate: [gap: keepdims, conv: 2 1x1 relu, conv: $branch.c 1x1 sigmoid]",
        "concat: [identity, [bn, relu, conv: 4 3x3 same]]",
        "concat: [identity, [conv: 4 1x1, residual: [relu, dropout: 0.5]]]",
        "add: [[conv: 4 1x1], [conv: 4 3x3 same], [conv: 4 5x5 same]]",
        "maxpool: 3x3/2 same",
    )
)


@settings(max_examples=50)
@given(st.lists(st.tuples(ITEMS, st.integers(1, 3)), min_size=1, max_size=8), st.integers(1, 3))
def test_random_networks_are_kept(items: list[tuple[str, int]], times: int) -> None:
    """Whatever repeats, and whatever it differs in: a folded spec gives the same network."""
    copies = "".join(f"  - {item}\n    repeat: {count}\n" for _ in range(times) for item, count in items)
    graph = cnnspec.loads(HEAD + copies)
    assert is_same_network(cnnspec.loads(write_spec(graph)), simplified(graph))
