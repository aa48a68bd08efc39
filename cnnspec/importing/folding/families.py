"""Stretches of a network that are copies of one block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from cnnspec.importing.folding.items import Item, numbers, weight
from cnnspec.importing.folding.templates import Slot, every, fits, shape_of, template
from cnnspec.layers.joins import Add

STRIDE: Final = "stride"
MOST: Final = 2_000
"""How many joins, or items, are compared with each other."""
LONGEST: Final = 16
"""How many items a body may have that is looked for without its join."""


class Stretch(NamedTuple):
    """Items from one place up to, not including, another."""

    start: int
    end: int


@dataclass(slots=True, eq=False)
class Family:
    """Stretches in their order, and the template that they all fit.

    With `if_same_shape`, the last slot of the template is a sum that those stretches lack whose shape changes.
    """

    stretches: list[Stretch]
    slots: list[Slot]
    if_same_shape: bool = False


def family_of(items: Sequence[Item], least: int, *, chains: bool) -> Family | None:
    """Return the family of joins that has most layers, of those with at least so many.

    With `chains`, stretches that are a join's body without the join belong to it too.
    """
    places = [at for at, item in enumerate(items) if item.branches and item.is_plain and weight((item,)) >= least]
    shapes = {at: shape_of([items[at]]) for at in places}
    weights: Counter[tuple[object, ...]] = Counter()
    for at in places:
        weights[shapes[at]] += weight((items[at],))
    if not weights or len(places) > MOST:
        return None
    best = max(weights, key=lambda shape: weights[shape])
    places.sort(key=lambda at: shapes[at] != best)
    chosen = [places[0]]
    slots = template([items[places[0]]], 0)
    for at in places[1:]:
        if found := fits(slots, [items[at]], len(chosen)):
            slots = found
            chosen.append(at)
    stretches = [Stretch(at, at + 1) for at in chosen]
    family = Family(stretches, slots)
    if chains and _has_free_way(slots[0], len(chosen)):
        family = _with_chains(items, family)
    if len(family.stretches) < 2:
        return None
    return _extended(items, family)


def _has_free_way(slot: Slot, copies: int) -> bool:
    """Tell whether a slot is a sum of a body and what enters."""
    return (
        type(slot.one.layer) is Add and len(slot.branches) == 2 and not slot.branches[1] and len(slot.items) == copies
    )


def _with_chains(items: Sequence[Item], family: Family) -> Family:
    """Return a family with the stretches that are its body without the sum around it."""
    body, copies = family.slots[0].branches[0], len(family.stretches)
    if len(body) > LONGEST or len(items) > MOST:
        return family
    constant = _constants(body)
    taken = {at for stretch in family.stretches for at in range(stretch.start, stretch.end)}
    stretches = list(family.stretches)
    start = 0
    while start < len(items):
        for end in range(min(len(items), start + len(body)), start + 1, -1):
            window = items[start:end]
            if taken & set(range(start, end)) or not all(item.is_plain for item in window):
                continue
            found = fits(body, window, copies)
            if (
                found
                and len(found) == len(body)
                and _keeps(found, constant)
                and copies in found[-1].items | _last(found)
            ):
                body, copies = found, copies + 1
                stretches.append(Stretch(start, end))
                start = end - 1
                break
        start += 1
    if copies == len(family.stretches):
        return family
    slot = Slot(family.slots[0].items, [body, []])
    return Family(stretches, [slot], if_same_shape=True)


def _last(slots: Sequence[Slot]) -> dict[int, Item]:
    """Return the items of the last slot but one: what only training sees may follow it."""
    return slots[-2].items if len(slots) > 1 else {}


def _constants(slots: Sequence[Slot]) -> list[dict[str, float]]:
    """Return the numbers of every slot that are the same in all copies, but those that decide about the size."""
    found = []
    for slot in every(slots):
        several = [numbers(item.layer) for item in slot.items.values() if item.layer]
        found.append(
            {
                name: value
                for name, value in (several[0] if several else {}).items()
                if name != STRIDE and all(other.get(name) == value for other in several)
            }
        )
    return found


def _keeps(slots: Sequence[Slot], constant: list[dict[str, float]]) -> bool:
    """Tell whether a template has all constants of an earlier one."""
    now = _constants(slots)
    return len(now) == len(constant) and all(old.items() <= new.items() for old, new in zip(constant, now, strict=True))


def _extended(items: Sequence[Item], family: Family) -> Family:
    """Return a family whose stretches have the same items around them as parts of their own."""
    order = sorted(range(len(family.stretches)), key=lambda copy: family.stretches[copy].start)
    taken = {at for stretch in family.stretches for at in range(stretch.start, stretch.end)}
    while True:
        ends = [stretch.end for stretch in family.stretches]
        if any(end >= len(items) or end in taken for end in ends):
            break
        followers = [items[end] for end in ends]
        if any(item.branches or not item.is_plain or item.layer != followers[0].layer for item in followers):
            break
        slot = Slot(dict(enumerate(followers)))
        family = Family(
            [Stretch(stretch.start, stretch.end + 1) for stretch in family.stretches],
            [*family.slots, slot],
            family.if_same_shape,
        )
        taken |= {*ends}
    renamed = {copy: place for place, copy in enumerate(order)}
    for slot in every(family.slots):
        slot.items = {renamed[copy]: item for copy, item in slot.items.items()}
    return Family([family.stretches[copy] for copy in order], family.slots, family.if_same_shape)
