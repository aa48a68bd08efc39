"""What kinds say in PyTorch beside their rule: a layer of it, windows and their padding, parts of an axis, refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnspec.ir.keras_values import shortest
from cnnspec.ir.layer import Layer, LayerError
from cnnspec.ir.shapes import Shape
from cnnspec.ir.torch_call import NOTHING, AxisOf, Held, Order, TorchCall, expression
from cnnspec.ir.torch_rule import TorchRule, from_sides
from cnnspec.layers._window import Windowed, effective, margins

Pairs = tuple[tuple[int, int], ...]


def lacks(layer: Layer, what: str = "", *notes: str, step: str = "") -> LayerError:
    """Return the error of a layer, or of one with something, that PyTorch has not."""
    return LayerError("E542", f"PyTorch has no `{layer.kind}`{f' {what}' if what else ''}", *notes, step=step)


def torch_call(
    layer: Layer,
    shape: Shape,
    given: Mapping[str, Any] = NOTHING,
    *,
    rule: TorchRule | None = None,
    values: Mapping[str, Any] = NOTHING,
    **facts: Any,
) -> TorchCall:
    """Return PyTorch's layer of a kind.

    `given` has arguments of PyTorch's with what they are here, `values` fields of ours with what they are instead.
    """
    rule = rule or layer.torch
    if rule is None:
        raise lacks(layer)
    return rule.call(layer.fields, {**vars(layer), **values}, shape, given, **facts)


def pairs_of(layer: Windowed, shape: Shape) -> Pairs:
    """Return the rows that a window adds before and behind, per axis, on input of this shape."""
    if not isinstance(layer.padding, str):
        return layer.padding
    sizes = zip(shape[:-1], layer.window, layer.spread, layer.stride, strict=True)
    return tuple(margins(n, effective(f, d), s, layer.padding) for n, f, d, s in sizes)


def is_even(pairs: Pairs) -> bool:
    """Tell whether as many rows are added before as behind, on every axis."""
    return all(before == after for before, after in pairs)


def stated(pairs: Pairs) -> dict[str, Any]:
    """Return PyTorch's argument for rows of which there are as many on both sides, nothing where there are none."""
    return {"padding": shortest(tuple(before for before, _ in pairs))} if any(map(any, pairs)) else {}


def padding_of(pairs: Pairs, value: float = 0.0) -> tuple[TorchCall, ...]:
    """Return the layer that adds rows with a number in them, none where there are no rows."""
    if not any(map(any, pairs)):
        return ()
    sides, rank = from_sides(pairs), len(pairs)
    name, given = ("ConstantPad", (sides, value)) if value else ("ZeroPad", (sides,))
    inline = "F.pad({0}, {sides}, value={value})" if value else "F.pad({0}, {sides})"
    values = {"sides": sides, "value": value}
    return (TorchCall(f"{name}{rank}d", given, inline=inline, values=values, order=Order.FIRST),)


def padded(
    rule: TorchRule, layer: Windowed, shape: Shape, given: Mapping[str, Any] = NOTHING, **facts: Any
) -> tuple[TorchCall, ...]:
    """Return a layer of PyTorch that pads with zeros itself, or one in front of it that does."""
    pairs = pairs_of(layer, shape)
    before = () if is_even(pairs) else padding_of(pairs)
    own = {} if before else stated(pairs)
    values = vars(layer) | {"padding": "valid"}
    return (*before, rule.call(layer.fields, values, shape, {**own, **given}, **facts))


def narrowed(axis: int, start: int, length: int) -> TorchCall:
    """Return the step that keeps a part of an axis of ours, counted from 0."""
    return expression("{0}.narrow({axis}, {start}, {length})", axis=AxisOf(axis), start=start, length=length)


def cut(pairs: Pairs) -> tuple[TorchCall, ...]:
    """Return the step that removes rows before and behind, none where there are no rows."""
    if not any(map(any, pairs)):
        return ()
    kept = tuple(slice(before or None, -after if after else None) for before, after in pairs)
    return (expression("{0}[{key}]", Order.FIRST, key=(..., *kept)),)


def learned_norm(
    layer: Layer, shape: Shape, learns: tuple[bool, bool], given: Mapping[str, Any], **facts: Any
) -> TorchCall:
    """Return PyTorch's normalization, which learns an offset and a factor or neither.

    `learns` says which of both the layer learns, `given` has PyTorch's argument for both with how many they are. What
    PyTorch learns beyond that is held.
    """
    (flag, count), *others = given.items()
    center, scale = learns
    held = () if center == scale else (Held("weight", 1.0, count) if center else Held("bias", 0.0, count),)
    own = {flag: None if center or scale else False}
    return torch_call(layer, shape, {**own, **dict(others)}, held=held, **facts)
