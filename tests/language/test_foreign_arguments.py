"""Keras' and PyTorch's arguments in a spec: accepted where they mean nothing, refused by name where they do.

Numbers of PyTorch are what torch 2.14 gives for the same classes (`sum(p.numel() for p in layer.parameters())`).
"""

from __future__ import annotations

from typing import Final

import pytest

import cnnspec


def layers(items: str, shape: str = "32x32x3", head: str = "") -> cnnspec.Graph:
    """Return the network of one item."""
    return cnnspec.loads(f"input: {shape}\n{head}layers:\n  - {items}\n")


def fault(item: str, shape: str = "32x32x3") -> cnnspec.Diagnostic:
    """Return the only fault of an item."""
    with pytest.raises(cnnspec.SpecError) as caught:
        layers(item, shape)
    assert len(caught.value.diagnostics) == 1, caught.value
    return caught.value.diagnostics[0]


CONV: Final = "Conv2D: {filters: 4, kernel_size: 3, "
PASTED: Final = (
    (CONV + "data_format: channels_last}", "conv: 4 3x3"),
    (CONV + "dtype: float32}", "conv: 4 3x3"),
    (CONV + "activation: null, kernel_regularizer: null, kernel_constraint: null}", "conv: 4 3x3"),
    (CONV + "activation: None, activity_regularizer: None}", "conv: 4 3x3"),
    (CONV + "bias_initializer: zeros}", "conv: 4 3x3"),
    (CONV + "bias_initializer: Zeros}", "conv: 4 3x3"),
    (CONV + "input_shape: [32, 32, 3]}", "conv: 4 3x3"),
    (CONV + "input_shape: (32, 32, 3)}", "conv: 4 3x3"),
    (CONV + "input_shape: (None, None, 3)}", "conv: 4 3x3"),
    (CONV + "batch_input_shape: [null, 32, 32, 3]}", "conv: 4 3x3"),
    (CONV + "kernel_initializer: HeNormal}", "conv: 4 3x3 init=he_normal"),
    (CONV + "kernel_initializer: HeNormal()}", "conv: 4 3x3 init=he_normal"),
    (CONV + "kernel_initializer: HeNormal(seed=3)}", "conv: 4 3x3 init=he_normal"),
    (CONV + "kernel_initializer: {class_name: HeNormal}}", "conv: 4 3x3 init=he_normal"),
    (CONV + "kernel_initializer: {class_name: HeNormal, config: {seed: null}}}", "conv: 4 3x3 init=he_normal"),
    (CONV + "kernel_regularizer: l2}", "conv: 4 3x3 l2=0.01"),
    (CONV + "kernel_regularizer: l2(0.001)}", "conv: 4 3x3 l2=0.001"),
    (CONV + "kernel_regularizer: keras.regularizers.L2(l2=0.001)}", "conv: 4 3x3 l2=0.001"),
    (CONV + "kernel_regularizer: {class_name: L2, config: {l2: 0.5}}}", "conv: 4 3x3 l2=0.5"),
    (CONV + "activation: tf.nn.relu}", "conv: 4 3x3 relu"),
    (CONV + "activation: LeakyReLU}", "conv: 4 3x3 leaky_relu"),
    ("Conv2D: {filters: 4, kernel_size: (3, 3), strides: (2, 2), padding: same}", "conv: 4 3x3/2 same"),
    ("Conv2D: {filters: 4, kernel_size: (3,), name: a}", "conv: {filters: 4, kernel: 3, name: a}"),
    ("Conv2D: 4 (3, 3) relu", "conv: 4 3x3 relu"),
    ("Conv2D: 4 kernel_size=(3, 5)", "conv: 4 3x5"),
    ("ZeroPadding2D: {padding: ((1, 0), (2, 1))}", "pad: [[1,0],[2,1]]"),
    ("MaxPooling2D: {pool_size: 2, strides: null, data_format: channels_last}", "maxpool: 2"),
    ("ReLU: {max_value: null, negative_slope: 0}", "relu"),
    ("PReLU: {shared_axes: [1, 2], alpha_initializer: zeros}", "prelu: shared"),
    ("Dropout: {rate: 0.2, noise_shape: [null, 1, 1, 3], seed: 7}", "dropout: 0.2 noise=1x1x3"),
    ("Dropout: {rate: 0.2, noise_shape: null}", "dropout: 0.2"),
    ("BatchNormalization: {axis: -1, momentum: 0.9}", "bn: momentum=0.9"),
    ("BatchNormalization: {axis: 3, gamma_initializer: ones, renorm: false}", "bn"),
    ("GroupNormalization: {groups: 1, axis: -1}", "gn: 1"),
    ("Conv2DTranspose: {filters: 4, kernel_size: 2, output_padding: null, dilation_rate: 1}", "upconv: 4 2x2"),
    ("layers.Conv2D: 4 3x3", "conv: 4 3x3"),
    ("tf.keras.layers.Flatten", "flatten"),
)


