"""`each`: a body at every step of a sequence, its parameters once and its multiply-accumulates at every step."""

from __future__ import annotations

import json
from typing import Final

import pytest

import cnnspec
from cnnspec.analysis.explanation import explain
from cnnspec.explaining import derivation
from cnnspec.language.formatting import formatted
from cnnspec.language.writer import write

VIDEO: Final = """
input: 4x56x14x1
layers:
  - each:
      - conv: 32 3x3 relu
      - conv: 32 3x3 relu
      - maxpool: 2
      - flatten
      - dropout: 0.25
  - lstm: 5
  - dense: 50
  - dense: 10 softmax
"""
TWICE: Final = """
input: {question: 3x9x8, answer: 3x5x8}
layers:
  - each:
      - attention: 2
        from: [question, answer]
  - each: [each: [dense: 2]]
"""
DERIVED: Final = """\
conv1: conv 32 3x3/1 valid relu (at each of 4 steps)
  (4, 56, 14, 1) → (4, 54, 12, 32)
  Slide K learned filters over the input; every output element is one dot
  product.

  output steps      as in the input: 4
  output height     (n + 2p − f)/s + 1 = (56 − 3)/1 + 1 = 54
  output width      (n + 2p − f)/s + 1 = (14 − 3)/1 + 1 = 12
  channels          K = 32
  activation size   T·H′·W′·C′ = 4·54·12·32 = 82,944
  parameters        (F·F·C + 1)·K = (3·3·1 + 1)·32 = 320
  MACs              T·F·F·C·K·H′·W′ = 4·3·3·1·32·54·12 = 746,496
"""


def network(text: str) -> cnnspec.Table:
    """Return the numbers of a spec."""
    return cnnspec.summarize(cnnspec.loads(text))


def faults(text: str) -> list[tuple[str, str]]:
    """Return the codes and messages of a broken spec."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads(text)
    return [(fault.code, fault.message) for fault in caught.value.diagnostics]


def test_a_network_of_keras_has_its_numbers() -> None:
    """Keras #4172, channels last, counted by Keras 3.15: 93,698 parameters."""
    table = network(VIDEO)
    assert [row.shape for row in table][:5] == [(4, 54, 12, 32), (4, 52, 10, 32), (4, 26, 5, 32), (4, 4160), (4, 4160)]
    assert [row.params for row in table if row.params] == [320, 9_248, 83_320, 300, 510]
    assert table.totals.params == 93_698
    # 4·(54·12·32·9 + 52·10·32·9·32) in the body, 4·4·(4160·5 + 25) in the LSTM
    assert [row.macs for row in table if row.macs] == [746_496, 19_169_280, 333_200, 250, 500]


def test_a_step_of_a_sequence_is_a_sequence_itself() -> None:
    """Audio-Classification #13: 100 steps of 128 bands, (100, 125, 8) and 40 parameters."""
    for item in ("each: [conv: 8 kernel=4 tanh]", "each: {Conv1D: {filters: 8, kernel_size: 4}}"):
        row = network(f"input: 100x128x1\nlayers:\n  - {item}\n").rows[0]
        assert (row.shape, row.params, row.macs) == ((100, 125, 8), 40, 100 * 125 * 8 * 4)


def test_images_may_be_recurrent() -> None:
    """Keras PR #3906: four convolutional LSTMs with batch norms and a convolution, 406,281 parameters."""
    body = "  - convlstm: 40 3x3 same sequences\n  - bn\n" * 4
    table = network(f"input: 16x40x40x1\nlayers:\n{body}  - conv: 1 1x3x3 same sigmoid\n")
    assert [row.params for row in table][::2] == [59_200, 115_360, 115_360, 115_360, 361]
    assert (table.totals.params, table.totals.non_trainable_params) == (406_281, 320)


def test_keras_word_is_taken() -> None:
    """With one layer, or several."""
    row = network("input: 100x128\nlayers:\n  - TimeDistributed: [dense: 64 tanh]\n").rows[0]
    assert (row.shape, row.params, row.kind) == ((100, 64), 8_256, "dense")


def test_what_is_done_is_derived_and_said() -> None:
    """The steps have a symbol, and the configuration says that there are some."""
    table = network(VIDEO)
    assert derivation.render(explain(table["conv1"])).startswith(DERIVED)
    layers = json.loads(table.to_json())["layers"]
    assert [layer.get("steps") for layer in layers] == [[4]] * 5 + [None] * 3


