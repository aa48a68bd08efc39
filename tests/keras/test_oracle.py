"""Keras is the oracle: every bundled network and every kind has the shapes and parameters that Keras gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import cnnspec
from cnnspec.ir.layer import KINDS
from cnnspec.ir.role import Role

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.keras

VECTOR, SEQUENCE, IMAGE, VOLUME = "9", "9x4", "7x6x4", "5x6x7x4"
INPUTS = (VECTOR, SEQUENCE, IMAGE, VOLUME)
"""One input shape for every number of spatial axes."""

ANY_RANK = (
    "activation: hard_silu",
    "activity_regularization: 0.01 l2=0.1",
    "alpha_dropout: 0.2",
    "bn",
    "celu",
    "dense: 5",
    "channel_shuffle: 1",
    "dropout: 0.3",
    "elu: 0.5",
    "embedding: 3 vocabulary=7",
    "exponential",
    "flatten",
    "gaussian_dropout: 0.2",
    "gaussian_noise: 0.1",
    "gelu",
    "gn: 1",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_tanh",
    "identity",
    "leaky_relu: 0.1",
    "linear",
    "ln",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "normalize",
    "prelu",
    "prelu: shared",
    "relu",
    "relu6",
    "rescale: 1/255 offset=-1",
    "rms_norm",
    "rms_norm: eps=0.001",
    "reshape: -1x1",
    "selu",
    "sigmoid",
    "silu",
    "slice: axis=1 start=1 stop=4",
    "split: 1",
    "stochastic_depth: 0.2",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "tanh",
    "tanh_shrink",
    "threshold: 0.5 value=-1",
    "unit_norm",
    "add: [identity, [relu]]",
    "average: [identity, [relu], [tanh]]",
    "concat: [identity, [dense: 3], [relu]]",
    "masking: 1",
    "maximum: [identity, [relu]]",
    "minimum: [identity, [relu], [relu6]]",
    "multiply: [identity, [sigmoid]]",
    "multiply: [[dense: 1], identity]",
    "subtract: [identity, [relu]]",
    "dot: [identity, [relu]]",
    "residual: [dense: 7 relu, dense: '${branch.c}']",
)
SPATIAL = (
    "attention: 2",
    "attention: 3 key=2 value=5 out=6 nobias dropout=0.5",
    "glu",
    "lrn",
    "lrn: 3 alpha=0.5 beta=0.5 k=2",
    "positions",
    "adaptive_avgpool: 3",
    "adaptive_maxpool: 8",
    "crop",
    "gap",
    "gap: keepdims",
    "gmp",
    "gmp: keepdims",
    "pad",
    "spatial_dropout: 0.2",
)
SLIDING = (
    "avgpool",
    "avgpool: 3 stride=2 pad=1",
    "avgpool: 3 stride=3 same",
    "avgpool: 20 same",
    "conv: 6 kernel=3",
    "conv: 6 kernel=2 stride=3 same gelu",
    "conv: 6 kernel=3 dilation=2 same nobias",
    "conv: 6 kernel=3 dilation=3 pad=2 groups=2",
    "conv: 6 kernel=20 same",
    "conv: 6 kernel=1 stride=4 bn relu",
    "conv: 4 kernel=2 l2=0.1 init=he_normal",
    "maxpool",
    "maxpool: 3 stride=2 pad=1",
    "maxpool: 3 stride=1 same",
    "maxpool: 1 stride=3",
    "upconv: 3 kernel=3 stride=2 same",
    "upconv: 3 kernel=4 stride=2",
    "upconv: 3 kernel=2 stride=3 nobias",
    "upconv: 3 kernel=3 stride=2 same output_padding=0",
    "upconv: 3 kernel=2 stride=3 same output_padding=2",
    "upconv: 3 kernel=3 stride=2 output_padding=1",
    "upconv: 3 kernel=3 dilation=2",
    "upconv: 3 kernel=3 dilation=2 same",
    "upsample",
    "upsample: 3",
)
DEPTHWISE = (
    "dwconv: 3",
    "dwconv: 3 stride=2 same multiplier=2 nobias",
    "dwconv: 2 dilation=3 same bn silu",
    "dwconv: 3 stride=2 dilation=2 multiplier=3",
    "layerscale",
    "sepconv: 5 kernel=3",
    "sepconv: 5 kernel=3 stride=2 same multiplier=2 relu",
    "sepconv: 5 kernel=2 dilation=3 pad=1 nobias",
    "sepconv: 5 kernel=3 stride=2 dilation=2",
)
RECURRENT = (
    "gru: 5",
    "gru: 5 nobias sequences dropout=0.2",
    "gru: 5 noreset_after bidirectional",
    "lstm: 5",
    "lstm: 5 sequences backwards relu recurrent_activation=hard_sigmoid",
    "lstm: 5 bidirectional nobias",
    "lstm: 5 bidirectional sequences merge=sum recurrent_dropout=0.5",
    "rnn: 5",
    "rnn: 5 sequences bidirectional merge=ave",
    "rnn: 5 bidirectional merge=mul",
)
AUGMENTATIONS = (
    "random_flip: horizontal",
    "random_rotation: 0.1 fill_mode=constant",
    "random_zoom: 0.2",
    "random_zoom: {height_factor: [-0.3, -0.2], width_factor: 0.1}",
    "random_translation: {height_factor: 0.1, width_factor: [-0.1, 0.2]}",
    "random_shear: x_factor=0.2",
    "random_perspective: 0.5",
    "random_elastic_transform",
    "random_brightness: 0.2",
    "random_contrast: 0.2",
    "random_hue: 0.2",
    "random_saturation: 0.2",
    "random_sharpness: 0.2",
    "random_color_degeneration: 0.2",
    "random_posterization: 4",
    "random_color_jitter: brightness_factor=0.2",
    "random_grayscale",
    "random_invert: 0.1",
    "random_erasing",
    "random_gaussian_blur: kernel_size=5",
    "rand_augment: num_ops=1 value_range=[0,1]",
    "aug_mix",
)
SINGLE = (
    (VECTOR, "channel_shuffle: 3"),
    ("8", "glu"),
    (SEQUENCE, "class_token"),
    (SEQUENCE, "class_token: 3"),
    (SEQUENCE, "split: 3 axis=1 index=2"),
    (SEQUENCE, "adaptive_maxpool: 1"),
    (IMAGE, "adaptive_maxpool: 7x1"),
    (IMAGE, "slice: start=2"),
    (IMAGE, "slice: {axis: -2, stop: 5}"),
    (IMAGE, "split: 2 index=1"),
    (IMAGE, "channel_shuffle: 2"),
    (IMAGE, "depth_to_space: 2"),
    ("6x9x4", "space_to_depth: 3"),
    (IMAGE, "seq: [depth_to_space: 2, space_to_depth: 2]"),
    (VOLUME, "channel_shuffle: 4"),
    (SEQUENCE, "dot: {branches: [identity, [dense: 3]], axes: 1, normalize: true}"),
    (IMAGE, "dot: {branches: [identity, [permute: 3x1x2]], axes: [2, 3]}"),
    (IMAGE, "dot: {branches: [identity, [gap]], axes: [3, 1]}"),
    (IMAGE, "each: [dot: {branches: [identity, [dense: 5]], axes: 1}]"),
    (IMAGE, "convlstm: 3 kernel=3"),
    (IMAGE, "convlstm: 3 kernel=2 stride=2 same sequences backwards nobias"),
    (VOLUME, "convlstm: 3 3x2/1x2 sequences"),
    (VOLUME, "convlstm: 3 3x3 dilation=2 same relu dropout=0.5 recurrent_dropout=0.5"),
    (VOLUME, "each: [convlstm: 3 kernel=3 sequences]"),
    ("2x3x4x5x2", "convlstm: 3 2x3x1 sequences recurrent_activation=hard_sigmoid"),
    (SEQUENCE, "each: [dense: 3 bn relu, prelu]"),
    (IMAGE, "each: [conv: 3 kernel=3 pad=1 l2=0.1, lstm: 5 bidirectional]"),
    (IMAGE, "each: [attention: 2, positions, residual: [dense: 4], glu, multiply: [[dense: 1], identity]]"),
    (VOLUME, "each: [conv: 4 3x3 pad=1, maxpool: 2 pad=1, depth_to_space: 2, flatten]"),
    (VOLUME, "each: [random_crop: 3x4]"),
    (VOLUME, "each: [each: [upconv: 3 kernel=3 stride=2, lrn, dense: 5 tanh, gap]]"),
    (VOLUME, "each: [concat: [[gap: keepdims], [conv: 2 6x7 l2=0.1]]]"),
    (VECTOR, "repeat_vector: 3"),
    (IMAGE, "adaptive_avgpool: 1x4"),
    (IMAGE, "adaptive_maxpool: 3x6"),
    (IMAGE, "resize: 3"),
    (IMAGE, "resize: 14x6 nearest"),
    (IMAGE, "resize: 9x4 bicubic"),
    (IMAGE, "centercrop: 5x2"),
    (IMAGE, "centercrop: 10"),
    (IMAGE, "random_crop: 3x4"),
    (VECTOR, "dropout: 0.5 noise=1"),
    (VECTOR, "gn: 3"),
    (VECTOR, "normalize: {mean: 0.5, variance: 2}"),
    (VECTOR, "permute: 1"),
    (VECTOR, "reshape: 3x3"),
    (VECTOR, "dense: 5 nobias l2=0.1 init=orthogonal softmax"),
    (VECTOR, "multiply: [[dense: 1], [dense: 1]]"),
    (SEQUENCE, "permute: 2x1"),
    (SEQUENCE, "conv: 6 kernel=3 stride=2 pad=[[2,0]]"),
    (SEQUENCE, "conv: 6 kernel=3 dilation=4 causal relu"),
    (SEQUENCE, "conv: 6 kernel=5 stride=3 causal groups=2"),
    (SEQUENCE, "maxpool: 3 pad=[[0,2]]"),
    (SEQUENCE, "avgpool: 3 pad=[[0,5]]"),
    (SEQUENCE, "pad: [[0,3]]"),
    (SEQUENCE, "crop: [[5,3]]"),
    (SEQUENCE, "dwconv: 3 pad=[[4,1]]"),
    (IMAGE, "permute: 3x1x2"),
    (IMAGE, "conv: 6 3x2/1x3"),
    (IMAGE, "conv: 6 1x5/3x1 pad=[[0,1],[2,0]]"),
    (IMAGE, "conv: 6 3x2 dilation=3x1 pad=1x0 groups=2"),
    (IMAGE, "conv: 8 3x3 groups=4 nobias same"),
    (IMAGE, "conv: 6 3x3 pad=5"),
    (IMAGE, "sepconv: 5 3x1 multiplier=3 init=he_uniform l2=0.01"),
    (IMAGE, "dwconv: 3x1/2 pad=[[0,1],[1,1]]"),
    (IMAGE, "upconv: 3 2x5/3x1"),
    (IMAGE, "upconv: 3 2x5/3x1 same relu"),
    (IMAGE, "maxpool: 3x2/2x1 pad=[[0,1],[1,0]]"),
    (IMAGE, "avgpool: 3x2/2x1 pad=[[0,1],[1,0]]"),
    (IMAGE, "maxpool: 2x5/1x3 same"),
    (IMAGE, "upsample: 1x3"),
    (IMAGE, "upsample: 2x3 bilinear"),
    (IMAGE, "upsample: 2x3 bicubic"),
    (IMAGE, "upsample: 2 lanczos3"),
    (IMAGE, "upsample: 2 lanczos5"),
    (SEQUENCE, "pad: 4 reflect"),
    (IMAGE, "pad: {margins: [[6,5],[0,3]], mode: reflect}"),
    (VOLUME, "pad: 1x5x2 symmetric"),
    (IMAGE, "pad: 1x0 replicate"),
    (IMAGE, "pad: [[0,1],[2,3]]"),
    (IMAGE, "pad: 0"),
    (IMAGE, "crop: [[0,1],[2,3]]"),
    (IMAGE, "crop: 0"),
    (IMAGE, "bn: {center: false, scale: false}"),
    (IMAGE, "bn: {scale: false, eps: 0, momentum: 1}"),
    (IMAGE, "bn: axis=1 nocenter"),
    (VOLUME, "bn: axis=-2"),
    (IMAGE, "ln: {center: false}"),
    (IMAGE, "ln: axis=[3,1,2]"),
    (IMAGE, "ln: axis=2"),
    (SEQUENCE, "ln: axis=[1,-1]"),
    (IMAGE, "softmax: axis=1"),
    (IMAGE, "softmax: axis=[1,2]"),
    (IMAGE, "gn: {groups: 2, scale: false}"),
    (IMAGE, "gn: -1"),
    (SEQUENCE, "gn: -1 nocenter"),
    (IMAGE, "prelu: shared=2"),
    (IMAGE, "prelu: shared=[3,1]"),
    (VOLUME, "prelu: shared=[1,2,3,4]"),
    (VECTOR, "prelu: shared=1"),
    (IMAGE, "rescale: {scale: [1, 0.5, 2, 1/255], offset: [0, -1, 1, 2]}"),
    (SEQUENCE, "rescale: scale=2 offset=[0,1,2,3]"),
    (IMAGE, "normalize: {mean: [1, 2, 3, 4], variance: [1, 1, 1, 1]}"),
    (IMAGE, "dropout: 0.5 noise=1x1x4"),
    (IMAGE, "relu: max=6 slope=0.1 threshold=0.5"),
    (IMAGE, "layerscale: 0.1"),
    (IMAGE, "reshape: 2x3x7x4"),
    (IMAGE, "seq: [reshape: 7x2x3x2x2, dense: 3, dropout: 0.5, bn, ln, prelu: shared, rescale: 2, relu]"),
    (IMAGE, "multiply: [[conv: 1 1x1], [gap: keepdims]]"),
    (IMAGE, "gate: [gap: keepdims, conv: 2 1x1 relu, conv: '${branch.c} 1x1 sigmoid']"),
    (IMAGE, "residual: {body: [conv: 8 3x3/2 same bn], shortcut: [conv: 8 1x1/2]}"),
    (IMAGE, "residual: {body: [conv: 8 3x3/2 same bn], shortcut: if-same-shape}"),
    (IMAGE, "concat: [[maxpool: 3x3/2 same], [avgpool: 2x2 same], [conv: 5 3x3/2 pad=1x1]]"),
    (IMAGE, "concat: {branches: [identity, [pad: [[2,1],[0,0]]]], axis: 1}"),
    (IMAGE, "concat: {branches: [identity, [crop: [[0,0],[2,1]]], [relu]], axis: -2}"),
    (IMAGE, "concat: {branches: [identity, [dense: 3]], axis: 3}"),
    (VOLUME, "concat: {branches: [[maxpool: 5x1x1], identity], axis: 1}"),
    (IMAGE, "add: [identity, identity]"),
    (IMAGE, "add: [[gap: keepdims], identity, [conv: 1 1x1]]"),
    (IMAGE, "subtract: [[gap: keepdims], [conv: 1 1x1]]"),
    (IMAGE, "average: [identity, [gap: keepdims]]"),
    (IMAGE, "maximum: [[conv: 1 1x1], identity]"),
    (SEQUENCE, "minimum: [[gmp: keepdims], identity]"),
    (VOLUME, "permute: 4x1x3x2"),
    (VOLUME, "conv: 6 2x3x1/1x2x3 same"),
    (VOLUME, "conv: 6 2x3x1 dilation=1x2x3 pad=[[0,1],[0,0],[3,0]]"),
    (VOLUME, "upconv: 3 2x3x1/3x1x2 same"),
    (VOLUME, "maxpool: 3x2x3/2x1x3 pad=[[0,1],[1,0],[2,1]]"),
    (VOLUME, "avgpool: 3x2x3/2x3x1 pad=[[0,1],[1,0],[2,1]]"),
    (VOLUME, "pad: [[0,1],[2,3],[0,0]]"),
    (VOLUME, "crop: [[0,1],[2,3],[0,0]]"),
    (VOLUME, "upsample: 3x1x2"),
)
ROWS = (
    *((shape, item) for item in ANY_RANK for shape in INPUTS),
    *((shape, item) for item in (*SPATIAL, *SLIDING) for shape in INPUTS[1:]),
    *((shape, item) for item in DEPTHWISE for shape in (SEQUENCE, IMAGE)),
    *((SEQUENCE, item) for item in RECURRENT),
    *(("7x6x3", item) for item in AUGMENTATIONS),
    *SINGLE,
)

OTHERWISE = (
    *(
        (shape, item)
        for item in (
            "upconv: 3 kernel=4 stride=2 pad=1",
            "upconv: 3 kernel=3 stride=2 pad=1 output_padding=1",
            "upconv: 3 kernel=5 stride=3 pad=2 softmax",
            "upconv: 3 kernel=2 stride=3 pad=0",
            "upconv: 3 kernel=2 stride=3 pad=0 output_padding=2",
            "upconv: 3 kernel=3 dilation=2 pad=1",
            "maxpool: 3 stride=2 ceil",
            "maxpool: 2 stride=3 ceil pad=1",
            "avgpool: 2 ceil",
            "avgpool: 2 ceil pad=1",
        )
        for shape in INPUTS[1:]
    ),
    (IMAGE, "upconv: 3 3x2/2x3 pad=[[1,0],[0,2]] output_padding=1x2 bn relu"),
)
"""What Keras says in other layers or words, so that it is read back as these."""
ALL = (*ROWS, *OTHERWISE)

TWO_INPUTS = """
input: {query: 9x8, memory: 5x6}
layers:
  - attention: 2 key=3
    from: [query, memory]
    name: looked
  - concat: {branches: [[dense: 4], looked]}