@pytest.mark.parametrize(("pasted", "plain"), PASTED)
def test_words_of_keras_that_change_nothing_are_accepted(pasted: str, plain: str) -> None:
    """What is pasted is the same layer."""
    assert [node.layer for node in layers(pasted)] == [node.layer for node in layers(plain)]


def test_name_and_trainable_among_the_arguments_are_those_of_the_item() -> None:
    """As Keras has them."""
    net = layers("Conv2D: {filters: 4, kernel_size: 3, name: stem, trainable: false}")
    assert (net.nodes[0].name, net.nodes[0].trainable) == ("stem", False)
    assert fault("{Dense: {units: 4, name: a}, name: b}").code == "E106"
    assert fault("dense: 4 name=a").help == "write `- dense: 4`, and `name: a` below it"


REFUSED: Final = (
    (
        CONV + "data_format: channels_first}",
        "E105",
        "`data_format` of `Conv2D` is `channels_first`: channels come last here",
        "write `input: {shape: 3x32x32, layout: channels_first}`, and `data_format` fits",
    ),
    (
        CONV + "bias_initializer: ones}",
        "E105",
        "`bias_initializer` of `Conv2D` is `ones`, which is not modelled",
        "leave it out: where numbers start changes no shape and no count",
    ),
    (
        CONV + "kernel_constraint: max_norm}",
        "E105",
        "`kernel_constraint` of `Conv2D` is `max_norm`, which is not modelled",
        "leave it out: it matters while training only, and no shape and no count depends on it",
    ),
    (
        CONV + "kernel_initializer: RandomNormal(stddev=0.02)}",
        "E105",
        "`kernel_initializer` of `Conv2D` is `RandomNormal(stddev=0.02)`, which is not modelled",
        "give its name alone, without arguments",
    ),
    (
        CONV + "input_shape: (28, 28, 3)}",
        "E304",
        "`input_shape` of `Conv2D` is [28, 28, 3], but (32, 32, 3) enters here",
        "write `input_shape: 32x32x3`",
    ),
    (
        "GroupNormalization: {groups: 1, axis: 1}",
        "E105",
        "`axis` of `GroupNormalization` is 1, and only the channels are modelled: axis 3, or -1",
        "channels come last here: write `axis: -1`",
    ),
    ("conv: {filters: {a: 1}, kernel: 3}", "E112", "an argument is a value or a list, not a mapping", ""),
)


@pytest.mark.parametrize(("item", "code", "message", "step"), REFUSED)
def test_what_changes_numbers_is_refused_by_name(item: str, code: str, message: str, step: str) -> None:
    """One error, with the argument, its value and what leads on."""
    found = fault(item)
    assert (found.code, found.message, found.help) == (code, message, step)


def test_channels_first_fits_an_input_that_is_written_so() -> None:
    """Keras' axis 1 is that of the channels then."""
    head = "input: {shape: 3x32x32, layout: channels_first}\nlayers:\n  - "
    net = cnnspec.loads(head + "Conv2D: {filters: 4, kernel_size: 3, data_format: channels_first}\n")
    assert net.nodes[0].shape == (30, 30, 4)
    norm = cnnspec.loads(head + "BatchNormalization: {axis: 1}\n")
    assert cnnspec.summarize(norm).totals.params == 12


