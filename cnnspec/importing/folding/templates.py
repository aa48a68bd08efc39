"""What several stretches of items have in common: one template, with parts that some of them lack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from cnnspec.importing.folding.items import Item, key, own_key, weight

OPTIONAL: Final = 3
"""How many parts of a template some copies may lack."""


@dataclass(slots=True, eq=False)
class Slot:
    """One place of a template: the items of the copies that have one there, by their numbers, and its branches."""

    items: dict[int, Item]
    branches: list[list[Slot]] = field(default_factory=list)

    @property
    def one(self) -> Item:
        """Any of its items."""
        return next(iter(self.items.values()))


def template(items: Sequence[Item], copy: int) -> list[Slot]:
    """Return the template of one stretch of items."""
    return [Slot({copy: item}, [template(branch, copy) for branch in item.branches]) for item in items]


def merged(slots: Sequence[Slot], items: Sequence[Item], copy: int) -> list[Slot]:
    """Return a template that a further stretch of items fits too."""
    found: list[Slot] = []
    for slot, item in _aligned(slots, items):
        if slot is None and item is not None:
            found += template([item], copy)
        elif slot is not None and item is None:
            found.append(slot)
        elif slot is not None and item is not None:
            pairs = zip(slot.branches, item.branches, strict=True)
            found.append(Slot({**slot.items, copy: item}, [merged(own, branch, copy) for own, branch in pairs]))
    return found


def _aligned(slots: Sequence[Slot], items: Sequence[Item]) -> list[tuple[Slot | None, Item | None]]:
    """Return slots and items side by side, as many together as fit, in their order."""
    rows, columns = len(slots), len(items)
    best = [[0] * (columns + 1) for _ in range(rows + 1)]
    for row in range(rows - 1, -1, -1):
        for column in range(columns - 1, -1, -1):
            both = best[row + 1][column + 1] + _likeness(slots[row], items[column])
            best[row][column] = max(both, best[row + 1][column], best[row][column + 1])
    found: list[tuple[Slot | None, Item | None]] = []
    row = column = 0
    while row < rows and column < columns:
        like = _likeness(slots[row], items[column])
        if like and best[row][column] == best[row + 1][column + 1] + like:
            found.append((slots[row], items[column]))
            row, column = row + 1, column + 1
        elif best[row][column] == best[row + 1][column]:
            found.append((slots[row], None))
            row += 1
        else:
            found.append((None, items[column]))
            column += 1
    return [*found, *((slot, None) for slot in slots[row:]), *((None, item) for item in items[column:])]


def _likeness(slot: Slot, item: Item) -> int:
    """Return 0 where an item cannot stand in a slot, more the more of it is the same."""
    one = slot.one
    if own_key(one) != own_key(item):
        return 0
    if not item.branches:
        return 100 + 2 * (one.layer == item.layer)
    same = sum(min(weight(tuple(part.one for part in own)), weight(branch)) for own, branch in _pairs(slot, item))
    return 100 * (1 + same)


def _pairs(slot: Slot, item: Item) -> Iterator[tuple[list[Slot], tuple[Item, ...]]]:
    return zip(slot.branches, item.branches, strict=True)


def every(slots: Sequence[Slot]) -> Iterator[Slot]:
    """Yield all slots, those of branches behind the one that they belong to."""
    for slot in slots:
        yield slot
        for branch in slot.branches:
            yield from every(branch)


def lacking(slots: Sequence[Slot], copies: int) -> Iterator[Slot]:
    """Yield the slots that some of the copies lack, but none inside them."""
    for slot in slots:
        if len(slot.items) < copies:
            yield slot
        else:
            for branch in slot.branches:
                yield from lacking(branch, copies)


def fits(slots: Sequence[Slot], items: Sequence[Item], copies: int) -> list[Slot] | None:
    """Return the template of several copies and one more, None where too little of it is common."""
    found = merged(slots, items, copies)
    missing, whole = list(lacking(found, copies + 1)), sum(1 for _ in every(found))
    lost = sum(1 for _ in every(missing))
    return found if len(missing) <= OPTIONAL and 3 * lost <= 2 * whole and _has_common(found, copies + 1) else None


def _has_common(slots: Sequence[Slot], copies: int) -> bool:
    return sum(1 for slot in every(slots) if len(slot.items) == copies) >= 2


def shape_of(items: Sequence[Item]) -> tuple[object, ...]:
    """Return what stretches of items have in common that differ in numbers alone."""
    return tuple(map(key, items))
