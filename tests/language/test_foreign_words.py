"""Words that are no kind: each is answered with the step that leads on, and never with a layer of another meaning."""

from __future__ import annotations

from typing import Final

import pytest

import cnnspec
from cnnspec.ir.layer import KINDS
from cnnspec.language.foreign_words import STEPS, _folded, kind_meant, meant_by, synonym
from cnnspec.language.spelling import nearest


def step(item: str) -> str:
    """Return the step for the only fault of an item."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads(f"input: 28x28x4\nlayers:\n  - {item}\n")
    assert len(caught.value.diagnostics) == 1
    return caught.value.diagnostics[0].help


DENSE: Final = "write `dense: 10`, with the number of units"
MEANT: Final = (
    ("InstanceNormalization", "write `gn: -1`, with a group for each channel"),
    ("instance_norm", "write `gn: -1`, with a group for each channel"),
    ("Sequential", "layers in a row need no word; `seq: [...]` groups some of them"),
    ("nn.Sequential", "layers in a row need no word; `seq: [...]` groups some of them"),
    ("Attention", "write `attention: 8`, which learns its weights; Keras' class of this name learns none"),
    ("AdditiveAttention", "write `attention: 8`, which learns its weights; Keras' class of this name learns none"),
    ("Lambda", "write the kind that does the same, such as `rescale: 1/255`, or `opaque: {shape: 7x7x64, params: 0}`"),
    ("InputLayer", "give the shape as `input:` at the top of the file"),
    ("Input", "give the shape as `input:` at the top of the file"),
    ("MirrorPad", "write `pad: 3 reflect`, with the rows at every side"),
    ("TextVectorization", "do this before the network: its `input:` is what comes out"),
    ("SpectralNormalization", "write the layer inside alone: it is the kernel that is normalized"),
    ("FullyConnected", DENSE),
    ("fully_connected", DENSE),
    ("InnerProduct", DENSE),
    ("Gemm", DENSE),
    ("hidden layer", DENSE),
    ("mlp", DENSE),
    ("conv1x1", "write `conv: 8 1x1`, with the number of filters"),
    ("dilated_conv", "write `conv: 8 3x3 dilation=2`"),
    ("GroupedConv", "write `conv: 8 3x3 groups=2`, with the number of groups"),
    ("TransposedConv2d", "write `upconv: 8 2x2/2`, with filters and window"),
    ("Deconvolution", "write `upconv: 8 2x2/2`, with filters and window"),
    ("pooling", "write `avgpool: 2` or `maxpool: 2`"),
    ("Subsampling", "write `avgpool: 2` or `maxpool: 2`"),
    ("MaxUnpool2d", "write `upsample: 2`, which repeats every element"),
    ("Interpolate", "write `resize: 32x32`, with the new size"),
    ("norm", "write `bn`"),
    ("Eltwise", "write `add: [[...], identity]`"),
    ("Sum", "write `add: [[...], identity]`"),
    ("Mul", "write `multiply: [[...], identity]`"),
    ("Concat2d", "did you mean `concat`?"),
    ("cat", "write `concat: [[...], identity]`"),
    ("skip_connection", "write `residual: [...]` around the layers that are skipped"),
    ("SqueezeExcitation", "write `gate: [gap: keepdims, conv: 4 1x1 relu, conv: 16 1x1 sigmoid]`"),
    ("LSTMCell", "write `lstm: 64`, with the number of units"),
    ("Bidirectional", "write `lstm: 64 bidirectional`"),
    ("CrossEntropyLoss", "leave it out: the loss stands in `train: {loss: ...}`"),
    ("Unsqueeze", "write `reshape: 7x7x64`, with the new shape"),
    ("Softmin", "no kind does that; `softmax` is the one whose sum is 1"),
    ("CReLU", "no kind does that; `relu` keeps half of its numbers"),
    ("RReLU", "write `leaky_relu: 0.23`"),
    ("LReLU", "write `leaky_relu: 0.1`"),
    ("Logistic", "write `sigmoid`"),
    ("Dropblock", "write `spatial_dropout: 0.1`, which drops whole channels"),
    ("positional_encoding", "write `positions`, which learns them"),
    ("Maxout", "no kind does that; two `dense` joined by `maximum` do"),
    ("max_pooling2d_1", "write `- maxpool`"),
    ("global_average_pooling", "write `- globalavgpool`"),
    ("BatchNormalisation", "write `bn`"),
    ("batch_normalization_3", "write `bn`"),
    ("conv2d", "did you mean `conv`?"),
    ("Relu", "write `- relu`"),
    ("LeakyRelu", "write `- leaky_relu`"),
    ("fc1", "did you mean `fc`?"),
    ("conv2d_7", "did you mean `conv`?"),
    ("Cast", "leave it out: numbers stand in the arguments of the layers"),
    ("h_swish", "write `hard_swish`"),
    ("MBConv", "a block of one's own: write its layers under `blocks:`, and its name as an item"),
    ("yolo", "no kind does that; the layers before it can be counted alone"),
    ("bias_add", "leave it out: a layer has a bias of its own, which `nobias` switches off"),
    ("conv2d_transpose", "write `upconv: 8 2x2/2`, with filters and window"),
    ("Flaten", "did you mean `flatten`?"),
    ("covn", "did you mean `conv`?"),
    ("denss", "did you mean `dense`?"),
    ("drop_out", "did you mean `dropout`?"),
    ("average_pool", "write `- avgpool`"),
)


@pytest.mark.parametrize(("word", "expected"), MEANT)
def test_a_word_of_others_gets_the_step_that_leads_on(word: str, expected: str) -> None:
    """Words of Keras, PyTorch, ONNX, Caffe, Darknet and courses are known before spelling is guessed."""
    assert step(word) == expected


@pytest.mark.parametrize(
    "word",
    [
        "Einsum",
        "bilinear",
        "softmin",
        "crelu",
        "swiglu",
        "geglu",
        "maxout",
        "attn",
        "xyz",
        "foo",
        "Wavelet",
    ],
)
def test_no_layer_of_another_meaning_is_proposed(word: str) -> None:
    """A word that is near by its letters alone gets no `did you mean`."""
    assert "did you mean" not in step(word)


ACCEPTED: Final = (
    "Linear: 10",
    "LazyLinear: 10",
    "lrn",
    "depth_to_space: 2",
    "AdaptiveAveragePooling2D: 7",
    "Dropout2d: 0.1",
    "LogSoftmax",
    "RandomTranslation: {height_factor: 0.1, width_factor: 0.1}",
    "AdaptiveAvgPool2d: 1",
    "LazyConv2d: 8 3x3",
    "UpsamplingBilinear2d: {scale_factor: 2}",
    "PixelShuffle: 2",
    "LocalResponseNorm: 5",
    "ReflectionPad2d: 3",
    "ReplicationPad2d: (1, 1, 2, 2)",
    "Unflatten: {dim: 1, unflattened_size: (4, 28, 28)}",
    "InstanceNorm2d: 4",
    "SiLU",
    "Mish",
)


@pytest.mark.parametrize("item", ACCEPTED)
def test_names_that_were_answered_wrongly_once_are_accepted(item: str) -> None:
    """What public cases were sent astray by."""
    assert len(cnnspec.loads(f"input: 28x28x4\nlayers:\n  - {item}\n").nodes) == 1


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("conv: {nb_filter: 8, kernel: 3}", "did you mean `filters`?"),
        ("conv: {filters: 8, kernal: 3}", "did you mean `kernel`?"),
        ("conv: {filters: 8, filter_size: 3}", "did you mean `kernel`?"),
        ("conv: {filters: 8, kernel: 3, subsample: 2}", "did you mean `stride`?"),
        ("conv: {filters: 8, kernel: 3, border_mode: same}", "did you mean `padding`?"),
        ("maxpool: {ksize: 2}", "did you mean `pool`?"),
        ("dense: {neurons: 8}", "did you mean `units`?"),
        ("dropout: {prob: 0.5}", "did you mean `rate`?"),
        ("conv: {filters: 8, kernel: 3, atrous_rate: 2}", "did you mean `dilation`?"),
    ],
)
def test_arguments_have_synonyms_too(item: str, expected: str) -> None:
    """The argument of the kind, by what others call it or by a slip of spelling."""
    assert step(item) == expected


def test_share_stands_alone() -> None:
    """A kind beside it says nothing."""
    text = "input: 8x8x3\nlayers:\n  - conv: 8 3x3\n    name: a\n  - conv: 8 3x3\n    share: a\n"
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads(text)
    assert caught.value.diagnostics[0].help == "`share` stands alone: the layer that it names says which kind it is"


def test_no_word_stands_for_two_meanings() -> None:
    """And none is the name of a kind, which it would never be looked up for, but for classes that mean another one."""
    words = [_folded(word) for step_words in STEPS.values() for word in step_words.split()]
    assert sorted(words) == sorted({*words})
    assert {*words} & {_folded(kind) for kind in KINDS} == {"attention", "avg"}


def test_slips_are_few() -> None:
    """A short word has none, a longer one at most two."""
    assert [nearest(word, ["conv"]) for word in ("cnv", "cov", "con", "onv", "cv")] == ["conv", "conv", "", "", ""]
    assert nearest("conc", ["conv"]) == "conv"
    assert nearest("depthtospace", ["depthwise"]) == ""
    assert nearest("x" * 65, ["x" * 64]) == ""
    assert meant_by("maxpol") == "did you mean `maxpool`?"


@pytest.mark.parametrize(
    "word", ["Attention", "AdditiveAttention", "ReversibleEmbedding", "PatchEmbedding", "Subsampling"]
)
def test_what_is_not_the_same_is_left_to_its_writer(word: str) -> None:
    """A kind that does something else, or is one of two, is named with the difference and never put in its place."""
    assert kind_meant(word) is None
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads(f"input: 4x9\nlayers:\n  - {word}: 8\n")
    assert [fault.code for fault in caught.value.diagnostics] == ["E104"]
    assert caught.value.diagnostics[0].help == synonym(word)