TORCH: Final = (
    ("nn.Conv2d: {in_channels: 3, out_channels: 16, kernel_size: 3, padding: 1}", "32x32x3", (32, 32, 16), 448),
    ("Conv2d: {in_channels: 3, out_channels: 16, kernel_size: 3, padding: 1}", "32x32x3", (32, 32, 16), 448),
    ("torch.nn.Conv2d: 3 16 3 1 1", "32x32x3", (32, 32, 16), 448),
    ("nn.Conv2d: [3, 16, 3]", "32x32x3", (30, 30, 16), 448),
    (
        "Conv2d: {in_channels: 3, out_channels: 16, kernel_size: 3, stride: 2, padding: (1, 2), bias: False}",
        "32x32x3",
        (16, 17, 16),
        432,
    ),
    ("Conv1d: {in_channels: 4, out_channels: 8, kernel_size: 3, dilation: 2}", "10x4", (6, 8), 104),
    ("Linear: {in_features: 784, out_features: 10}", "784", (10,), 7850),
    ("nn.Linear: 784 10", "784", (10,), 7850),
    ("nn.Linear: 10", "784", (10,), 7850),
    ("nn.LazyLinear: 10", "784", (10,), 7850),
    ("nn.LazyConv2d: {out_channels: 4, kernel_size: 3}", "5x5x8", (3, 3, 4), 292),
    ("BatchNorm2d: {num_features: 3}", "8x8x3", (8, 8, 3), 6),
    ("BatchNorm2d: {num_features: 3, affine: False}", "8x8x3", (8, 8, 3), 0),
    ("nn.BatchNorm1d: 64", "64", (64,), 128),
    ("MaxPool2d: {kernel_size: 3, stride: 2, padding: 1}", "32x32x3", (16, 16, 3), 0),
    ("MaxPool2d: 3", "32x32x3", (10, 10, 3), 0),
    ("MaxPool2d: {kernel_size: 3, stride: 2, ceil_mode: True}", "112x112x3", (56, 56, 3), 0),
    ("AvgPool2d: 2", "9x9x3", (4, 4, 3), 0),
    ("AdaptiveAvgPool2d: 1", "9x9x3", (1, 1, 3), 0),
    ("AdaptiveAvgPool2d: {output_size: (1, 1)}", "9x9x3", (1, 1, 3), 0),
    ("AdaptiveAvgPool2d: (6, 5)", "9x9x3", (6, 5, 3), 0),
    ("ConvTranspose2d: 8 4 4 2 1", "7x7x8", (14, 14, 4), 516),
    ("ConvTranspose2d: 8 4 3 2 1 1", "7x7x8", (14, 14, 4), 292),
    ("ConvTranspose2d: 8 4 3 2 1", "7x7x8", (13, 13, 4), 292),
    ("ConvTranspose2d: 8 4 2 3", "7x7x8", (20, 20, 4), 132),
    ("ConvTranspose2d: 8 4 5 3 2", "6x6x8", (16, 16, 4), 804),
    ("Upsample: {scale_factor: 2}", "5x5x3", (10, 10, 3), 0),
    ("Upsample: {size: 50}", "13x13x3", (50, 50, 3), 0),
    ("UpsamplingBilinear2d: {scale_factor: 2}", "5x5x3", (10, 10, 3), 0),
    ("nn.PReLU: {num_parameters: 3}", "5x5x3", (5, 5, 3), 3),
    ("nn.PReLU", "5x5x3", (5, 5, 3), 1),
    ("nn.LeakyReLU: 0.2", "5x5x3", (5, 5, 3), 0),
    ("nn.Dropout2d: 0.2", "5x5x3", (5, 5, 3), 0),
    ("nn.GELU", "5x5x3", (5, 5, 3), 0),
    ("GroupNorm: {num_groups: 2, num_channels: 8}", "5x5x8", (5, 5, 8), 16),
    ("InstanceNorm2d: {num_features: 8}", "5x5x8", (5, 5, 8), 0),
    ("InstanceNorm2d: {num_features: 8, track_running_stats: False}", "5x5x8", (5, 5, 8), 0),
    ("InstanceNorm2d: {num_features: 8, affine: True}", "5x5x8", (5, 5, 8), 16),
    ("LayerNorm: 8", "5x8", (5, 8), 16),
    ("LayerNorm: {normalized_shape: [3, 5, 5]}", "5x5x3", (5, 5, 3), 150),
    ("nn.LSTM: {input_size: 10, hidden_size: 20}", "7x10", (7, 20), 2560),
    ("LSTM: {input_size: 10, hidden_size: 20, batch_first: true}", "7x10", (7, 20), 2560),
    ("nn.LSTM: {input_size: 10, hidden_size: 20, num_layers: 1}", "7x10", (7, 20), 2560),
    ("nn.LSTM: {input_size: 10, hidden_size: 20, bidirectional: true}", "7x10", (7, 40), 5120),
    ("nn.GRU: {input_size: 10, hidden_size: 20}", "7x10", (7, 20), 1920),
    ("nn.RNN: {input_size: 10, hidden_size: 20}", "7x10", (7, 20), 640),
    ("nn.Embedding: {num_embeddings: 100, embedding_dim: 16}", "7", (7, 16), 1600),
    ("nn.Flatten", "5x5x3", (75,), 0),
    ("nn.Unflatten: {dim: 1, unflattened_size: (64, 7, 7)}", "3136", (7, 7, 64), 0),
    ("nn.ZeroPad2d: (1, 2, 3, 4)", "5x5x3", (12, 8, 3), 0),
    ("nn.PixelShuffle: 2", "5x5x8", (10, 10, 2), 0),
    ("nn.MultiheadAttention: {embed_dim: 16, num_heads: 4}", "9x16", (9, 16), 1088),
    ("conv: {in_channels: 3, out_channels: 16, kernel_size: 3}", "32x32x3", (30, 30, 16), 448),
)


