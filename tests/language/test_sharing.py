"""Layers applied again with the same parameters, and layers that are frozen."""

from __future__ import annotations

import pytest

import cnnspec
from cnnspec.language.writer import write

TWO_CONVOLUTIONS = """\
input: {x: 16x16x1, y: 28x28x1}
layers:
  - conv: 1 3x3 same
    from: x
  - share: conv1
    from: y
outputs: [conv1, conv2]
"""
SIAMESE = """\
input: {left: 784, right: 784}
blocks:
  arm: [dense: 128 relu, dense: 128 relu, dense: 128]
layers:
  - arm:
    from: left
    name: one
  - share: one
    from: right
    name: other
  - subtract: [one, other]
  - dense: 1 sigmoid
"""


def test_a_convolution_used_twice_is_counted_once() -> None:
    """10 parameters, as the one shared layer of Keras has (pytorch-summary #79), and the MACs of both uses."""
    table = cnnspec.summarize(cnnspec.loads(TWO_CONVOLUTIONS))
    assert (table.totals.params, table.totals.macs) == (10, 2_304 + 7_056)
    assert [(row.name, row.params, row.node.shared) for row in table] == [("conv1", 10, ""), ("conv2", 0, "conv1")]
    assert table["conv2"].quantities.params.reason == "shared with conv1, where they are counted"


def test_a_shared_block_is_a_siamese_network() -> None:
    """Two arms 784-128-128-128 have the 133,504 parameters of one; the unit behind them has 129 (Keras: 133,633)."""
    table = cnnspec.summarize(cnnspec.loads(SIAMESE))
    assert table.totals.params == 100_480 + 2 * 16_512 + 129 == 133_633
    assert table.totals.macs == 2 * (784 * 128 + 2 * 128 * 128) + 128
    assert [row.name for row in table][:6] == [
        *("one.dense1", "one.dense2", "one.dense3"),
        *("other.dense1", "other.dense2", "other.dense3"),
    ]
    assert [copy.name for copy in table["other.dense2"].node.scope] == ["other"]


def test_a_named_layer_with_a_batch_norm_is_shared_whole() -> None:
    """The name stands for the convolution with its norm and activation: all three are applied again."""
    table = cnnspec.summarize(
        cnnspec.loads(
            "input: {a: 8x8x3, b: 8x8x3}\nlayers:\n  - conv: 4 3x3 bn relu\n    name: stem\n    from: a\n"
            "  - share: stem\n    from: b\n    name: again\n  - add: [stem, again]\n"
        )
    )
    assert [(row.name, row.params, row.node.shared) for row in table] == [
        ("stem", 112, ""),
        ("stem_bn", 16, ""),
        ("stem_relu", 0, ""),
        ("again", 0, "stem"),
        ("again_bn", 0, "stem_bn"),
        ("again_relu", 0, ""),
        ("add1", 0, ""),
    ]
    assert table["add1"].node.inputs == ("stem_relu", "again_relu")


def test_a_head_is_shared_by_levels_in_a_repeat() -> None:
    """What is shared with a shared layer is shared with the first; names are counted as ever."""
    table = cnnspec.summarize(
        cnnspec.loads(
            "input: 16x16x8\nlayers:\n  - conv: 8 3x3 same\n  - share: conv1\n    repeat: 3\n  - share: conv3\n"
        )
    )
    assert [(row.name, row.node.shared) for row in table] == [
        ("conv1", ""),
        *((f"conv{number}", "conv1") for number in range(2, 6)),
    ]
    assert table.totals.params == 8 * (9 * 8 + 1)
    assert table.totals.macs == 5 * 16 * 16 * 9 * 8 * 8


@pytest.mark.parametrize("text", [TWO_CONVOLUTIONS, SIAMESE])
def test_a_written_network_shares_too(text: str) -> None:
    """The writer of specs writes `share`, and the same numbers come back."""
    graph = cnnspec.loads(text)
    again = cnnspec.loads(write(graph))
    assert cnnspec.summarize(again).totals == cnnspec.summarize(graph).totals


def test_a_frozen_item_is_not_trained() -> None:
    """All parameters of a frozen layer are non-trainable, batch norm's learned ones too (Keras)."""
    table = cnnspec.summarize(
        cnnspec.loads(
            "input: 8x8x3\nblocks: {base: [conv: 4 3x3 bn relu]}\nlayers:\n  - base:\n    trainable: false\n"
            "  - gap\n  - dense: 2 softmax\n"
        )
    )
    assert [(row.params, row.trainable_params) for row in table] == [(112, 0), (16, 0), (0, 0), (0, 0), (10, 10)]
    assert (table.totals.trainable_params, table.totals.non_trainable_params) == (10, 128)


def test_trainable_inside_a_frozen_block_stays_frozen() -> None:
    """As in Keras, whose `trainable` of a model is that of its layers."""
    text = (
        "input: 4\nlayers:\n  - seq:\n      - dense: 2\n        trainable: true\n    trainable: false\n  - dense: 1\n"
    )
    assert cnnspec.summarize(cnnspec.loads(text)).totals.trainable_params == 3


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("- share:", "error[E107]: `share` needs the name of an earlier layer, not nothing"),
        ("- share: [conv1]", "error[E107]: `share` needs the name of an earlier layer, not a list"),
        ("- share: conv9", "error[E201]: no layer is named `conv9`"),
        ("- share: input", "error[E206]: `input` is no layer that could be shared"),
        ("- {share: conv1, trainable: false}", "error[E108]: `trainable` does not go with `share`"),
        ("- share: conv1", "it reads (8, 8, 3), and here (6, 6, 4) enters"),
        ("- {conv: 4 3x3, trainable: maybe}", "error[E105]: `trainable` must be `true` or `false`, not `maybe`"),
    ],
)
def test_what_cannot_be_shared_is_said(item: str, message: str) -> None:
    """Every mistake has its diagnostic."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads(f"input: 8x8x3\nlayers:\n  - conv: 4 3x3\n  {item}\n")
    assert message in str(caught.value)
