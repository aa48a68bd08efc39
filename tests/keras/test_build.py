"""The model that a graph becomes: names, padding in front of windows, and what happens without TensorFlow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

import cnnspec
from cnnspec.keras import build

ROOT: Final = Path(__file__).parents[2]
PADDED = """
name: ümlaut / net
input: {picture: 8x8x2}
layers:
  - conv: 4 3x3 pad=1
    name: c
  - maxpool: 3x3 pad=[[1,0],[0,1]]
    name: pad
  - avgpool: 2x2 pad=1
    name: pad_pad
"""


@pytest.mark.keras
def test_layers_bear_the_names_of_the_nodes(keras: Any) -> None:
    """The last call gets the node's name, padding in front of it the name with `_pad`, unless a node has that one."""
    keras.utils.clear_session()
    model = build(cnnspec.loads(PADDED))
    names = ["picture", "c_pad", "c", "pad_pad_", "pad", "pad_pad_pad", "pad_pad"]
    assert [operation.name for operation in model.operations] == names
    assert model.name == "mlaut---net"


@pytest.mark.keras
def test_a_model_can_be_saved_and_loaded_safely(keras: Any, tmp_path: Path) -> None:
    """Padding with minus infinity survives a file, which is loaded in safe mode."""
    model = build(cnnspec.loads("input: 4x4x1\nlayers: [maxpool: 2x2 pad=1]"))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    x = -keras.random.uniform((1, 4, 4, 1))
    assert bool(keras.ops.all(model(x) == loaded(x)))


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
def test_settings_for_other_programs_do_not_count(tmp_path: Path) -> None:
    """A user may have chosen another backend, or channels first, in Keras' own file or in the environment."""
    settings = {"backend": "jax", "image_data_format": "channels_first", "floatx": "float16"}
    (tmp_path / "keras.json").write_text(json.dumps(settings), encoding="utf-8")
    program = """
import cnnspec, cnnspec.keras
x = cnnspec.keras.build(cnnspec.load("lenet5")).layers[1].output
print(x.shape, x.dtype)
"""
    for setting in ({}, {"KERAS_BACKEND": "torch"}):
        done = subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "KERAS_HOME": str(tmp_path), "PYTHONPATH": str(ROOT), **setting},
        )
        assert done.stdout == "(None, 28, 28, 32) float32\n"


def test_without_tensorflow_the_step_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one thing to do is to install the extra."""
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(cnnspec.CnnspecError) as caught:
        build(cnnspec.load("lenet5"))
    assert str(caught.value) == ('error[E501]: this command needs TensorFlow\n  = help: pip install "cnnspec[train]"')
