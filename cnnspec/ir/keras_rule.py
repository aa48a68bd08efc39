"""How a kind is written in Keras: data only, no framework is imported here.

One rule feeds the live model, the generated source, the reading back of a Keras configuration, and the Keras names
that a spec may use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from cnnspec.ir.layer import Layer


class Via(NamedTuple):
    """A Keras argument that holds our field in another form, given the number of spatial axes."""

    field: str
    to_keras: Callable[[Any, int], Any]


class Call(NamedTuple):
    """One Keras layer: its class in `keras.layers` and its arguments."""

    class_name: str
    arguments: Mapping[str, Any]


class KerasRule(NamedTuple):
    """A Keras class and how its arguments correspond to our fields.

    `class_name` may hold `{rank}`. `fixed` are Keras arguments that we do not model, with the only value we stand
    for. `also` are further Keras classes that mean the same kind. `ranks` are the numbers of spatial axes for which
    Keras has the class. Keras' windows know no explicit padding: a layer in front of them pads with `padding_value`.
    `ranks_of` names the arguments that Keras has for some numbers of axes only; `names_kind` is false where the Keras
    class means another kind of ours.
    """

    class_name: str
    arguments: Mapping[str, str | Via] = MappingProxyType({})
    fixed: Mapping[str, Any] = MappingProxyType({})
    also: tuple[str, ...] = ()
    ranks: tuple[int, ...] = (0, 1, 2, 3)
    padding_value: float | None = None
    ranks_of: Mapping[str, tuple[int, ...]] = MappingProxyType({})
    names_kind: bool = True

    def calls(self, layer: Layer, rank: int) -> tuple[Call, ...]:
        """Return the Keras layers that together do what a layer does on input of `rank` spatial axes."""
        values: dict[str, Any] = dict(self.fixed)
        for name, source in self.arguments.items():
            if rank not in self.ranks_of.get(name, (rank,)):
                continue
            if isinstance(source, Via):
                values[name] = source.to_keras(getattr(layer, source.field), rank)
            else:
                values[name] = getattr(layer, source)
        before: tuple[Call, ...] = ()
        if self.padding_value is not None and isinstance(padding := values["padding"], tuple):
            values["padding"] = "valid"
            before = _padding(padding, rank, self.padding_value)
        return (*before, Call(self.class_name.format(rank=rank), values))

    def class_names(self) -> dict[str, int | None]:
        """Return every Keras class of this rule with the number of spatial axes it is for, None for any."""
        names: dict[str, int | None] = {}
        for name in (*([self.class_name] if self.names_kind else []), *self.also):
            if "{rank}" in name:
                names |= {name.format(rank=rank): rank for rank in self.ranks if rank}
            else:
                names[name] = None
        return names

    def argument_names(self) -> dict[str, str]:
        """Return our field for every Keras argument that holds one."""
        return {name: source.field if isinstance(source, Via) else source for name, source in self.arguments.items()}


def l2_regularizer(value: float, _: int) -> dict[str, Any] | None:
    """Return the configuration of an L2 regularizer, None for no regularization."""
    return {"class_name": "L2", "config": {"l2": value}} if value else None


def _padding(padding: tuple[tuple[int, int], ...], rank: int, value: float) -> tuple[Call, ...]:
    if not any(before or after for before, after in padding):
        return ()
    if value:
        return (Call(PAD_OPERATION, {"pad_width": ((0, 0), *padding, (0, 0)), "constant_values": value}),)
    return (Call(f"ZeroPadding{rank}D", {"padding": padding if rank > 1 else padding[0]}),)


PAD_OPERATION: Final = "ops.pad"
"""Keras has no layer that pads with another number than zero; `keras.ops.pad` does, as a node of the model."""
