"""What the labels of rows mean: words of one kind before general ones, afterthoughts before what they follow."""

from __future__ import annotations

from typing import Final

import pytest

from cnnspec.homework.marking.labels import read_labels

FUNCTIONS: Final = (
    "activation celu elu exponential gelu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu linear log_sigmoid "
    "log_softmax mish prelu relu relu6 selu sigmoid silu soft_shrink softplus softsign sparse_plus sparse_sigmoid "
    "sparsemax squareplus tanh tanh_shrink"
)
MEANINGS: Final = {
    "CONV1": "conv",
    "C3": "conv",
    "conv2d_1 (Conv2D)": "conv",
    "Depthwise conv 2": "dwconv",
    "Separable conv": "sepconv",
    "Conv2DTranspose": "upconv",
    "POOL1": "avgpool maxpool",
    "S2: subsampling": "avgpool maxpool",
    "max pooling": "maxpool",
    "avg pool": "avgpool",
    "Global average pooling": "gap",
    "global_max_pooling2d": "gmp",
    "Upsampling": "upsample",
    "conv1_bn": "bn",
    "pool1_dropout": "avgpool maxpool",
    "fc1_dropout": "alpha_dropout dropout gaussian_dropout spatial_dropout",
    "drop path": "stochastic_depth",
    "Unroll": "flatten reshape",
    "F6 (fully connected)": "",
    "FC3": "dense",
    "Linear": "dense",
    "FC softmax": "dense",
    "Softmax activation": "softmax",
    "ReLU 2": FUNCTIONS,
    "Residual": "add",
    "merge": "concat",
    "foo": "",
}
UNSURE: Final = {
    "Layer Norm 1": "ln",
    "GN2": "gn",
    "Cropping2D": "crop",
    "Zero padding": "pad",
    "Permute": "permute",
    "Average": "average",
    "foo": "",
}


@pytest.mark.parametrize("label", MEANINGS)
def test_a_label_means_kinds(label: str) -> None:
    """The first word decides: `average pool` is in `global average pool`, `conv` in nearly everything."""
    assert sorted(read_labels([label])[0].kinds) == MEANINGS[label].split()


@pytest.mark.parametrize("label", UNSURE)
def test_a_label_without_a_word_may_begin_with_a_name(label: str) -> None:
    """It is likely that kind, and may still be another: `Average` may be an average pooling."""
    (read,) = read_labels([label])
    assert (sorted(read.kinds), read.is_sure) == (UNSURE[label].split(), False)


def test_inputs_are_known_by_their_word() -> None:
    """The first word, with an article or without."""
    labels = ["input", "The image (32x32)", "Input layer", "my input", "image pool"]
    assert [label.is_input for label in read_labels(labels)] == [True, True, True, False, False]
