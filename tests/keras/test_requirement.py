"""What is said where a library is missing, or Keras runs on another one."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from cnnspec.errors import CnnspecError
from cnnspec.keras.conversion import require_onnx
from cnnspec.keras.requirement import require


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        (["tensorflow"], "this command needs TensorFlow"),
        (["tensorflow", "keras"], "this command needs TensorFlow and Keras"),
        (["tensorflow", "numpy", "PIL"], "this command needs TensorFlow, NumPy and Pillow"),
    ],
)
def test_what_is_missing_is_named_at_once(missing: list[str], message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what installs it."""
    monkeypatch.setattr("cnnspec.keras.requirement.find_spec", lambda name: None if name in missing else name)
    with pytest.raises(CnnspecError) as caught:
        require()
    (fault,) = caught.value.diagnostics
    assert (fault.code, fault.message, fault.help) == ("E501", message, 'pip install "cnnspec[train]"')


@pytest.mark.parametrize("module", [None, ModuleType("tf2onnx")])
def test_a_module_that_was_put_aside_is_missing(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As programs do with what must not be imported: without itself, or without where it comes from."""
    monkeypatch.setitem(sys.modules, "tf2onnx", module)
    with pytest.raises(CnnspecError) as caught:
        require_onnx()
    (fault,) = caught.value.diagnostics
    assert (fault.code, fault.message, fault.help) == ("E509", "ONNX needs tf2onnx", 'pip install "cnnspec[onnx]"')
    monkeypatch.setitem(sys.modules, "PIL", module)
    with pytest.raises(CnnspecError, match="this command needs Pillow"):
        require(["PIL"])


@pytest.mark.keras
def test_keras_on_another_library_is_refused(keras: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the setting that chooses."""
    from cnnspec.keras.build import framework

    monkeypatch.setattr(keras.config, "backend", lambda: "jax")
    with pytest.raises(CnnspecError) as caught:
        framework()
    (fault,) = caught.value.diagnostics
    assert (fault.code, fault.message, fault.help) == (
        "E501",
        "Keras was imported with `jax` before, and cnnspec needs it on TensorFlow",
        "set KERAS_BACKEND=tensorflow before Keras is imported",
    )