"""

SEVERAL = """
name: two towers / shared end
input: {left: 8x8x3, right: 4x4x2, scalar: 5}
layers:
  - conv: 4 3x3/2 same
    from: left
    name: a
  - concat: [a, right]
    name: both
  - maxpool: 2x2 pad=1
    name: pool
  - flatten:
    name: flat
  - dense: 3 softmax
    name: class
  - concat:
    from: [flat, scalar]
  - dense: 1
    name: value
outputs: [class, value, pool]
"""


def _graph(shape: str, item: str) -> cnnspec.Graph:
    return cnnspec.loads(f"input: {shape}\nlayers:\n  - {item}\n")


@pytest.mark.parametrize("name", cnnspec.bundled_names())
def test_bundled_networks_agree(name: str, assert_agreement: Callable[..., Any]) -> None:
    """Shapes, parameters and totals of every bundled network are those of its Keras model."""
    assert_agreement(cnnspec.load(name))


@pytest.mark.parametrize(("shape", "item"), ALL)
def test_layers_agree(shape: str, item: str, assert_agreement: Callable[..., Any]) -> None:
    """Shapes and parameters of every kind are those of its Keras layers, built and run."""
    assert_agreement(_graph(shape, item), run=True)


def test_the_table_has_every_kind_on_input_of_every_rank() -> None:
    """No kind is left out of the table, on no number of axes that it works on."""
    nodes = [node for row in ROWS for node in _graph(*row)]
    seen = {(node.kind, len(node.input_shapes[0]) - 1 - node.layer.leads) for node in nodes}
    wanted = {(kind, rank) for kind, cls in KINDS.items() if cls.role is not Role.OPAQUE for rank in cls.ranks}
    assert wanted - seen == set()


FROZEN = (
    (SEQUENCE, "lstm: 3"),
    (SEQUENCE, "lstm: 3 bidirectional"),
    (SEQUENCE, "attention: 2"),
    (SEQUENCE, "class_token"),
    (IMAGE, "each: [attention: 2]"),
    (IMAGE, "each: [each: [dense: 3]]"),
    (VOLUME, "convlstm: 3 3x3"),
)


@pytest.mark.parametrize(("shape", "item"), FROZEN)
def test_frozen_layers_agree(shape: str, item: str, assert_agreement: Callable[..., Any]) -> None:
    """Layers inside a layer are frozen with it, in the listing too."""
    from cnnspec.keras.listing import render

    colon = "" if ":" in item else ":"
    graph = cnnspec.loads(f"input: {shape}\nlayers:\n  - {item}{colon}\n    trainable: false\n")
    assert_agreement(graph, run=True)
    namespace: dict[str, Any] = {}
    exec(render(graph), namespace)  # noqa: S102 - this is what a listing is for
    assert namespace["model"].trainable_weights == []


SHARED = """
input: {left: 5x9x8, right: 4x9x8}
layers:
  - each: [attention: 2, positions]
    from: left
  - share: attention1
    from: right
  - share: positions1
  - add: [identity, identity]
outputs: [positions1, add1]
"""


def test_layers_of_steps_are_shared(keras: Any) -> None:
    """One layer of Keras for both, and as many parameters."""
    from cnnspec.keras.verification import verify

    keras.utils.clear_session(free_memory=False)
    assert verify(cnnspec.loads(SHARED)).agrees


def test_a_second_input_agrees(assert_agreement: Callable[..., Any]) -> None:
    """What one sequence sees in another has Keras' parameters."""
    assert_agreement(cnnspec.loads(TWO_INPUTS), run=True)


def test_several_inputs_and_outputs_agree(assert_agreement: Callable[..., Any]) -> None:
    """A network with several inputs and outputs becomes a model with the same ones."""
    model = assert_agreement(cnnspec.loads(SEVERAL), run=True)
    assert [tensor.name for tensor in model.inputs] == ["left", "right", "scalar"]
    assert [tensor.shape for tensor in model.outputs] == [(None, 3), (None, 1), (None, 3, 3, 6)]
