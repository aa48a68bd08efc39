"""How a kind is written in PyTorch: data only, as `KerasRule` is for Keras; no framework is imported here.

One rule feeds the PyTorch names that a spec may use, the reading of pasted lines, and the listing that a network
becomes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from cnnspec.ir.arguments import Arg
from cnnspec.ir.keras_values import ANYTHING, is_same, shortest, unit
from cnnspec.ir.shapes import Shape
from cnnspec.ir.torch_call import NOTHING, AxisOf, Order, TorchCall
from cnnspec.ir.values import Raw

Fields = Mapping[str, Arg]


class Reads(Enum):
    """An argument that says what enters, which is known here and checked."""

    CHANNELS = "channels"
    SIZES = "sizes"
    """The last sizes of the input, of which we model the channels alone."""
    ONE = "one or channels"
    AXIS = "axis"
    """The axis of the channels: 1 behind the batch, or the last of a vector."""


class Only(NamedTuple):
    """An argument that we do not model, with the values at which nothing is lost, and a step for all others."""

    values: tuple[Any, ...]
    step: str = ""

    def holds(self, value: Any) -> bool:
        """Tell whether nothing is lost at a value."""
        return any(accepted is ANYTHING or is_same(unit(value), accepted) for accepted in self.values)


class Through(NamedTuple):
    """An argument that holds our field in another form, with the way to ours, which raises ValueError, and theirs."""

    field: str
    back: Callable[[Any], Raw]
    there: Callable[[Any], Any]


Source = str | Through | Reads | Only | tuple[Through | Reads, ...]
"""What an argument holds: our field, as it is or in another form, or several of these; or nothing of ours."""
INPLACE: Final = "inplace"
"""The last argument of activations and dropouts."""
NEUTRAL: Final[Mapping[str, Only]] = MappingProxyType(
    {
        INPLACE: Only((ANYTHING,)),
        "device": Only((ANYTHING,)),
        "dtype": Only((None, "float32", "torch.float32"), "`cnnspec summarize --dtype float16` counts other bytes"),
    }
)
"""Arguments of any class of PyTorch that change no number."""


class TorchRule(NamedTuple):
    """A PyTorch class and how its arguments correspond to our fields.

    class_name   PyTorch's class, which may hold `{rank}`
    arguments    what each argument holds, in PyTorch's order
    also         other PyTorch classes that mean the same kind
    ranks        the numbers of spatial axes for which PyTorch has the class
    values       our fields whose default is another one in PyTorch
    fixed        arguments at whose only value the class means this kind, and else another one
    lazy         whether there is a class `Lazy...` too, which asks for no channels
    others       rules of further classes that mean the same kind, with arguments of their own
    differs      what the numbers of PyTorch differ in, a sentence
    leading      how many arguments are always written, without their names
    order        where the class wants the channels
    learns       whether it has numbers that are learned or stored
    """

    class_name: str
    arguments: Mapping[str, Source] = NOTHING
    also: tuple[str, ...] = ()
    ranks: tuple[int, ...] = (1, 2, 3)
    values: Mapping[str, Any] = NOTHING
    fixed: Mapping[str, Any] = NOTHING
    lazy: bool = False
    differs: str = ""
    others: tuple[Any, ...] = ()
    leading: int = 0
    order: Order = Order.EITHER
    learns: bool = False

    def call(
        self, fields: Fields, values: Mapping[str, Any], shape: Shape, given: Mapping[str, Any] = NOTHING, **facts: Any
    ) -> TorchCall:
        """Return the layer of PyTorch that does what a layer with these values does on input of this shape.

        `given` has arguments of PyTorch's with what they are here, None for those that are not written.
        """
        sources = dict.fromkeys(self.fixed) | dict(self.arguments) | dict.fromkeys(given)
        positional, named = [], {}
        for place, (name, source) in enumerate(sources.items()):
            if name in given or name in self.fixed:
                value = {**self.fixed, **given}[name]
                is_written = value is not None
            else:
                value, is_written = self._argument(source, fields, values, shape)
            if place < self.leading:
                positional.append(value)
            elif is_written:
                named[name] = value
        name = self.class_name.format(rank=max(len(shape) - 1, 1))
        facts = {"order": self.order, "learns": self.learns, **facts}
        return TorchCall(name, tuple(positional), named, **facts)

    def _argument(
        self, source: Source | None, fields: Fields, values: Mapping[str, Any], shape: Shape
    ) -> tuple[Any, bool]:
        """Return the value of an argument, and whether it is one that PyTorch does not take by itself."""
        if isinstance(source, Reads) or reads(source or "") in (Reads.CHANNELS, Reads.SIZES):
            return AxisOf(len(shape) - 1) if source is Reads.AXIS else shape[-1], True
        if isinstance(source, Only | None) or (isinstance(source, str) and source not in fields):
            return None, False
        held = (
            [(source, as_it_is)] if isinstance(source, str) else [(each.field, each.there) for each in _fields(source)]
        )
        own = tuple(there(values[field]) for field, there in held)
        theirs = tuple(there(self.values.get(field, fields[field].default_for(values))) for field, there in held)
        is_written = any(fields[field].required for field, _ in held) or not is_same(shortest(own), shortest(theirs))
        return shortest(own[0] if len(own) == 1 else own), is_written

    @property
    def rules(self) -> tuple[TorchRule, ...]:
        """This rule and those of further classes."""
        return (self, *self.others)

    def class_names(self) -> dict[str, int | None]:
        """Return every PyTorch class of this rule with the number of spatial axes it is for, None for any."""
        names: dict[str, int | None] = {}
        for name in (self.class_name, *self.also):
            for prefix in ("", LAZY) if self.lazy else ("",):
                if "{rank}" in name:
                    names |= {prefix + name.format(rank=rank): rank for rank in self.ranks}
                else:
                    names[prefix + name] = None
        return names

    def argument_names(self) -> dict[str, str]:
        """Return our field for every PyTorch argument that holds one as it is."""
        return {name: source for name, source in self.arguments.items() if isinstance(source, str)}

    def described(self) -> dict[str, str]:
        """Return the arguments that say something, with the fields that they hold, an empty text for those of none."""
        return {
            name: source
            if isinstance(source, str)
            else "".join(
                f"{'/' * bool(at)}{each.field}" for at, each in enumerate(several(source)) if isinstance(each, Through)
            )
            for name, source in self.arguments.items()
            if not isinstance(source, Only)
        }

    def positional(self, class_name: str) -> tuple[str, ...]:
        """Return the arguments of a class in the order in which PyTorch takes them without names."""
        lazy = class_name.startswith(LAZY)
        own = (name for name, source in self.arguments.items() if not (lazy and reads(source)))
        return (*self.fixed, *own, INPLACE)

    def takes(self, given: Mapping[str, Any]) -> bool:
        """Tell whether a class with these arguments means this kind, where it may mean several.

        An argument without a name is the first.
        """
        names = (*self.fixed, *self.arguments)
        named = {name or names[0]: value for name, value in given.items()}
        only = {name: source for name, source in self.arguments.items() if isinstance(source, Only) and name in named}
        return (
            named.keys() <= {*names, *NEUTRAL}
            and all(source.holds(named[name]) for name, source in only.items())
            and all(name in named and is_same(unit(named[name]), value) for name, value in self.fixed.items())
        )


LAZY: Final = "Lazy"


def reads(source: Source) -> Reads | None:
    """Return what an argument says of the input."""
    return next((each for each in several(source) if isinstance(each, Reads)), None)


def several(source: Source) -> tuple[Through | Reads, ...]:
    """Return the forms in which an argument holds something."""
    if isinstance(source, str | Only):
        return ()
    return (source,) if isinstance(source, Through | Reads) else source


def _fields(source: Source) -> list[Through]:
    """Return the fields that an argument holds in another form."""
    return [each for each in several(source) if isinstance(each, Through)]


def parts(value: Any) -> list[Any]:
    """Return the sizes of a list as they are, a number twice."""
    return value if isinstance(value, list) else [value, value]


def as_it_is(value: Any) -> Any:
    """Return a value: one argument stands for several fields."""
    return value


def complement(value: Any) -> float:
    """Return 1 less a number: PyTorch's momentum is the share of the new mean, ours that of the old one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError  # noqa: TRY004 - the one signal for a value that does not fit
    return round(1 - value, 12)


