"""The operations beside multiply-accumulates, against the conventions of the tools that count them."""

from __future__ import annotations

from typing import Final, NamedTuple

import pytest

import cnnspec


class Cost(NamedTuple):
    """An item on an input, and the operations of one sample."""

    item: str
    input: str
    flops: int
    source: str


COSTS: Final = (
    Cost("conv: 32 3x3 same", "32x32x3", 1_802_240, "keras-flops, ((2·9·3) + 1)·32·32·32"),
    Cost("dwconv: 3x3 same", "32x32x3", 58_368, "keras-flops, ((2·9) + 1)·32·32·3"),
    Cost("conv: 32 3x3 same nobias", "32x32x3", 1_769_472, "by hand, 2·27·32768"),
    Cost("conv: 32 3x3 same relu", "32x32x3", 1_835_008, "by hand, one more per output"),
    Cost("conv: 8 5x5", "32x32x3", 947_072, "DESIGN §9, conv1"),
    Cost("upconv: 2 3x3/2", "224x224x3", 5_822_210, "ptflops, 2·2709504 + 403202"),
    Cost("sepconv: 5 3x3", "6x6x3", 1_424, "course 2·672, and one bias per output"),
    Cost("dense: 4", "9", 76, "by hand, 2·36 + 4"),
    Cost("dense: 10 softmax", "84", 1_740, "TensorFlow's profiler, softmax 5 per element"),
    Cost("dense: 10 sigmoid nobias", "84", 1_690, "by hand, 2·840 + 10"),
    Cost("maxpool: 2", "28x28x6", 4_704, "TensorFlow's profiler, k·k per output"),
    Cost("avgpool: 3x3/2", "7x7x2", 162, "TensorFlow's profiler, 9 per output"),
    Cost("gap", "7x7x2048", 100_352, "fvcore, elements of the input"),
    Cost("gmp: keepdims", "7x7x8", 392, "by hand, elements of the input"),
    Cost("bn", "16x16x8", 4_096, "fvcore, 2 per element"),
    Cost("ln", "16x16x8", 10_240, "fvcore, 5 per element"),
    Cost("gn: 4", "16x16x8", 10_240, "fvcore, 5 per element, groups"),
    Cost("normalize", "8x8x3", 384, "by hand, 2 per element"),
    Cost("rescale: 1/255", "8x8x3", 192, "by hand, 1 per element"),
    Cost("rescale: 1/127.5 offset=-1", "8x8x3", 384, "by hand, 2 per element with an offset"),
    Cost("layerscale", "8x8x3", 192, "by hand, 1 per element and factor"),
    Cost("relu", "8x8x3", 192, "calflops, 1 per element"),
    Cost("log_softmax", "10", 50, "by hand, as softmax"),
    Cost("sparsemax", "10", 50, "by hand, as softmax"),
    Cost("activation: softmax", "10", 50, "TensorFlow's profiler, softmax as a layer"),
    Cost("linear", "10", 0, "by hand, the input itself"),
    Cost("prelu", "10", 10, "by hand, 1 per element, learned"),
    Cost("upsample: 2", "7x7x4", 0, "fvcore, copies"),
    Cost("upsample: 2 bilinear", "7x7x4", 3_136, "fvcore, 4 per element"),
    Cost("upsample: 2 lanczos3", "7x7x4", 28_224, "by hand, 6·6 per element"),
    Cost("dropout: 0.5", "4096", 0, "nothing is dropped after training"),
    Cost("flatten", "5x5x16", 0, "no element is touched"),
    Cost("pad: 3", "8x8x3", 0, "zeros are no arithmetic"),
    Cost("add: [identity, [linear]]", "8x8x4", 256, "by hand, 1 per element"),
    Cost("average: [identity, [linear], [linear]]", "8x8x4", 512, "by hand, 1 per element and further input"),
    Cost("concat: [identity, [linear]]", "8x8x4", 0, "nothing is computed"),
    Cost("adaptive_avgpool: 3", "7x7x2", 162, "by hand, ⌈7/3⌉·⌈7/3⌉ per output"),
    Cost("resize: 14", "7x7x4", 3_136, "fvcore, bilinear 4 per element"),
    Cost("resize: 14 nearest", "7x7x4", 0, "fvcore, copies of a size"),
    Cost("resize: 14 area", "7x7x4", 3_136, "by hand, as bilinear"),
    Cost("resize: 14 bicubic", "7x7x4", 12_544, "by hand, 4·4 neighbours per element"),
    Cost("rms_norm", "8x8x4", 1_024, "by hand, 4 per element"),
    Cost("unit_norm", "8x8x4", 768, "by hand, 3 per element"),
    Cost("lrn: 5", "8x8x4", 2_304, "by hand, 5 + 4 per element"),
    Cost("glu", "9x8", 72, "by hand, 2 per output"),
    Cost("threshold: 0.1", "9x8", 72, "by hand, 1 per element"),
    Cost("positions", "9x8", 72, "by hand, 1 per element added"),
    Cost("class_token", "9x8", 0, "nothing is computed in front"),
    Cost("depth_to_space: 2", "7x7x4", 0, "channels are moved"),
    Cost("attention: 2 key=4", "9x8", 8_370, "by hand, 2·3600 + 9·(8 + 8 + 8 + 8) + 9·8 + 5·2·9·9"),
    Cost("dot: [identity, [linear]]", "10", 20, "by hand, 2·10"),
    Cost("dot: {branches: [identity, [linear]], normalize: true}", "10", 80, "by hand, 2·10 + 3·(10 + 10)"),
    Cost("lstm: 9", "7x1", 5_859, "by hand, 2·2520 + 7·9·(4 biases + 5 functions + 4 of the state)"),
    Cost("gru: 9", "7x1", 4_662, "by hand, 2·3·90·7 + 7·9·(6 biases + 3 functions + 5 of the state)"),
    Cost("convlstm: 2 kernel=3 stride=2", "5x9x4", 6_280, "by hand, 2·2880 + 4·2·5·(4 biases + 5 + 4)"),
    Cost("rnn: 9 bidirectional", "7x1", 2_772, "by hand, both ends: 2·(2·90·7 + 7·9·(1 bias + 1 function))"),
)


