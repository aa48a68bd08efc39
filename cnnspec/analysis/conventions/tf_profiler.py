"""The FLOPs of TensorFlow's profiler on a frozen graph, as keras-flops calls it."""

from __future__ import annotations

from typing import Final

from cnnspec.analysis.conventions._rules import (
    NOT_MODELLED,
    Convention,
    Use,
    doubled_and_biases,
    functions,
    inputs,
    not_modelled,
    window_elements,
)
from cnnspec.formula import Term, number
from cnnspec.ir.role import Role


def _multiplied(use: Use) -> Term | str:
    """2 per multiply-accumulate, and 1 per output element where there are biases."""
    return use.layer.uncounted() or doubled_and_biases(use)


def _pools(use: Use) -> Term | str:
    """1 per output element and element of the window, 1 per input element of a mean over the whole."""
    if use.layer.window:
        return use.free() if len(use.layer.window) > 2 else window_elements(use)
    if use.y.size.value != use.x.channels.value:
        return use.unknown()
    return inputs(use) if use.layer.averages else use.free()


def _norms(use: Use) -> Term | str:
    """2 per element of a batch norm, and once 6 per channel, 5 without a scale: its constants are computed too."""
    if not use.layer.mixes_samples:
        return use.unknown()
    has_scale = use.layer.learned(use.x).value > use.layer.biases(use.x).value
    return use.per_output(2) + number(6 if has_scale else 5) * use.x.channels


def _joined(use: Use) -> Term | str:
    """1 per output element and input after the first; nothing for a concatenation."""
    if use.macs.value:
        return use.unknown()
    return use.of_all(use.layer.extra_flops(use.x, use.y))


CONVENTION: Final = Convention(
    "TensorFlow's profiler, as keras-flops calls it",
    "FLOPs",
    {
        Role.CONVOLUTION: _multiplied,
        Role.DENSE: doubled_and_biases,
        Role.POOL: _pools,
        Role.NORM: _norms,
        Role.ACTIVATION: functions,
        Role.JOIN: _joined,
        Role.RESIZE: not_modelled,
    }
    | NOT_MODELLED,
    "TensorFlow 2.21 with Keras 3.15, on the CPU",
    per_batch=True,
    remark="A ReLU counts nothing, a softmax 5 per element.",
)
