"""TensorFlow's graph of what a Keras layer or model computes."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def trace(call: Any, *entries: Any) -> Any:
    """Return a callable as a concrete function on these tensor specs, with all functions in it unfolded.

    Keras wraps grouped convolutions into a function of its own, into which neither profiler nor converter look.
    """
    tensorflow = import_module("tensorflow")
    before = tensorflow.config.functions_run_eagerly()
    tensorflow.config.run_functions_eagerly(True)
    try:
        return tensorflow.function(call).get_concrete_function(*entries)
    finally:
        tensorflow.config.run_functions_eagerly(before)
