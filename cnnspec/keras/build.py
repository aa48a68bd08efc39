"""A graph as a functional Keras model: one Keras layer per node, under the node's name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from cnnspec.errors import CnnspecError, Diagnostic
from cnnspec.ir.graph import Graph, Node
from cnnspec.ir.keras_rule import PAD_OPERATION, Call

if TYPE_CHECKING:
    import keras


def build(graph: Graph) -> keras.Model:
    """Return the Keras model of a graph; raise CnnspecError where Keras or TensorFlow is missing."""
    library = framework()
    tensors = {entry.name: library.Input(entry.shape, name=entry.name) for entry in graph.inputs}
    taken = {*tensors, *(node.name for node in graph)}
    for node in graph:
        tensors[node.name] = _apply(library, node, [tensors[name] for name in node.inputs], taken)
    inputs = _alone(tensors[entry.name] for entry in graph.inputs)
    return library.Model(inputs, _alone(tensors[name] for name in graph.outputs), name=_model_name(graph.name))


def framework() -> Any:
    """Return the module `keras`, which needs TensorFlow; raise CnnspecError where one of them is missing."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        import keras  # noqa: PLC0415 - costs seconds, and only what needs it pays
        import tensorflow  # noqa: F401, PLC0415 - Keras may be set to another backend
    except ImportError:
        step = 'pip install "cnnspec[train]"'
        raise CnnspecError([Diagnostic(code="E501", message="this command needs TensorFlow", help=step)]) from None
    return keras


def _apply(library: Any, node: Node, tensors: list[Any], taken: set[str]) -> Any:
    """Return the output of a node's Keras calls, the last of which bears the node's name."""
    *before, last = node.layer.keras.calls(node.layer, len(node.input_shapes[0]) - 1)
    tensor = tensors if node.layer.joins else tensors[0]
    for call in before:
        tensor = _pad(library, call, tensor, _free_name(f"{node.name}_pad", taken))
    return _layer(library, last, node.name)(tensor)


def _pad(library: Any, call: Call, tensor: Any, name: str) -> Any:
    """Return a padded tensor; `keras.ops.pad` takes no name, so that its operation is renamed afterwards."""
    if call.class_name != PAD_OPERATION:
        return _layer(library, call, name)(tensor)
    padded = library.ops.pad(tensor, **call.arguments)
    padded._keras_history.operation.name = name  # noqa: SLF001 - the one handle on an operation
    return padded


def _layer(library: Any, call: Call, name: str) -> Any:
    return getattr(library.layers, call.class_name)(**call.arguments, name=name)


def _free_name(name: str, taken: set[str]) -> str:
    """Return a name that no node has, and take it."""
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def _alone(tensors: Iterable[Any]) -> Any:
    """Return the only tensor, or a list of several."""
    several = list(tensors)
    return several[0] if len(several) == 1 else several


def _model_name(name: str) -> str:
    """Return a name that TensorFlow takes for a scope."""
    return re.sub(r"[^A-Za-z0-9_.-]|^[^A-Za-z0-9.]", "-", name).lstrip("-_") or "model"
