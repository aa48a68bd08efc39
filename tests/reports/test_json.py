"""The JSON summary is a contract: its keys, their types, and the numbers of a layer that scripts read."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

import cnnspec
from cnnspec.reports.json import render
from tests.bundled_cases import COURSE_TOTALS
from tests.bundled_cases import cases as bundled_cases

CONV1: Final = {
    "name": "conv1",
    "kind": "conv",
    "role": "convolution",
    "inputs": ["input"],
    "input_shapes": [[32, 32, 3]],
    "output_shape": [28, 28, 8],
    "activation_size": 6_272,
    "params": 608,
    "weights": 600,
    "biases": 8,
    "trainable_params": 608,
    "non_trainable_params": 0,
    "macs": 470_400,
    "flops": 947_072,
    "receptive_field": [5, 5],
    "jump": [1, 1],
    "start": [2.0, 2.0],
    "line": 12,
    "window": {"size": [5, 5], "stride": [1, 1], "dilation": [1, 1], "padding": [[0, 0], [0, 0]]},
    "arguments": {"filters": 8, "kernel": [5, 5], "stride": [1, 1], "padding": "valid"},
    "formulas": {
        "output_shape": [
            {"symbolic": "floor((n + 2p − f)/s) + 1", "substituted": "floor((32 − 5)/1) + 1", "value": 28},
            {"symbolic": "floor((n + 2p − f)/s) + 1", "substituted": "floor((32 − 5)/1) + 1", "value": 28},
            {"symbolic": "K", "substituted": "8", "value": 8},
        ],
        "activation_size": {"symbolic": "H′·W′·C′", "substituted": "28·28·8", "value": 6_272},
        "params": {"symbolic": "(F·F·C + 1)·K", "substituted": "(5·5·3 + 1)·8", "value": 608},
        "macs": {"symbolic": "F·F·C·K·H′·W′", "substituted": "5·5·3·8·28·28", "value": 470_400},
        "flops": {
            "symbolic": "2·F·F·C·K·H′·W′ + H′·W′·C′",
            "substituted": "2·5·5·3·8·28·28 + 28·28·8",
            "value": 947_072,
        },
    },
}
HEAD: Final = {
    "cnnspec": 1,
    "name": "lenet5-rgb",
    "source": "lenet5-rgb.yaml",
    "batch": 1,
    "dtype": "float32",
    "inputs": [{"name": "input", "shape": [32, 32, 3], "activation_size": 3_072}],
    "outputs": ["softmax"],
}
TYPES: Final[dict[str, type | tuple[type, ...]]] = {
    "name": str,
    "kind": str,
    "role": str,
    "inputs": list,
    "input_shapes": list,
    "output_shape": list,
    "activation_size": int,
    "params": int,
    "weights": int,
    "biases": int,
    "trainable_params": int,
    "non_trainable_params": int,
    "macs": int,
    "flops": int,
    "receptive_field": (list, type(None)),
    "jump": (list, type(None)),
    "start": (list, type(None)),
    "line": int,
    "window": (dict, type(None)),
    "arguments": dict,
    "formulas": dict,
}
OPTIONAL: Final = {
    "unknown": dict,
    "note": str,
    "blocks": list,
    "templates": list,
    "view": bool,
    "shared_with": str,
    "trainable": bool,
}
LOST: Final = "behind a layer that gives up places in the input"
FORMULAS: Final = {"activation_size": "activation_size", "params": "params", "macs": "macs", "flops": "flops"}


def report(name: str, **options: Any) -> dict[str, Any]:
    """Return the parsed summary of a bundled network."""
    found: dict[str, Any] = json.loads(render(cnnspec.summarize(cnnspec.load(name), **options)))
    return found


def of_text(text: str) -> dict[str, Any]:
    """Return the parsed summary of a spec."""
    found: dict[str, Any] = json.loads(render(cnnspec.summarize(cnnspec.loads(text))))
    return found


def test_the_first_convolution_is_as_documented() -> None:
    """Every key of DESIGN §9 with the value that was counted by hand, in this order."""
    layer = report("lenet5-rgb")["layers"][0]
    assert layer == CONV1
    assert list(layer) == list(CONV1)


def test_head_and_totals_are_as_documented() -> None:
    """What stands before and behind the layers."""
    found = report("lenet5-rgb")
    assert {key: found[key] for key in HEAD} == HEAD
    assert found["totals"] == COURSE_TOTALS
    assert list(found) == [*HEAD, "layers", "totals"]


@pytest.mark.parametrize("name", bundled_cases())
def test_every_layer_has_the_documented_keys_and_types(name: str) -> None:
    """Keys are never left out, integers never floats or texts, and null has a reason."""
    for layer in report(name)["layers"]:
        assert list(layer)[: len(TYPES)] == list(TYPES)
        assert set(layer) - set(TYPES) <= set(OPTIONAL)
        for key, types in TYPES.items():
            assert isinstance(layer[key], types), (layer["name"], key)
            assert not isinstance(layer[key], bool)
        for key in OPTIONAL.keys() & layer.keys():
            assert isinstance(layer[key], OPTIONAL[key])
        missing = {key for key in TYPES if layer[key] is None and key != "window"}
        assert missing == set(layer.get("unknown", {}))


@pytest.mark.parametrize("name", bundled_cases())
def test_formulas_have_the_values_of_their_numbers(name: str) -> None:
    """Each formula is there once, with the number that it explains."""
    for layer in report(name)["layers"]:
        formulas = layer["formulas"]
        assert set(formulas) == {"output_shape", *FORMULAS}
        assert [formula["value"] for formula in formulas["output_shape"]] == layer["output_shape"]
        for formula, number in FORMULAS.items():
            assert formulas[formula]["value"] == layer[number]
            assert {"symbolic", "substituted", "value"} <= set(formulas[formula])


@pytest.mark.parametrize("name", ["lenet5-rgb", "densenet121", "efficientnetb0"])
def test_two_runs_write_the_same_bytes(name: str) -> None:
    """Scripts may compare files."""
    first, second = (render(cnnspec.summarize(cnnspec.load(name))) for _ in range(2))
    assert first == second


def test_unknown_places_are_null_with_their_reason() -> None:
    """Behind a flatten there is no receptive field, and in a misaligned join no first centre."""
    layers = {layer["name"]: layer for layer in report("resnet20-cifar10")["layers"]}
    flat, join = layers["flatten1"], layers["basic4.add1"]
    assert [flat[key] for key in ("receptive_field", "jump", "start")] == [None, None, None]
    assert flat["unknown"] == dict.fromkeys(("receptive_field", "jump", "start"), LOST)
    assert (join["receptive_field"], join["jump"], join["start"]) == ([21, 21], [2, 2], None)
    assert join["unknown"] == {"start": "the branches are misaligned: their starts are 0 and 1 pixels"}


def test_nothing_to_compute_has_a_reason() -> None:
    """A 0 that no formula gives says why."""
    formulas = report("lenet5-rgb")["layers"][1]["formulas"]
    reason = "the maximum is picked, nothing is learned"
    assert formulas["params"] == {"symbolic": "0", "substituted": "0", "value": 0, "reason": reason}


def test_blocks_and_notes_are_there_where_they_are() -> None:
    """The chain of copies of blocks, outermost first."""
    layers = of_text(
        "input: 4x4x2\nblocks: {a: [relu], b: [{a: }, relu]}\nlayers:\n  - b\n  - relu:\n    note: last\n"
    )["layers"]
    assert [layer.get("blocks") for layer in layers] == [["b1", "b1.a1"], ["b1"], None]
    assert [layer.get("templates") for layer in layers] == [["b", "a"], ["b"], None]
    assert [layer.get("note") for layer in layers] == [None, None, "last"]


WINDOWS: Final = {
    # TensorFlow's `same` on 10 elements, window 3, step 2: 1 element is missing, behind
    ("10x8x2", "conv: 4 3x3/2 same"): ([3, 3], [2, 2], [1, 1], [[0, 1], [0, 1]]),
    ("9x9x2", "dwconv: 3x3 pad=[[0,1],[2,3]] dilation=2"): ([3, 3], [1, 1], [2, 2], [[0, 1], [2, 3]]),
    ("9x2", "conv: 4 kernel=3 dilation=4 causal"): ([3], [1], [4], [[8, 0]]),
    # PyTorch's ceil_mode: (6 − 3)/2 = 1.5 is rounded up to 2 steps, and the last window sticks out by 1
    ("6x6x2", "maxpool: 3x3/2 ceil"): ([3, 3], [2, 2], [1, 1], [[0, 1], [0, 1]]),
    ("9x9x9x2", "maxpool: 3"): ([3, 3, 3], [3, 3, 3], [1, 1, 1], [[0, 0], [0, 0], [0, 0]]),
    ("5x4x4x2", "convlstm: 3 3x3 same"): ([3, 3], [1, 1], [1, 1], [[1, 1], [1, 1]]),
    ("5x4x4x2", "each: [conv: 3 3x3 same]"): ([3, 3], [1, 1], [1, 1], [[1, 1], [1, 1]]),
    # PyTorch's ConvTranspose2d(2, 4, 4, 2, 1): 2·8 of (8 − 1)·2 + 4 = 18 rows stay
    ("8x8x2", "upconv: 4 4x4/2 pad=1"): ([4, 4], [2, 2], [1, 1], [[1, 1], [1, 1]]),
    # Keras' Conv2DTranspose(4, 3, 2, "same"): 16 of (8 − 1)·2 + 3 = 17 rows stay
    ("8x8x2", "upconv: 4 3x3/2 same"): ([3, 3], [2, 2], [1, 1], [[0, 1], [0, 1]]),
    # a kernel below the stride: 3·8 of (8 − 1)·3 + 2 = 23 rows, one is added
    ("8x8x2", "upconv: 4 2x2/3"): ([2, 2], [3, 3], [1, 1], [[0, -1], [0, -1]]),
}


@pytest.mark.parametrize(("size", "item"), WINDOWS)
def test_windows_have_their_padding_in_elements(size: str, item: str) -> None:
    """That of words too; only the windows of transposed convolutions are spread over the output."""
    window = of_text(f"input: {size}\nlayers:\n  - {item}\n")["layers"][0]["window"]
    assert tuple(window[key] for key in ("size", "stride", "dilation", "padding")) == WINDOWS[size, item]
    assert window.get("spread", False) is item.startswith("upconv")


@pytest.mark.parametrize("name", bundled_cases())
def test_windows_give_the_output(name: str) -> None:
    """Their positions on the padded input, or the rows that they are spread over, are the output's."""
    for layer in report(name)["layers"]:
        if window := layer["window"]:
            axes = zip(layer["input_shapes"][0], layer["output_shape"], *list(window.values())[:4], strict=False)
            for n, places, f, s, d, padding in axes:
                extent = d * (f - 1) + 1
                spread = (n - 1) * s + extent - sum(padding)
                assert places == (spread if window.get("spread") else (n + sum(padding) - extent) // s + 1)


def test_views_and_roles_need_no_list_of_kinds() -> None:
    """What is no memory of its own is said, and what each kind does."""
    layers = of_text("input: 4x4x2\nlayers: [conv: 4 3x3, relu, gap, reshape: 2x2, flatten, dense: 3]")["layers"]
    assert [layer["role"] for layer in layers] == ["convolution", "activation", "pool", "move", "move", "dense"]
    assert [layer.get("view", False) for layer in layers] == [False, False, False, True, True, False]
    assert [layer["window"] is None for layer in layers] == [False, True, True, True, True, True]


def test_arguments_are_named_as_in_the_language() -> None:
    """Also those whose Python name is another one, and lists where the spec has tuples."""
    layers = of_text("input: 4x4x2\nlayers: [reshape: 8x4, pad: 0, conv: 2 kernel=3 pad=1]\n".replace("pad: 0, ", ""))
    assert [layer["arguments"] for layer in layers["layers"]] == [
        {"shape": [8, 4]},
        {"filters": 2, "kernel": [3], "stride": [1], "padding": [[1, 1]]},
    ]


def test_fractions_are_numbers() -> None:
    """A jump of half a pixel is 0.5."""
    (layer,) = of_text("input: 4x4x2\nlayers: [upsample: 2]")["layers"]
    assert (layer["jump"], layer["start"]) == ([0.5, 0.5], [-0.25, -0.25])


def test_batch_and_type_are_said() -> None:
    """The bytes are of the batch and the type that stand beside them."""
    found = report("lenet5-rgb", batch=8, dtype="float16")
    assert (found["batch"], found["dtype"]) == (8, "float16")
    assert found["totals"]["activation_bytes"] == 8 * 13_126 * 2
    assert found["totals"]["activation_size"] == 13_126


def test_several_inputs_and_outputs_are_listed() -> None:
    """In the order of the spec, joins with all their inputs."""
    found = report("fc-vs-conv")
    assert [entry["name"] for entry in found["inputs"]] == ["image", "gray"]
    spec = "input: {a: 4, b: 4}\nlayers:\n  - add:\n    from: [a, b]\n  - relu\noutputs: [add1, relu1]\n"
    joined = of_text(spec)
    assert joined["layers"][0]["inputs"] == ["a", "b"]
    assert joined["layers"][0]["input_shapes"] == [[4], [4]]
    assert joined["outputs"] == ["add1", "relu1"]