@pytest.mark.parametrize(("item", "shape", "output", "params"), TORCH)
def test_classes_of_pytorch_have_pytorchs_numbers(item: str, shape: str, output: tuple[int, ...], params: int) -> None:
    """Shape and learned parameters are those of the framework."""
    summary = cnnspec.summarize(layers(item, shape))
    assert (summary.rows[-1].shape, summary.totals.trainable_params) == (output, params)


@pytest.mark.parametrize(
    ("item", "shape", "arguments"),
    [
        ("nn.BatchNorm2d: 3", "8x8x3", {"eps": 1e-5, "momentum": 0.9}),
        ("nn.BatchNorm2d: {num_features: 3, momentum: 0.2, eps: 0.001}", "8x8x3", {"momentum": 0.8}),
        ("nn.LayerNorm: 8", "5x8", {"eps": 1e-5}),
        ("nn.LeakyReLU", "8", {"slope": 0.01}),
        ("LeakyReLU", "8", {"slope": 0.3}),
        ("nn.Dropout", "8", {"rate": 0.5}),
        ("nn.AdaptiveAvgPool2d: 1", "8x8x3", {"keepdims": True}),
    ],
)
def test_defaults_of_pytorch_are_applied_to_its_classes(item: str, shape: str, arguments: dict[str, object]) -> None:
    """`nn.` in front tells which framework a class is of that both have."""
    assert layers(item, shape).nodes[0].layer.arguments() == arguments


def test_defaults_of_the_file_win_over_those_of_pytorch() -> None:
    """They are stated, the others are not; in PyTorch's words they are read as PyTorch means them."""
    head = "defaults: {BatchNorm2d: {momentum: 0.3}}\n"
    assert layers("nn.BatchNorm2d: 3", head=head).nodes[0].layer.arguments() == {"eps": 1e-5, "momentum": 0.7}


def test_an_expression_passes_through_the_rule() -> None:
    """PyTorch's momentum is 1 less ours, whatever it is computed from."""
    net = cnnspec.loads(
        "input: 8x8x3\nparams: {m: 0.25, c: 3}\nlayers:\n  - nn.BatchNorm2d: {num_features: $c, momentum: $m}\n"
    )
    assert net.nodes[0].layer.arguments() == {"eps": 1e-5, "momentum": 0.75}


