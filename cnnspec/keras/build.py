"""A graph as a functional Keras model: one Keras layer per node, under the name that `naming` gives it."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from cnnspec.errors import CnnspecError
from cnnspec.ir.keras_rule import FUNCTIONS, Call
from cnnspec.keras.naming import layer_names, model_name, named_calls
from cnnspec.keras.silence import silent

if TYPE_CHECKING:
    from collections.abc import Iterable

    import keras

    from cnnspec.ir.graph import Graph
    from cnnspec.keras.naming import NamedCall


def build(graph: Graph) -> keras.Model:
    """Return the Keras model of a graph; raise CnnspecError where TensorFlow or Keras is missing."""
    library = framework()
    names = layer_names(graph)
    tensors = {entry.name: library.Input(entry.shape, name=names[entry.name]) for entry in graph.inputs}
    inputs = _alone(tensors.values())
    made: dict[str, Any] = {}
    for node, calls in named_calls(graph):
        parts = [tensors[name] for name in node.inputs]
        for named in calls:
            parts.append(_apply(library, named, [parts[place] for place in named.reads], made))
        tensors[node.name] = parts[-1]
    outputs = _alone(tensors[name] for name in graph.outputs)
    return library.Model(inputs, outputs, name=model_name(graph))


def framework() -> Any:
    """Return the module `keras` on TensorFlow; raise CnnspecError where one of them is missing.

    Channels come last and numbers have 32 bits, as the analysis counts them: what a user's `keras.json` or
    `KERAS_BACKEND` says for other programs does not count here.
    """
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = "tensorflow"
    try:
        with silent():
            tensorflow, keras = import_module("tensorflow"), import_module("keras")
            tensorflow.config.list_physical_devices()  # the first look at the devices is logged, whenever it comes
    except ImportError:
        step = 'pip install "cnnspec[train]"'
        raise CnnspecError.one("E501", "this command needs TensorFlow", help=step) from None
    if (backend := keras.config.backend()) != "tensorflow":
        message = f"Keras was imported with `{backend}` before, and cnnspec needs it on TensorFlow"
        step = "set KERAS_BACKEND=tensorflow before Keras is imported"
        raise CnnspecError.one("E501", message, help=step)
    keras.config.set_image_data_format("channels_last")
    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    return keras


def _apply(library: Any, named: NamedCall, tensors: list[Any], made: dict[str, Any]) -> Any:
    """Return the output of a Keras layer, made now or before; a function takes no name, which is given later."""
    call = named.call
    inputs = tensors if call.apart else [_alone(tensors)]
    if not call.is_function:
        if not named.again:
            made[named.name] = _layer(library, call, name=named.name)
        output = made[named.name](*inputs)
        if named.frozen:
            made[named.name].trainable = False
        return output
    output = getattr(library.ops, call.class_name.removeprefix(FUNCTIONS))(*inputs, **call.arguments)
    output._keras_history.operation.name = named.name  # noqa: SLF001 - the only handle on an operation
    return output


def _layer(library: Any, call: Call, **named: str) -> Any:
    """Return a Keras layer, with the layer that it wraps inside."""
    arguments = {
        name: _layer(library, value) if isinstance(value, Call) else value for name, value in call.arguments.items()
    }
    return getattr(library.layers, call.class_name)(**arguments, **named)


def _alone(tensors: Iterable[Any]) -> Any:
    """Return the only tensor, or a list of several."""
    several = list(tensors)
    return several[0] if len(several) == 1 else several
