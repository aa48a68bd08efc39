"""A graph as a functional Keras model: one Keras layer per node, under the node's name."""

from __future__ import annotations

import os
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

from cnnspec.errors import CnnspecError, Diagnostic
from cnnspec.ir.keras_rule import PAD_OPERATION

if TYPE_CHECKING:
    from collections.abc import Iterable

    import keras

    from cnnspec.ir.graph import Graph, Node
    from cnnspec.ir.keras_rule import Call


def build(graph: Graph) -> keras.Model:
    """Return the Keras model of a graph; raise CnnspecError where TensorFlow or Keras is missing."""
    library = framework()
    tensors = {entry.name: library.Input(entry.shape, name=entry.name) for entry in graph.inputs}
    inputs = _alone(tensors.values())
    taken = {*tensors, *(node.name for node in graph)}
    for node in graph:
        tensors[node.name] = _apply(library, node, [tensors[name] for name in node.inputs], taken)
    outputs = _alone(tensors[name] for name in graph.outputs)
    scope = re.sub(r"[^A-Za-z0-9_.-]", "-", graph.name).lstrip("-_")  # what TensorFlow takes for a name
    return library.Model(inputs, outputs, name=scope or "model")


def framework() -> Any:
    """Return the module `keras`; raise CnnspecError where TensorFlow or Keras is missing."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        import_module("tensorflow")
        return import_module("keras")
    except ImportError:
        step = 'pip install "cnnspec[train]"'
        raise CnnspecError([Diagnostic(code="E501", message="this command needs TensorFlow", help=step)]) from None


def _apply(library: Any, node: Node, tensors: list[Any], taken: set[str]) -> Any:
    """Return the output of a node's Keras calls, the last of which bears the node's name."""
    *before, last = node.layer.keras.calls(node.layer, len(node.input_shapes[0]) - 1)
    tensor = tensors if node.layer.joins else tensors[0]
    for call in before:
        tensor = _pad(library, call, tensor, _free_name(f"{node.name}_pad", taken))
    return _layer(library, last, node.name)(tensor)


def _pad(library: Any, call: Call, tensor: Any, name: str) -> Any:
    """Return a padded tensor; `keras.ops.pad` takes no name, so its operation is renamed."""
    if call.class_name != PAD_OPERATION:
        return _layer(library, call, name)(tensor)
    padded = library.ops.pad(tensor, **call.arguments)
    padded._keras_history.operation.name = name  # noqa: SLF001 - the only handle on an operation
    return padded


def _layer(library: Any, call: Call, name: str) -> Any:
    return getattr(library.layers, call.class_name)(**call.arguments, name=name)


def _free_name(name: str, taken: set[str]) -> str:
    """Return a name that nothing else in the model has, and take it."""
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def _alone(tensors: Iterable[Any]) -> Any:
    """Return the only tensor, or a list of several."""
    several = list(tensors)
    return several[0] if len(several) == 1 else several
