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
    """One Keras layer: its class in `keras.layers` and its arguments, which may hold a layer that it wraps.

    `first` are the arguments that a listing writes without their names; what is in `defaults` needs not be written.
    """

    class_name: str
    arguments: Mapping[str, Any]
    first: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = MappingProxyType({})


class Wrapper(NamedTuple):
    """A Keras class around the layer itself, where a flag of ours is set, and its own arguments."""

    class_name: str
    flag: str
    arguments: Mapping[str, str] = MappingProxyType({})

    def around(self, call: Call, layer: Layer) -> Call:
        """Return a layer of Keras inside its wrapper, or alone."""
        if not getattr(layer, self.flag):
            return call
        own = {name: getattr(layer, field) for name, field in self.arguments.items()}
        defaults = {name: layer.fields[field].default for name, field in self.arguments.items()}
        return Call(self.class_name, {"layer": call, **own}, ("layer",), defaults)


class KerasRule(NamedTuple):
    """A Keras class and how its arguments correspond to our fields.

    `class_name` may hold `{rank}`. `fixed` are Keras arguments that we do not model, with the only value we stand
    for. `also` are further Keras classes that mean the same kind. `ranks` are the numbers of spatial axes for which
    Keras has the class. Keras' windows know no explicit padding: a layer in front of them pads with `padding_value`.
    `ranks_of` names the arguments that Keras has for some numbers of axes only; `names_kind` is false where the Keras
    class means another kind of ours; `wrapper` is a second class around the first. A listing writes the arguments of
    `first` without their names, and those of `spoken` even at their default.
    """

    class_name: str
    arguments: Mapping[str, str | Via] = MappingProxyType({})
    fixed: Mapping[str, Any] = MappingProxyType({})
    also: tuple[str, ...] = ()
    ranks: tuple[int, ...] = (0, 1, 2, 3)
    padding_value: float | None = None
    ranks_of: Mapping[str, tuple[int, ...]] = MappingProxyType({})
    names_kind: bool = True
    wrapper: Wrapper | None = None
    first: tuple[str, ...] = ()
    spoken: tuple[str, ...] = ()

    def calls(self, layer: Layer, rank: int) -> tuple[Call, ...]:
        """Return the Keras layers that together do what a layer does on input of `rank` spatial axes."""
        values: dict[str, Any] = dict(self.fixed)
        for name, source in self.arguments.items():
            if rank not in self.ranks_of.get(name, (rank,)):
                continue
            values[name] = _in_keras(source, vars(layer), rank)
        before: tuple[Call, ...] = ()
        if self.padding_value is not None and isinstance(padding := values["padding"], tuple):
            values["padding"] = "valid"
            before = _padding(padding, rank, self.padding_value)
        call = Call(self.class_name.format(rank=rank), values, self.first, self._defaults(layer, values, rank))
        return (*before, self.wrapper.around(call, layer) if self.wrapper else call)

    def _defaults(self, layer: Layer, given: Mapping[str, Any], rank: int) -> dict[str, Any]:
        """Return what the arguments are where a spec says nothing, which is what Keras takes by itself."""
        optional = {name: field for name, field in layer.fields.items() if not field.required}
        values = {name: (field, field.default_for(vars(layer))) for name, field in optional.items()}
        bare = {name: v if v is None else field.type.bind(v, rank) for name, (field, v) in values.items()}
        sources = {name: source for name, source in self.arguments.items() if name in given and name not in self.spoken}
        return {name: _in_keras(source, bare, rank) for name, source in sources.items() if _field(source) in bare}

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
        own = {name: _field(source) for name, source in self.arguments.items()}
        return own | dict(self.wrapper.arguments) if self.wrapper else own


def _field(source: str | Via) -> str:
    return source.field if isinstance(source, Via) else source


def _in_keras(source: str | Via, values: Mapping[str, Any], rank: int) -> Any:
    """Return the value of a Keras argument, given those of our fields."""
    return source.to_keras(values[source.field], rank) if isinstance(source, Via) else values[source]


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