def test_joins_blocks_and_networks_stand_in_it() -> None:
    """Everything that a layer list may hold; names are as outside of it."""
    table = network("""
input: 3x32x32x3
blocks:
  unit: [conv: "${2*in.c} 3x3 same bn relu"]
layers:
  - each:
      - unit
      - residual: [conv: 6 3x3 same]
      - dense: 3
      - network: lenet5-rgb
        until: pool1
      - each: [dense: 4]
      - gap
    name: seen
  - dense: 2
    from: seen
""")
    assert [(row.name, row.kind, row.shape) for row in table] == [
        ("unit1.conv1", "conv", (3, 32, 32, 6)),
        ("unit1.bn1", "bn", (3, 32, 32, 6)),
        ("unit1.relu1", "relu", (3, 32, 32, 6)),
        ("conv1", "conv", (3, 32, 32, 6)),
        ("add1", "add", (3, 32, 32, 6)),
        ("dense1", "dense", (3, 32, 32, 3)),
        ("lenet5-rgb.conv1", "conv", (3, 28, 28, 8)),
        ("lenet5-rgb.pool1", "maxpool", (3, 14, 14, 8)),
        ("dense2", "dense", (3, 14, 14, 4)),
        ("gap1", "gap", (3, 4)),
        ("dense3", "dense", (3, 2)),
    ]


def test_a_shared_layer_is_applied_at_every_step_again() -> None:
    """Outside of `each` and inside of it; one that is not applied at every step is refused there."""
    text = """
input: {left: 5x8x8x1, right: 6x8x8x1}
layers:
  - each: [conv: 4 3x3]
    from: left
  - share: conv1
    from: right
    name: other
  - each: [share: conv1]
    from: left
  - add: [conv1, conv2]
outputs: [other, add1]
"""
    table = network(text)
    assert [(row.shape, row.params, row.macs) for row in table] == [
        ((5, 6, 6, 4), 40, 5 * 1_296),
        ((6, 6, 6, 4), 0, 6 * 1_296),
        ((5, 6, 6, 4), 0, 5 * 1_296),
        ((5, 6, 6, 4), 0, 0),
    ]
    again = "input: 5x8x8x1\nlayers: [dense: 1, {each: [share: dense1]}]"
    assert faults(again) == [("E206", "`dense1` is not applied at every step, and cannot be shared inside `each`")]


def test_it_needs_steps() -> None:
    """A vector has none, and inside of it an earlier vector neither."""
    found = faults("input: 9\nlayers:\n  - each: [relu]\n")
    assert found == [("E303", "`each` works on a sequence of steps; its input is (9,)")]
    found = faults("input: 5x9\nlayers:\n  - flatten\n  - each: [add: [identity, flatten1]]\n    from: input")
    assert found == [("E303", "`flatten1` has no steps for `each`: its shape is (45,)")]
    assert faults("input: 5x9\nlayers: [each]\n") == [("E107", "`each` needs items")]
    found = faults("input: 5x8x8x1\nlayers:\n  - each: [lstm: 4]\n")
    assert found == [("E303", "`lstm` works on a sequence (L, C); its input is (8, 8, 1)")]


@pytest.mark.parametrize(
    "text",
    [VIDEO, TWICE],
)
def test_it_is_written_back(text: str) -> None:
    """The same layers, at as many steps."""
    graph = cnnspec.loads(text)
    again = cnnspec.loads(write(graph))
    assert [(node.name, node.layer, node.shape) for node in graph] == [(n.name, n.layer, n.shape) for n in again]


def test_a_layer_of_steps_is_another_one() -> None:
    """Equal arguments do not make it the layer of one step."""
    graph = cnnspec.loads("input: 3x8x8x1\nlayers: [dense: 4, {each: [dense: 4]}]")
    assert graph[0].layer != graph[1].layer
    assert repr(graph[0].layer) == repr(graph[1].layer)


def test_its_body_is_restyled() -> None:
    """As all layer lists are."""
    text = "input: 3x8x8x1\nlayers:\n  - each:\n      - conv: {filters: 4, kernel: 3x3}\n"
    assert "- conv: 4 3x3\n" in formatted("text", text, "short")
