"""MACs as TensorFlow's profiler counts them, layer by layer."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

from cnnspec.keras.silence import unlogged
from cnnspec.keras.tracing import trace

MULTIPLYING: Final = ("Conv", "MatMul")
"""Parts of the names of TensorFlow's operations that multiply and accumulate: Conv2DBackpropInput, BatchMatMulV2, …"""


def profiled_macs(layer: Any, tensor: Any) -> int:
    """Return the MACs of a built Keras layer for one sample of a tensor.

    They are half of the profiler's FLOPs of what multiplies.
    """
    tensorflow = import_module("tensorflow")
    profiler = tensorflow.compat.v1.profiler
    entry = tensorflow.TensorSpec((1, *tensor.shape[1:]), tensor.dtype)
    graph = trace(layer, entry).graph
    options = {**profiler.ProfileOptionBuilder.float_operation(), "output": "none"}
    with unlogged("tensorflow"):  # it warns that its own profiler uses what is deprecated
        flops = _counts(profiler.profile(graph, options=options, cmd="scope"))
        types = {operation.name: operation.type for operation in graph.get_operations()}
        multiplying = [count for name, count in flops if any(word in types.get(name, "") for word in MULTIPLYING)]
    return sum(multiplying) // 2


def _counts(root: Any) -> Iterator[tuple[str, int]]:
    """Yield the profiler's FLOPs of every operation."""
    waiting = [root]
    while waiting:
        operation = waiting.pop()
        yield operation.name, operation.float_ops
        waiting.extend(operation.children)
