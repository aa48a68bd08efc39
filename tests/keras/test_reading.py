"""Keras' own configuration of a layer is read as the layer that it was built from."""

from __future__ import annotations

from pathlib import Path
from runpy import run_path
from typing import Any, Final

import pytest

import cnnspec
from cnnspec.keras import build

ROWS: Final = run_path(str(Path(__file__).with_name("test_oracle.py")))["ROWS"]
READING: Final = run_path(str(Path(__file__).parents[1] / "ir" / "test_keras_reading.py"))

pytestmark = pytest.mark.keras


@pytest.mark.parametrize(("shape", "item"), ROWS)
def test_the_live_configuration_is_read(keras: Any, shape: str, item: str) -> None:
    """With every argument that Keras states, for every kind on input of every number of axes.

    Where Keras keeps an argument in another form than it was given, both layers have one configuration.
    """
    graph = cnnspec.loads(f"input: {shape}\nlayers:\n  - {item}\n")
    model: Any = build(graph)
    for node in filter(READING["is_one_layer"], graph):
        rank = READING["rank_of"](node)
        config = model.get_layer(node.name).get_config()
        found = type(node.layer).from_keras(config, rank)
        if found != READING["as_read"](node):
            (call,) = found.keras_calls(*node.input_shapes)
            again = getattr(keras.layers, call.class_name)(**call.arguments, name=node.name).get_config()
            assert again | {"seed": None} == config | {"seed": None}
