"""A Keras configuration read back: it gives the layer that it was written from, or is refused by name."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from runpy import run_path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnnspec
from cnnspec import layers as _layers  # noqa: F401 - registers the kinds
from cnnspec.ir.graph import Node
from cnnspec.ir.keras_reading import UnmodelledError
from cnnspec.ir.keras_rule import PAD_OPERATION, Call
from cnnspec.ir.layer import KINDS, Layer

ROWS: Final = run_path(str(Path(__file__).parents[1] / "keras" / "test_oracle.py"))["ROWS"]
"""An input shape and an item for every kind on input of every number of axes."""
DENSE: Final = {"units": 5}
LSTM: Final = {"class_name": "LSTM", "config": {"units": 2, "go_backwards": False}}
TWICE: Final = {"layer": LSTM}
CONV: Final = {"filters": 4, "kernel_size": 3}
SIZE: Final = {"height": 4, "width": 5}
HEADS: Final = {"num_heads": 2, "key_dim": 4}


def variance(scale: float, mode: str, distribution: str) -> dict[str, Any]:
    """Return an initializer as Keras 2.0 wrote all those that scale a variance."""
    config = {"scale": scale, "mode": mode, "distribution": distribution, "seed": None}
    return {"class_name": "VarianceScaling", "config": config}


def as_read(node: Node) -> Layer:
    """Return the layer that Keras can tell.

    Explicit padding is a layer of its own there, a vector has no axes, and the channels of a head are always stated.
    """
    layer, shape = node.layer, node.input_shapes[0]
    values = {name: value for name, value in vars(layer).items() if name in layer.fields}
    if layer.keras.padding_value is not None and isinstance(values["padding"], tuple):
        values["padding"] = "valid"
    if len(shape) == 1 and values.get("shared") is True:
        values["shared"] = False
    if "heads" in values and values["key"] is None:
        values["key"] = shape[-1] // values["heads"]
    return type(layer)(**values)


def rank_of(node: Node) -> int:
    """Return the number of spatial axes that a node works on."""
    return len(node.input_shapes[0]) - 1 - node.layer.leads


def is_one_layer(node: Node) -> bool:
    """Tell whether a node is a Keras layer of its own class, not others that together do the same."""
    rule, last = node.layer.keras, node.layer.keras_calls(*node.input_shapes)[-1]
    names = {rule.class_name.format(rank=rank_of(node))}
    return last.class_name in names | ({rule.wrapper.class_name} if rule.wrapper else set())


def config_of(call: Call) -> dict[str, Any]:
    """Return the arguments of a call as a configuration has them, with the layer inside a wrapper."""
    return {
        name: {"class_name": value.class_name, "config": config_of(value)} if isinstance(value, Call) else value
        for name, value in call.arguments.items()
    }


@pytest.mark.parametrize(("shape", "item"), ROWS)
def test_what_is_written_is_read(shape: str, item: str) -> None:
    """For every kind on input of every number of axes; lists, as a file has them, are as good as tuples."""
    for node in filter(is_one_layer, cnnspec.loads(f"input: {shape}\nlayers:\n  - {item}\n")):
        rank, cls = rank_of(node), type(node.layer)
        *before, last = node.layer.keras_calls(*node.input_shapes)
        config = config_of(last)
        assert cls.from_keras(config, rank) == as_read(node)
        assert cls.from_keras(json.loads(json.dumps(config)), rank) == as_read(node)
        for call in before:
            if call.class_name != PAD_OPERATION:
                assert vars(KINDS["pad"].from_keras(call.arguments, rank))["margins"] == vars(node.layer)["padding"]


def test_every_kind_is_read() -> None:
    """The rows above leave none out."""
    nodes = [node for shape, item in ROWS for node in cnnspec.loads(f"input: {shape}\nlayers:\n  - {item}\n")]
    read = {node.kind for node in nodes if is_one_layer(node)}
    assert read == {kind for kind, cls in KINDS.items() if cls.keras.class_name}


@pytest.mark.parametrize(
    ("kind", "rank", "config", "expected"),
    [
        ("conv", 2, CONV | {"name": "c", "data_format": "channels_last", "kernel_constraint": None}, "conv: 4 3x3"),
        ("conv", 2, CONV | {"bias_initializer": {"class_name": "Zeros", "config": {}}}, "conv: 4 3x3"),
        (
            "conv",
            2,
            CONV | {"kernel_initializer": {"class_name": "HeNormal", "config": {"seed": None}}},
            "init=he_normal",
        ),
        ("conv", 2, CONV | {"kernel_initializer": variance(1.0, "fan_avg", "uniform")}, "conv: 4 3x3"),
        ("conv", 2, CONV | {"kernel_initializer": variance(2, "fan_in", "truncated_normal")}, "init=he_normal"),
        ("conv", 2, CONV | {"kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.5}}}, "l2=0.5"),
        ("conv", 2, CONV | {"kernel_regularizer": {"class_name": "L1L2", "config": {"l1": 0, "l2": 0.5}}}, "l2=0.5"),
        ("conv", 1, CONV | {"padding": "causal"}, "conv: 4 kernel=3 causal"),
        ("conv", 2, CONV | {"kernel_regularizer": "l2"}, "l2=0.01"),
        ("conv", 2, CONV | {"activation": None}, "conv: 4 3x3"),
        ("conv", 2, CONV | {"activation": "swish"}, "silu"),
        ("bn", 2, {"axis": 3, "renorm": False, "renorm_momentum": 0.9}, "bn"),
        ("bn", 2, {"axis": [-1]}, "bn"),
        ("bn", 2, {"axis": 1}, "bn: axis=1"),
        ("ln", 2, {"axis": [1, 2, 3]}, "ln: axis=[1,2,3]"),
        ("ln", 2, {"axis": [3]}, "ln"),
        ("dense", 0, DENSE | {"dtype": {"class_name": "DTypePolicy", "config": {"name": "float32"}}}, "dense: 5"),
        ("maxpool", 2, {"pool_size": [3, 3], "strides": None}, "maxpool: 3x3"),
        ("prelu", 2, {"shared_axes": [1, 2]}, "prelu: shared"),
        ("prelu", 2, {"shared_axes": [1]}, "prelu: shared=1"),
        ("prelu", 2, {"shared_axes": []}, "prelu"),
        ("gn", 2, {"groups": -1}, "gn: -1"),
        ("rescale", 2, {"scale": [1.0] * 8, "offset": 0.0}, "rescale: [1,1,1,1,1,1,1,1]"),
        ("pad", 2, {"padding": [1, 2]}, "pad: 1x2"),
        ("pad", 1, {"padding": [1, 2]}, "pad: [[1, 2]]"),
        ("upconv", 2, CONV | {"output_padding": None, "dilation_rate": [1, 1]}, "upconv: 4 3x3"),
        ("upconv", 2, CONV | {"output_padding": [1, 1], "strides": 2}, "upconv: 4 3x3/2 output_padding=1"),
        ("upconv", 2, CONV | {"dilation_rate": 2, "padding": "same"}, "upconv: 4 3x3 same dilation=2"),
    ],
)
def test_spellings_and_words_that_change_nothing(kind: str, rank: int, config: Any, expected: str) -> None:
    """Keras has several forms for one value, and many arguments that mean nothing at one value."""
    item = expected if expected.startswith(kind) else f"{kind}: 4 3x3 {expected}"
    shape = "x".join(["8"] * (rank + 1))
    assert (
        KINDS[kind].from_keras(config, rank) == cnnspec.loads(f"input: {shape}\nlayers:\n  - {item}\n").nodes[0].layer
    )


@pytest.mark.parametrize(
    ("kind", "rank", "config", "message"),
    [
        (
            "conv",
            2,
            CONV | {"padding": "full"},
            "`padding` of `Conv2D` is 'full': it must be `valid`, `same`, `causal`",
        ),
        (
            "conv",
            2,
            CONV | {"data_format": "channels_first"},
            "`data_format` of `Conv2D` is 'channels_first': it is not",
        ),
        ("conv", 2, CONV | {"kernel_size": True}, "`kernel_size` of `Conv2D` is True: it must be integers ≥ 1"),
        ("conv", 2, CONV | {"kernel_size": [3, 3, 3]}, "`kernel_size` of `Conv2D` is [3, 3, 3]"),
        ("conv", 2, CONV | {"filters": None}, "`filters` of `Conv2D` is None: it must be a positive integer"),
        ("conv", 2, {"kernel_size": 3}, "`filters` of `Conv2D` is None: it must be a positive integer"),
        ("conv", 2, CONV | {"activation": {"class_name": "Custom"}}, "`activation` of `Conv2D` is {'class_name'"),
        ("conv", 2, CONV | {"kernel_regularizer": {"class_name": "L1", "config": {"l1": 0.1}}}, "`kernel_regularizer`"),
        (
            "conv",
            2,
            CONV | {"bias_initializer": "ones"},
            "`bias_initializer` of `Conv2D` is 'ones': it is not modelled",
        ),
        ("conv", 2, CONV | {"kernel_constraint": {"class_name": "MaxNorm"}}, "`kernel_constraint` of `Conv2D`"),
        ("conv", 2, CONV | {"kernel_initializer": variance(2.0, "fan_out", "uniform")}, "`kernel_initializer` of"),
        ("conv", 2, CONV | {"trainable": False}, "`trainable` of `Conv2D` is False: it is not modelled"),
        ("conv", 2, CONV | {"trainable": 1}, "`trainable` of `Conv2D` is 1: it is not modelled"),
        ("conv", 2, CONV | {"frobnicate": 1}, "`frobnicate` of `Conv2D` is 1: it is not modelled"),
        (
            "upconv",
            2,
            CONV | {"dilation_rate": 0},
            "`dilation_rate` of `Conv2DTranspose` is 0: it must be integers ≥ 1",
        ),
        (
            "upconv",
            2,
            CONV | {"output_padding": -1},
            "`output_padding` of `Conv2DTranspose` is -1: it must be integers",
        ),
        ("upconv", 2, CONV | {"groups": 2}, "`groups` of `Conv2DTranspose` is 2: it is not modelled"),
        ("bn", 2, {"axis": [1, 2]}, "`axis` of `BatchNormalization` is [1, 2]: it must be an axis"),
        ("ln", 2, {"axis": 0}, "`axis` of `LayerNormalization` is 0: it must be an axis or a list of axes"),
        ("normalize", 2, {"axis": 1}, "`axis` of `Normalization` is 1: it is not modelled"),
        ("prelu", 2, {"shared_axes": [0]}, "`shared_axes` of `PReLU` is [0]: it must be `true`, `false`, or axes"),
        ("gn", 2, {"groups": 0}, "`groups` of `GroupNormalization` is 0: it must be a positive integer, or `-1`"),
        ("dropout", 2, {"rate": 0.5, "noise_shape": [4, 1, 1, 3]}, "`noise_shape` of `Dropout` is [4, 1, 1, 3]"),
        ("dropout", 2, {"rate": 0.5, "noise_shape": []}, "`noise_shape` of `Dropout` is []"),
        ("relu6", 2, {"max_value": 5.0}, "`max_value` of `ReLU` is 5.0: it must be 6.0"),
        ("relu6", 2, {}, "`max_value` of `ReLU` is None: it must be 6.0"),
        ("relu6", 2, {"max_value": 6.0, "threshold": 1.0}, "`threshold` of `ReLU` is 1.0: it must be 0.0"),
        ("selu", 2, {"activation": "relu"}, "`activation` of `Activation` is 'relu': it must be 'selu'"),
        ("layerscale", 2, {"kernel_size": 1, "use_bias": False}, "`depthwise_initializer` of `DepthwiseConv2D` is"),
        *(
            ("resize", 2, SIZE | {name: True}, f"`{name}` of `Resizing` is True: it must be False")
            for name in ("crop_to_aspect_ratio", "pad_to_aspect_ratio", "antialias")
        ),
        ("convlstm", 2, CONV | {"return_state": True}, "`return_state` of `ConvLSTM2D` is True: it must be False"),
        ("attention", 1, HEADS | {"use_gate": True}, "`use_gate` of `MultiHeadAttention` is True: it must be False"),
        ("lstm", 1, {"units": 2, "return_state": True}, "`return_state` of `LSTM` is True: it must be False"),
        (
            "lstm",
            1,
            {"layer": {"class_name": "GRU"}},
            "`layer` of `Bidirectional` is {'class_name': 'GRU'}: it must be",
        ),
        (
            "lstm",
            1,
            TWICE | {"merge_mode": None},
            "`merge_mode` of `Bidirectional` is None: it must be one of `concat`",
        ),
        ("lstm", 1, TWICE | {"backward_layer": LSTM}, "`backward_layer` of `Bidirectional` is {'class_name': 'LSTM'"),
        ("lstm", 1, TWICE | {"stateful": True}, "`stateful` of `Bidirectional` is True: it is not modelled"),
        (
            "sepconv",
            2,
            CONV | {"depthwise_initializer": "zeros", "pointwise_initializer": "ones"},
            "`pointwise_initializer` of `SeparableConv2D` is 'ones': it must be 'zeros'",
        ),
    ],
)
def test_what_is_not_modelled_is_refused(kind: str, rank: int, config: Any, message: str) -> None:
    """Nothing is dropped: the argument, its value, and what it must be."""
    with pytest.raises(UnmodelledError) as caught:
        KINDS[kind].from_keras(config, rank)
    assert str(caught.value).startswith(message)


JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["class_name", "config", "l2"]), inner),
    max_leaves=6,
)


@given(st.sampled_from(sorted(KINDS)), st.data())
def test_whatever_a_file_holds_is_read_or_refused(kind: str, data: st.DataObject) -> None:
    """No value of any argument makes another error."""
    cls = KINDS[kind]
    names = [*cls.keras.arguments, *cls.keras.fixed, "axis", "dtype", "kernel_constraint", "name"]
    config = data.draw(st.dictionaries(st.sampled_from(names), JSON, max_size=4))
    rank = data.draw(st.sampled_from(cls.ranks))
    with suppress(UnmodelledError):
        assert isinstance(cls.from_keras(config, rank), cls)