def all_axes(value: Any) -> Raw:
    """Return the axes of the sizes that are normalized together: the last one alone, or all behind the batch."""
    count = len(value) if isinstance(value, list) else 1
    return list(range(1, count + 1)) if count > 1 else -1


def last_sizes(axes: Any) -> Any:
    """Return how many sizes are normalized together: what they are, the input says."""
    return len(axes)


def sides(value: Any) -> Raw:
    """Return padding of PyTorch's padding layers, last axis first, as a pair per axis, first axis first."""
    if not isinstance(value, list):
        return value
    if len(value) % 2 or not value:
        raise ValueError
    pairs = [value[at : at + 2] for at in range(0, len(value), 2)]
    return pairs[::-1]


def from_sides(value: Any) -> Any:
    """Return pairs of padding, first axis first, as one tuple, last axis first."""
    return tuple(rows for pair in reversed(value) for rows in pair)


def channels_last(value: Any) -> Raw:
    """Return sizes that are written channels first with the channels behind."""
    if not isinstance(value, list) or not value:
        raise ValueError
    return [*value[1:], value[0]]


def channels_first(value: Any) -> Any:
    """Return sizes that are written channels last with the channels in front."""
    return (value[-1], *value[:-1])


AFFINE: Final = (Through("center", as_it_is, as_it_is), Through("scale", as_it_is, as_it_is))
"""One argument of PyTorch's normalizations: learn both an offset and a factor, or neither."""
SHAPE: Final = (Reads.SIZES, Through("axis", all_axes, last_sizes))
"""The sizes over which is normalized."""
MOMENTUM: Final = Through("momentum", complement, complement)
SIZE: Final = (
    Through("height", lambda value: parts(value)[0], as_it_is),
    Through("width", lambda value: parts(value)[-1], as_it_is),
)
"""One size, or height and width."""
SIDES: Final = Through("margins", sides, from_sides)