CLAIMS: Final = (
    (
        "Conv2d: {in_channels: 1, out_channels: 16, kernel_size: 3}",
        "32x32x3",
        "`in_channels` of `Conv2d` is 1, but 3 channels enter here",
        ("its input is (32, 32, 3)",),
        "write `in_channels: 3`",
    ),
    (
        "Linear: {in_features: 1050, out_features: 10}",
        "1568",
        "`in_features` of `Linear` is 1050, but 1568 numbers enter here",
        ("in PyTorch: mat1 and mat2 shapes cannot be multiplied (Nx1568 and 1050xM)",),
        "write `in_features: 1568`",
    ),
    (
        "Linear: {in_features: 1568, out_features: 10}",
        "7x7x32",
        "`in_features` of `Linear` is 1568, but 32 channels enter here",
        ("7·7·32 = 1568",),
        "put `flatten` before it",
    ),
    (
        "nn.BatchNorm2d: 64",
        "8x8x3",
        "`num_features` of `nn.BatchNorm2d` is 64, but 3 channels enter here",
        ("its input is (8, 8, 3)",),
        "write `num_features: 3`",
    ),
    (
        "GroupNorm: {num_groups: 1, num_channels: 4}",
        "8x8x3",
        "`num_channels` of `GroupNorm` is 4, but 3 channels enter here",
        ("its input is (8, 8, 3)",),
        "write `num_channels: 3`",
    ),
    (
        "nn.LSTM: {input_size: 3, hidden_size: 4}",
        "7x5",
        "`input_size` of `nn.LSTM` is 3, but 5 channels enter here",
        ("its input is (7, 5)",),
        "write `input_size: 5`",
    ),
)


@pytest.mark.parametrize(("item", "shape", "message", "notes", "step"), CLAIMS)
def test_what_an_argument_says_of_the_input_is_checked(
    item: str, shape: str, message: str, notes: tuple[str, ...], step: str
) -> None:
    """E304 with both numbers, before a framework runs."""
    found = fault(item, shape)
    assert (found.code, found.message, found.notes, found.help) == ("E304", message, notes, step)


def test_wrong_channels_are_all_found_in_one_pass() -> None:
    """A claim that does not hold leaves the layer as it is."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads("input: 8x8x3\nlayers: [nn.Conv2d: 1 8 3, nn.Conv2d: 4 8 3, nn.BatchNorm2d: 9]\n")
    assert [found.code for found in caught.value.diagnostics] == ["E304"] * 3


@pytest.mark.parametrize(
    ("item", "message", "step"),
    [
        (
            "nn.LSTM: {input_size: 3, hidden_size: 4, num_layers: 2}",
            "`num_layers` of `nn.LSTM` is `2`, which is not modelled",
            "write an item for every layer",
        ),
        (
            "nn.Conv2d: {in_channels: 3, out_channels: 4, kernel_size: 3, padding_mode: reflect}",
            "`padding_mode` of `nn.Conv2d` is `reflect`, which is not modelled",
            "write a padding layer before it, whose numbers are the same",
        ),
        (
            "nn.Softmax: {dim: 2}",
            "`dim` of `nn.Softmax` is 2, and channels are axis 1 in PyTorch",
            "write `dim: 1`, or leave it out",
        ),
        (
            "nn.InstanceNorm2d: {num_features: 3, track_running_stats: True}",
            "`track_running_stats` of `nn.InstanceNorm2d` is `True`, which is not modelled",
            "",
        ),
    ],
)
def test_what_pytorch_has_and_the_kind_lacks_is_refused(item: str, message: str, step: str) -> None:
    """By name, with a step."""
    shape = "7x3" if "LSTM" in item else "32x32x3"
    found = fault(item, shape)
    assert (found.code, found.message, found.help) == ("E105", message, step)


def test_tuples_are_whole_wherever_yaml_splits_them() -> None:
    """In braces, in brackets, nested, and behind tokens."""
    text = (
        "input: 8x8x3\nlayers: [conv: 3 (3, 3) relu, maxpool: (2, 2), {avgpool: {pool: (1, 1)}}, "
        "pad: {padding: ((1, 0), (2, 1))}]\n"
    )
    assert [node.shape for node in cnnspec.loads(text)] == [(6, 6, 3), (3, 3, 3), (3, 3, 3), (4, 6, 3)]


def test_a_bracket_that_is_not_closed_gives_one_step() -> None:
    """As before: YAML has split the value."""
    with pytest.raises(cnnspec.SpecError) as caught:
        layers("conv: {filters: 3, kernel: (3, 3, padding: same}")
    assert caught.value.diagnostics[0].help == "write a list in brackets, as in `[3, 3]`, or `3x3`"


CIFAR: Final = """input: {shape: 3x32x32, layout: channels_first}
layers:
  - nn.Conv2d: 3 6 5
  - nn.ReLU
  - nn.MaxPool2d: 2 2
  - nn.Conv2d: 6 16 5
  - nn.ReLU: True
  - nn.MaxPool2d: 2 2
  - nn.Flatten
  - nn.Linear: 400 120
  - nn.ReLU
  - nn.Linear: 120 84
  - nn.ReLU
  - nn.Linear: 84 10
