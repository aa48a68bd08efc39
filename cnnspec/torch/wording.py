"""Layers, values and tensors of PyTorch as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnnspec.ir.shapes import Shape
from cnnspec.ir.torch_call import AxisOf, Filled, Order, Several, TorchCall
from cnnspec.python_text import literal
from cnnspec.torch.planning import Place, in_order


def sizes(shape: Shape, order: Order) -> str:
    """Return a shape as a comment says it, in PyTorch's order.

    >>> sizes((28, 28, 6), Order.FIRST)
    '6×28×28'
    """
    return "×".join(map(str, in_order(shape, order)))


def constructed(call: TorchCall, place: Place, *, frozen: bool = False) -> str:
    """Return a layer of `torch.nn`, or a learned tensor."""
    arguments = [value_text(value, place) for value in call.positional]
    arguments += [f"{name}={value_text(value, place)}" for name, value in call.named.items()]
    is_tensor = any(isinstance(value, Filled) for value in call.positional)
    arguments += ["requires_grad=False"] * (frozen and is_tensor)
    text = f"nn.{call.class_name}({', '.join(arguments)})"
    return f"{text}.requires_grad_(False)" if frozen and not is_tensor else text


def held_lines(call: TorchCall, layer: str) -> Iterator[str]:
    """Yield the statements that hold what a layer of PyTorch learns beyond ours."""
    for held in call.held:
        yield f"nn.init.constant_({layer}.{held.name}, {literal(held.value)}).requires_grad_(False)"


def value_text(value: Any, place: Place) -> str:
    """Return a value as Python writes it; an axis has a number that depends on where the channels stand."""
    if isinstance(value, AxisOf):
        is_channels = value.place == place.rank
        first = 1 if is_channels else value.place + 2
        return str(value.place + 1 if place.order is Order.LAST or not place.rank else first)
    if isinstance(value, Filled):
        shape = ", ".join(map(str, value.shape))
        named = {0.0: "zeros", 1.0: "ones"}.get(value.number)
        return f"torch.{named}({shape})" if named else f"torch.full({literal(value.shape)}, {literal(value.number)})"
    if isinstance(value, Several):
        return ", ".join(map(literal, value.values))
    if isinstance(value, tuple) and any(isinstance(part, slice) for part in value):
        return ", ".join(map(_part, value))
    return literal(value)


def _part(part: Any) -> str:
    """Return a part of an index: a range, or `...`."""
    if not isinstance(part, slice):
        return "..."
    return f"{'' if part.start is None else part.start}:{'' if part.stop is None else part.stop}"