def flops(text: str) -> int:
    """Return the operations of a spec."""
    return cnnspec.summarize(cnnspec.loads(text)).totals.flops


@pytest.mark.parametrize("cost", [pytest.param(cost, id=f"{cost.item} ({cost.source})") for cost in COSTS])
def test_operations_follow_the_documented_convention(cost: Cost) -> None:
    """2·MACs, one per bias addition, and the documented cost per element."""
    assert flops(f"input: {cost.input}\nlayers:\n  - {cost.item}\n") == cost.flops


def test_vgg16_has_what_tensorflow_counts_and_the_relus() -> None:
    """TensorFlow's profiler prints 30,960,211,824 and counts no ReLU; 13,555,712 elements pass one."""
    assert cnnspec.summarize(cnnspec.load("vgg16")).totals.flops == 30_960_211_824 + 13_555_712


def test_lenet5_has_what_tensorflow_counts() -> None:
    """The profiler prints 845,912 for LeNet-5 without counting its activations; 6,508 elements pass a tanh."""
    row = cnnspec.summarize(cnnspec.load("lenet5-1998"))
    tanh = sum(layer.activation_size for layer in row if getattr(layer.node.layer, "activation", "") == "tanh")
    assert (row.totals.flops - tanh, tanh) == (845_912, 6_508)


def test_padding_is_multiplied_too() -> None:
    """A convolution multiplies its padding: as many MACs as positions times weights, as all other tools say."""
    spec = "input: 4x4x1\nlayers:\n  - conv: 1 3x3 {}\n"
    found = [cnnspec.summarize(cnnspec.loads(spec.format(padding))).totals.macs for padding in ("same", "valid")]
    assert found == [144, 36]


def test_attention_on_another_sequence() -> None:
    """9 queries on 4 steps, by hand: 2·2,240 + 8·(9 + 4) + 8·4 + 8·9 + 9·8 + 5·2·9·4."""
    items = "[{slice: {stop: 4, axis: 1}, name: memory}, {attention: 2, from: [input, memory]}]"
    assert flops(f"input: 9x8\nlayers: {items}\n") == 5_120
