"""A block and its copies' parameters: what differs between copies, as expressions of as little as possible."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from cnnspec.importing.folding.families import STRIDE, Family
from cnnspec.importing.folding.items import Item, Number, numbers
from cnnspec.importing.folding.templates import Slot
from cnnspec.ir.arguments import Count, PerAxis
from cnnspec.ir.layer import Layer

SHORT: Final = {"filters": "f", "units": "u", "kernel": "k", STRIDE: "s", "pool": "k", "groups": "g"}
"""What parameters for arguments of these names are called."""
TIMES: Final = "times"
"""What the factor between channels is called."""
FACTORS: Final = range(2, 33)
SHARES: Final = (0.2, *(share / 20 for share in range(1, 20)))
"""Rates that may grow from copy to copy up to one of these."""
LONGEST: Final = 1000
"""The most copies over which a rate grows."""
Channels = Mapping[int, int]
Values = dict[int, Any]


class Ramp(NamedTuple):
    """A number that grows from copy to copy: share·place/total."""

    share: float
    total: int

    def at(self, place: int) -> float:
        """Return the number at a place."""
        return self.share * place / self.total

    def text(self, place: str) -> str:
        """Return the number at a place as an expression."""
        return f"${{{self.share}*{place}/{self.total}}}"


class Parameter(NamedTuple):
    """A parameter of a block: its value in every copy where that counts, and how it grows, if it does."""

    values: Values
    field: str = ""
    """The argument whose values these are."""
    is_switch: bool = False
    is_count: bool = False
    ramp: Ramp | None = None


@dataclass(slots=True, eq=False)
class Block:
    """A block: its items, and its parameters by name."""

    items: list[Item]
    parameters: dict[str, Parameter]


class _Around(NamedTuple):
    """The channels at a slot in every copy: of what enters it, its branch, if it is in one, and the block."""

    here: Channels
    branch: Channels
    block: Channels


@dataclass(slots=True, eq=False)
class _Making:
    """A block while it is made."""

    copies: int
    parameters: dict[str, Parameter] = field(default_factory=dict)
    flags: list[tuple[str, dict[int, bool]]] = field(default_factory=list)

    def sequence(self, slots: Sequence[Slot], around: _Around, there: frozenset[int]) -> tuple[Item, ...]:
        """Return the items of slots in a row, of which some copies are there at all."""
        return tuple(self.slot(slot, here, there) for slot, here in _walk(slots, around))

    def slot(self, slot: Slot, around: _Around, there: frozenset[int]) -> Item:
        """Return the item of a slot, with expressions for what differs."""
        one, whole = slot.one, slot.items.keys() >= there
        inner, within = around._replace(branch=around.here), there & slot.items.keys()
        branches = tuple(self.sequence(branch, inner, within) for branch in slot.branches)
        said = []
        for name in numbers(one.layer) if one.layer else ():
            values = {copy: numbers(item.layer)[name] for copy, item in slot.items.items() if item.layer}
            if len({*values.values()}) > 1 and one.layer:
                said.append((name, as_argument(one.layer, name, self.expression(one.layer, name, values, around))))
        when = "" if whole else self.flag(slot, around, there)
        return one._replace(branches=branches, said=tuple(said), when=when, enters=(), leaves=())

    def expression(self, layer: Layer, name: str, values: Values, around: _Around) -> str:
        """Return an expression that has these values, of parameters and channels, or of a new parameter."""
        for own, parameter in self.parameters.items():
            if parameter.field == name and _agree(values, parameter.values):
                return f"${{{own}}}"
        whole = all(isinstance(value, int) for value in values.values())
        if whole and isinstance(layer.fields[name].type, Count):
            return self.count(name, values, around)
        own = self.free(SHORT.get(name, name.rstrip("_")))
        if not whole and (found := _ramp(values)):
            ramp, places = found
            self.parameters[own] = Parameter(places, is_switch=True, ramp=ramp)
        else:
            self.parameters[own] = Parameter(dict(values), name, is_switch=name == STRIDE)
        return f"${{{own}}}"

    def count(self, name: str, values: Values, around: _Around) -> str:
        """Return an expression for numbers of channels."""
        channels = {"in.c": around.here, "branch.c": around.branch, "block.c": around.block}
        sources = {**_named(self.parameters), **channels}
        for text, source in sources.items():
            if _agree(values, source):
                return f"${{{text}}}"
        for text, source in sources.items():
            if factor := _factor(values, source):
                return f"${{{factor}*{text}}}"
            if factor := _factor(source, values, floor=True):
                return f"${{{text}//{factor}}}"
        for text, source in channels.items():
            known = {copy: source[copy] for copy in values if copy in source and values[copy] % source[copy] == 0}
            times = {copy: values[copy] // count for copy, count in known.items()}
            different = len({*times.values()})
            if len(times) == len(values) and min(times.values()) > 1 and 2 * different <= len({*values.values()}):
                own = self.free(TIMES)
                self.parameters[own] = Parameter(times)
                return f"${{{own}*{text}}}"
        own = self.free(SHORT.get(name, name.rstrip("_")))
        self.parameters[own] = Parameter(dict(values), name, is_count=True)
        return f"${{{own}}}"

    def flag(self, slot: Slot, around: _Around, there: frozenset[int]) -> str:
        """Return a condition that tells which of the copies that are there have a slot."""
        wanted = {copy: copy in slot.items for copy in there}
        for text, known in [*self.flags, *self.conditions(around)]:
            if all(known.get(copy) == value for copy, value in wanted.items()):
                return f"${{{text}}}"
            if all(known.get(copy) == (not value) for copy, value in wanted.items()):
                return f"${{not ({text})}}" if " " in text else f"${{not {text}}}"
        own = self.free(f"with_{slot.one.layer.kind if slot.one.layer else slot.one.block}")
        self.parameters[own] = Parameter(dict(wanted), is_switch=True)
        self.flags.append((own, wanted))
        return f"${{{own}}}"

    def conditions(self, around: _Around) -> Iterator[tuple[str, dict[int, bool]]]:
        """Yield conditions that need no parameter of their own."""
        copies = range(self.copies)
        same = {copy: around.here.get(copy) == around.block.get(copy) for copy in copies}
        yield "in.c == block.c", same
        for name, parameter in self.parameters.items():
            if name.startswith(SHORT[STRIDE]) and parameter.is_switch and len(parameter.values) == self.copies:
                once = {copy: parameter.values[copy] == 1 for copy in copies}
                yield f"{name} > 1", {copy: not value for copy, value in once.items()}
                yield f"{name} == 1", once
                yield f"{name} == 1 and in.c == block.c", {copy: once[copy] and same[copy] for copy in copies}

    def free(self, name: str) -> str:
        """Return a name that no parameter has."""
        free, number = name, 1
        while free in self.parameters:
            number += 1
            free = f"{name}{number}"
        return free


def block_of(family: Family, items: Sequence[Item]) -> Block:
    """Return the block of a family of stretches of items."""
    entering = {copy: items[stretch.start].enters[-1] for copy, stretch in enumerate(family.stretches)}
    making = _Making(len(family.stretches))
    around, there = _Around(entering, {}, entering), frozenset(entering)
    if family.if_same_shape:
        first, *others = family.slots
        body = making.sequence(first.branches[0], around._replace(branch=entering), there)
        joined = first.one._replace(branches=(body, ()), if_same_shape=True, enters=(), leaves=())
        return Block([joined, *making.sequence(others, around, there)], making.parameters)
    return Block(list(making.sequence(family.slots, around, there)), making.parameters)


def _walk(slots: Sequence[Slot], around: _Around) -> Iterator[tuple[Slot, _Around]]:
    """Yield slots with the channels in front of them, also of copies that lack them."""
    here = dict(around.here)
    for slot in slots:
        here |= {copy: item.enters[-1] for copy, item in slot.items.items() if item.enters}
        yield slot, around._replace(here=dict(here))
        here |= {copy: item.leaves[-1] for copy, item in slot.items.items() if item.leaves}


def _named(parameters: Mapping[str, Parameter]) -> dict[str, Values]:
    return {name: parameter.values for name, parameter in parameters.items() if parameter.is_count}


def _agree(values: Mapping[int, Any], others: Mapping[int, Any]) -> bool:
    return all(others.get(copy) == value and type(others[copy]) is type(value) for copy, value in values.items())


def _factor(values: Mapping[int, Any], others: Mapping[int, Any], *, floor: bool = False) -> int | None:
    """Return the factor that makes some values of others, or, of the `floor`, what the others divide to them."""
    copies = [copy for copy in (others if floor else values) if copy in values and copy in others]
    if len(copies) < len(others if floor else values):
        return None
    for factor in FACTORS:
        if floor and all(values[copy] // factor == others[copy] for copy in copies):
            return factor
        if not floor and all(values[copy] == factor * others[copy] for copy in copies):
            return factor
    return None


def _ramp(values: Mapping[int, Number]) -> tuple[Ramp, dict[int, int]] | None:
    """Return how numbers grow with the number of their copy, and the place of every copy."""
    (first, low), (last, high) = min(values.items()), max(values.items())
    if len({*values.values()}) < 3 or high <= low:
        return None
    step = (high - low) / (last - first)
    for share in SHARES:
        total, offset = round(share / step), round(low / step) - first
        if not 0 < total <= LONGEST or offset < 0:
            continue
        ramp = Ramp(share, total)
        if all(ramp.at(copy + offset) == value for copy, value in values.items()):
            return ramp, {copy: copy + offset for copy in range(last + 1)}
    return None


def as_argument(layer: Layer, name: str, text: str) -> str:
    """Return an expression as an argument: that of a window has it for every axis."""
    value, argument = getattr(layer, name), layer.fields[name].type
    if isinstance(value, tuple) and isinstance(argument, PerAxis) and argument.claims_sizes and len(value) > 1:
        return "x".join([text] * len(value))
    return text


def usual(values: Values) -> Any:
    """Return the most frequent value."""
    return Counter(values.values()).most_common(1)[0][0]
