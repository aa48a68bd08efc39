"""Learned rows as Keras has them: several layers that are one of ours, or no layer where anything is different."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

import cnnspec
from cnnspec.importing.opening import open_model
from cnnspec.importing.spec import write_spec

WHOLE: Final = {"class_name": "__slice__", "config": {"start": None, "stop": None, "step": None}}
FIRST: Final = {"class_name": "__slice__", "config": {"start": 0, "stop": 1, "step": None}}
ELLIPSIS: Final = {"class_name": "__ellipsis__", "config": {}}
NUMPY: Final = "keras.src.ops.numpy"


def tensor(layer: str, *shape: int) -> Any:
    """What stands for a tensor in the arguments of a call."""
    return {"class_name": "__keras_tensor__", "config": {"shape": [None, *shape], "keras_history": [layer, 0, 0]}}


def layer(name: str, class_name: str, args: list[Any], module: str = "keras.layers", **config: Any) -> Any:
    """One layer of a configuration."""
    return {
        "module": module,
        "class_name": class_name,
        "config": {"name": name, **config},
        "name": name,
        "inbound_nodes": [{"args": args, "kwargs": {}}] if args else [],
    }


def rows(name: str, reads: Any, shape: list[int], equation: str) -> Any:
    """What Keras 3.15 writes of the layer that learns."""
    nothing = dict.fromkeys(["bias_axes", "kernel_regularizer", "bias_regularizer", "kernel_constraint"])
    uniform = {"class_name": "RandomUniform", "config": {"seed": None, "minval": -0.05, "maxval": 0.05}}
    zeros = {"class_name": "Zeros", "config": {}}
    own = {"output_shape": shape, "equation": equation, "activation": "linear", "trainable": True}
    return layer(name, "EinsumDense", [reads], **own, **nothing, kernel_initializer=uniform, bias_initializer=zeros)


def document() -> Any:
    """Two learned steps in front of four of 6 channels, and a row for each, as Keras 3.15 writes them."""
    layers = [
        layer("input", "InputLayer", [], batch_shape=[None, 4, 6]),
        layer("part", "GetItem", [tensor("input", 4, 6), [WHOLE, 0, FIRST]], NUMPY),
        layer("ones", "OnesLike", [tensor("part", 1)], NUMPY),
        rows("steps", tensor("ones", 1), [2, 6], "ab,bcd->acd"),
        layer("token", "Concatenate", [[tensor("steps", 2, 6), tensor("input", 4, 6)]], axis=1),
        layer("part2", "GetItem", [tensor("token", 6, 6), [ELLIPSIS, FIRST]], NUMPY),
        layer("ones2", "OnesLike", [tensor("part2", 6, 1)], NUMPY),
        rows("rows", tensor("ones2", 6, 1), [6, 6], "abx,bxy->aby"),
        layer("placed", "Add", [[tensor("token", 6, 6), tensor("rows", 6, 6)]]),
    ]
    config = {
        "name": "net",
        "layers": layers,
        "input_layers": [["input", 0, 0]],
        "output_layers": [["placed", 0, 0]],
    }
    return {"class_name": "Functional", "config": config}


def opened(folder: Path, change: Callable[[dict[str, Any]], object] = lambda _: None) -> Any:
    """The network of the configuration with a change."""
    found = document()
    change({each["name"]: each for each in found["config"]["layers"]})
    path = folder / "net.json"
    path.write_text(json.dumps(found), encoding="utf-8")
    return open_model(str(path))


def test_layers_that_learn_rows_are_one(tmp_path: Path) -> None:
    """2·6 numbers for the new steps, 6·6 for the places."""
    found = opened(tmp_path)
    assert write_spec(found.graph) == "name: net\ninput: 4x6\nlayers:\n  - class_token: 2\n  - positions\n"
    assert [(node.name, node.shape) for node in found.graph] == [("token", (6, 6)), ("placed", (6, 6))]
    assert [row.params for row in cnnspec.summarize(found.graph)] == [12, 36]
    assert not found.lost


def test_frozen_rows_stay_frozen(tmp_path: Path) -> None:
    """The layer that learns says it."""
    found = opened(tmp_path, lambda layers: layers["rows"]["config"].update(trainable=False))
    assert [node.trainable for node in found.graph] == [True, False]


def test_what_only_training_sees_is_lost_and_said(tmp_path: Path) -> None:
    """Where numbers start, and what holds them back."""
    l2 = {"class_name": "L2", "config": {"l2": 0.1}}
    own = {"kernel_initializer": {"class_name": "Zeros", "config": {}}, "kernel_regularizer": l2}
    found = opened(tmp_path, lambda layers: layers["rows"]["config"].update(own))
    assert found.lost == {"kernel_initializer": 1, "kernel_regularizer": 1}


@pytest.mark.parametrize(
    "change",
    [
        lambda layers: layers["rows"]["config"].update(equation="abx,xy->aby"),
        lambda layers: layers["rows"]["config"].update(output_shape=[5, 6]),
        lambda layers: layers["rows"]["config"].update(activation="relu"),
        lambda layers: layers["rows"]["config"].update(bias_axes="y"),
        lambda layers: layers["placed"].update(class_name="Multiply"),
        lambda layers: layers["ones2"].update(class_name="ZerosLike"),
        lambda layers: layers["part2"]["inbound_nodes"][0]["args"].__setitem__(1, [ELLIPSIS, WHOLE]),
        lambda layers: layers["part2"]["inbound_nodes"][0]["args"].__setitem__(1, [None, {}]),
        lambda layers: layers["placed"]["inbound_nodes"][0]["args"][0].append(tensor("ones2", 6, 1)),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """No kind stands for the functions one by one."""
    with pytest.raises(cnnspec.CnnspecError, match="no kind stands for"):
        opened(tmp_path, change)