"""
DCGAN: Final = """input: 1x1x100
layers:
  - nn.ConvTranspose2d: {in_channels: 100, out_channels: 512, kernel_size: 4, stride: 1, padding: 0, bias: False}
  - nn.BatchNorm2d: 512
  - nn.ReLU: True
  - nn.ConvTranspose2d: {in_channels: 512, out_channels: 256, kernel_size: 4, stride: 2, padding: 1, bias: False}
  - nn.BatchNorm2d: 256
  - nn.ReLU: {inplace: True}
  - nn.ConvTranspose2d: {in_channels: 256, out_channels: 128, kernel_size: 4, stride: 2, padding: 1, bias: False}
  - nn.BatchNorm2d: 128
  - nn.ReLU: True
  - nn.ConvTranspose2d: {in_channels: 128, out_channels: 64, kernel_size: 4, stride: 2, padding: 1, bias: False}
  - nn.BatchNorm2d: 64
  - nn.ReLU: True
  - nn.ConvTranspose2d: {in_channels: 64, out_channels: 3, kernel_size: 4, stride: 2, padding: 1, bias: False}
  - nn.Tanh
"""


@pytest.mark.parametrize(
    ("text", "shape", "trained"),
    [(CIFAR, (10,), 62_006), (DCGAN, (64, 64, 3), 3_576_704)],
    ids=["PyTorch's CIFAR tutorial", "PyTorch's DCGAN tutorial"],
)
def test_networks_of_tutorials_have_their_published_numbers(text: str, shape: tuple[int, ...], trained: int) -> None:
    """As torch counts their parameters."""
    summary = cnnspec.summarize(cnnspec.loads(text))
    assert (summary.rows[-1].shape, summary.totals.trainable_params) == (shape, trained)


@pytest.mark.parametrize(
    ("item", "step"),
    [
        (
            "{type: Conv2D, filters: 32, kernel_size: 3}",
            "the kind is the key: write `- Conv2D: {filters: 32, kernel_size: 3}`",
        ),
        ("{class_name: Dense, config: {units: 10}}", "the kind is the key: write `- Dense: {units: 10}`"),
    ],
)
def test_a_kind_that_is_a_value_is_turned_into_a_key(item: str, step: str) -> None:
    """As other formats have it."""
    found = fault(item)
    assert (found.code, found.help) == ("E112", step)


def test_channels_first_is_said_where_the_first_size_is_the_claim() -> None:
    """Whoever writes PyTorch's shapes is led to the input, not to another number of channels."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads(
            "input: 3x32x32\nlayers:\n  - nn.Conv2d: {in_channels: 3, out_channels: 6, kernel_size: 3, padding: 1}"
        )
    (fault,) = caught.value.diagnostics
    assert fault.message == "`in_channels` of `nn.Conv2d` is 3, but 32 channels enter here"
    assert fault.help == "channels come last: write `32x32x3`"


FUNCTIONS: Final = {
    "Hardtanh": (("min_val", "-1", "-2"), ("min_val", "-1.0", "-2.0"), ("max_val", "1", "2"), ("max_val", "1.0", "0")),
    "CELU": (("alpha", "1", "2"), ("alpha", "1.0", "0")),
    "Softplus": (("beta", "1", "2"), ("beta", "1.0", "0")),
    "GELU": (("approximate", "none", "tanh"),),
    "Hardshrink": (("lambd", "0.5", "1.5"),),
    "Softshrink": (("lambd", "0.5", "1.5"),),
    "BatchNorm2d": (("track_running_stats", "true", "false"),),
    "Flatten": (("start_dim", "1", "2"), ("end_dim", "-1", "2")),
}
"""PyTorch's arguments of functions: their defaults, in both spellings, and another value."""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_numbers_of_pytorchs_functions(name: str) -> None:
    """Their defaults are what the kinds compute; all others are refused by name."""
    for argument, same, other in FUNCTIONS[name]:
        assert len(layers(f"{name}: {{{argument}: {same}}}").nodes) == 1
        assert fault(f"{name}: {{{argument}: {other}}}").message == (
            f"`{argument}` of `{name}` is `{other}`, which is not modelled"
        )
