"""How a kind is written in Keras: data only, no framework is imported here.

One rule feeds the live model, the generated source, the reading back of a Keras configuration, and the Keras names
that a spec may use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import takewhile
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from cnnspec.ir.arguments import Arg, Margins, PerAxis
from cnnspec.ir.keras_values import shortest
from cnnspec.ir.values import Raw

Fields = Mapping[str, Arg]
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Via(NamedTuple):
    """A Keras argument that holds our field in another form, with the way there and back.

    Both take the number of spatial axes. The way back starts from a plain value of a configuration, ends at what the
    field's type reads, and raises ValueError for what we do not model.
    """

    field: str
    there: Callable[[Any, int], Any]
    back: Callable[[Any, int], Raw]


class Call(NamedTuple):
    """One Keras layer: its class in `keras.layers` and its arguments, which may hold a layer that it wraps.

    A function of `keras.ops` is written `ops.pad`. Arguments of `first` need no name in a listing; what has its value
    of `defaults` need not be written. A kind may be several layers: each reads the one before it, or what `reads`
    says, by place among the inputs of the kind and the layers so far, as one list or `apart`; one of them `learns`.
    What is `made_of_layers` makes them itself, and does not tell them that it is frozen.
    """

    class_name: str
    arguments: Mapping[str, Any] = NOTHING
    first: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = NOTHING
    reads: tuple[int, ...] = ()
    apart: bool = False
    learns: bool = False
    made_of_layers: bool = False

    @property
    def is_function(self) -> bool:
        """Whether this is a function of Keras, which has no weights and takes no name."""
        return self.class_name.startswith(FUNCTIONS)

    @property
    def has_layers(self) -> bool:
        """Whether there are layers inside, which are frozen only after they are made."""
        return self.made_of_layers or any(isinstance(value, Call) for value in self.arguments.values())


class Wrapper(NamedTuple):
    """A Keras class around the layer itself, where a flag of ours is set, and its own arguments."""

    class_name: str
    flag: str
    arguments: Mapping[str, str] = NOTHING

    def around(self, call: Call, fields: Fields, values: Mapping[str, Any]) -> Call:
        """Return a layer of Keras inside its wrapper, or alone."""
        if not values[self.flag]:
            return call
        own = {name: values[field] for name, field in self.arguments.items()}
        defaults = {name: fields[field].default for name, field in self.arguments.items()}
        return Call(self.class_name, {"layer": call, **own}, ("layer",), defaults)


class KerasRule(NamedTuple):
    """A Keras class and how its arguments correspond to our fields.

    class_name      Keras' class, which may hold `{rank}`; empty where a kind is several Keras layers, by `keras_calls`
    arguments       our field for each argument
    fixed           arguments that we do not model, with the only value that we stand for
    neutral         further ones, whose only value is the one that Keras takes by itself
    also            other Keras classes that mean the same kind
    ranks           the numbers of spatial axes for which Keras has the class
    ranks_of        the same for arguments that are not always there
    padding_value   what a layer in front pads with: Keras' windows know no explicit padding
    names_kind      false where the Keras class means another kind of ours
    wrapper         a second class around the first
    first           arguments that come first in a listing, without their names
    spoken          arguments that are written even at their default, because the layer says little without them
    defaults        Keras' defaults where they are not ours
    made_of_layers  whether Keras' class makes layers of its own
    per_step        false where Keras' TimeDistributed makes something else of the class
    """

    class_name: str
    arguments: Mapping[str, str | Via] = NOTHING
    fixed: Mapping[str, Any] = NOTHING
    neutral: Mapping[str, Any] = NOTHING
    also: tuple[str, ...] = ()
    ranks: tuple[int, ...] = (0, 1, 2, 3)
    padding_value: float | None = None
    ranks_of: Mapping[str, tuple[int, ...]] = NOTHING
    names_kind: bool = True
    wrapper: Wrapper | None = None
    first: tuple[str, ...] = ()
    spoken: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = NOTHING
    made_of_layers: bool = False
    per_step: bool = True

    def calls(self, fields: Fields, values: Mapping[str, Any], rank: int) -> tuple[Call, ...]:
        """Return the Keras layers that together do what a layer with these values does on input of `rank` axes."""
        arguments, defaults = dict(self.fixed), {}
        for name, source in self.arguments.items():
            if rank not in self.ranks_of.get(name, (rank,)):
                continue
            field = fields[field_of(source)]
            arguments[name] = _there(source, values[field_of(source)], field, rank)
            if not field.required and name not in self.spoken:
                defaults[name] = _there(source, field.default_for(values), field, rank)
        before: tuple[Call, ...] = ()
        if self.padding_value is not None and isinstance(padding := values["padding"], tuple):
            arguments["padding"] = "valid"
            before = _padding(padding, rank, self.padding_value)
        name, defaults = self.class_name.format(rank=rank), {**defaults, **self.defaults}
        call = Call(name, arguments, self.first, defaults, made_of_layers=self.made_of_layers)
        return (*before, self.wrapper.around(call, fields, values) if self.wrapper else call)

    def class_names(self) -> dict[str, int | None]:
        """Return every Keras class of this rule with the number of spatial axes it is for, None for any."""
        names: dict[str, int | None] = {}
        for name in (*([self.class_name] if self.class_name and self.names_kind else []), *self.also):
            if "{rank}" in name:
                names |= {name.format(rank=rank): rank for rank in self.ranks if rank}
            else:
                names[name] = None
        return names

    def argument_names(self) -> dict[str, str]:
        """Return our field for every Keras argument that holds one."""
        own = {name: field_of(source) for name, source in self.arguments.items()}
        return own | dict(self.wrapper.arguments) if self.wrapper else own

    def positional(self) -> tuple[str, ...]:
        """Return the arguments that Keras takes without names, as far as its order is that of this rule.

        An activation follows the units at once.
        """
        others = (name for name in self.arguments if name not in self.first)
        known = (*self.first, *takewhile(lambda name: name not in BEHIND_OTHERS, others))
        if BEHIND_RANGE & self.arguments.keys():
            return ()
        return (*known, "activation") if known == ("units",) else known


def field_of(source: str | Via) -> str:
    """Return the field that an argument holds."""
    return source.field if isinstance(source, Via) else source


def _there(source: str | Via, value: Any, field: Arg, rank: int) -> Any:
    if isinstance(source, Via):
        value = source.there(value, rank)
    return shortest(value) if isinstance(field.type, PerAxis | Margins) else value


def _padding(padding: tuple[tuple[int, int], ...], rank: int, value: float) -> tuple[Call, ...]:
    if not any(before or after for before, after in padding):
        return ()
    if value:
        width = ((0, 0), *padding, (0, 0))
        return (Call(PAD_OPERATION, {"pad_width": width, "constant_values": value}, ("pad_width",)),)
    margins = shortest(padding if rank > 1 else padding[0])
    return (Call(f"ZeroPadding{rank}D", {"padding": margins}, ("padding",)),)


BEHIND_OTHERS: Final = (
    *("dilation_rate", "use_bias", "interpolation", "keepdims", "epsilon", "activation", "shared_axes", "mean"),
    *("value_range", "depth_multiplier", "mask_zero", "fill_mode", "fill_value", "output_padding", "brightness_factor"),
)
"""Arguments in front of which Keras has others, by position, for which there is no field."""
BEHIND_RANGE: Final = frozenset({"num_ops", "num_chains"})
"""Arguments of classes whose first one has no field."""
FUNCTIONS: Final = "ops."
"""What stands in front of a function of `keras.ops`, as in `keras` itself."""
PAD_OPERATION: Final = f"{FUNCTIONS}pad"
"""Keras has no layer that pads with another number than zero; `keras.ops.pad` does, as a node of the model."""
