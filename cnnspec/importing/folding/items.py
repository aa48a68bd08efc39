"""Items of a spec while it is made, and what tells one from another."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from cnnspec.ir.layer import Layer
from cnnspec.ir.shapes import Shape

Number = int | float
Texts = tuple[tuple[str, str], ...]
"""Names with what is written behind them."""


class Table(NamedTuple):
    """A stage table: names, a row of values per stage, and the items of a stage."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    items: tuple[Item, ...]


class Item(NamedTuple):
    """One item: a layer with what its arguments put behind it, a join, a block, a group of items, or a stage table.

    `name` is given only where something refers to it, `reads` only where it does not read the item above. `enters` and
    `leaves` are the shapes in front of it and behind it. `said` are arguments that are written as expressions, those of
    a block among them. A join that is `if_same_shape` is left out where its branches differ in shape.
    """

    layer: Layer | None = None
    branches: tuple[tuple[Item, ...], ...] = ()
    name: str = ""
    reads: tuple[str, ...] = ()
    trainable: bool = True
    enters: Shape = ()
    leaves: Shape = ()
    block: str = ""
    group: tuple[Item, ...] = ()
    table: Table | None = None
    said: Texts = ()
    when: str = ""
    if_same_shape: bool = False
    repeat: str = ""
    first: Texts = ()
    last: Texts = ()

    @property
    def is_plain(self) -> bool:
        """Whether nothing refers to it, and it reads the item above."""
        return not self.name and not self.reads


@lru_cache(maxsize=4096)
def numbers(layer: Layer) -> Mapping[str, Number]:
    """Return the arguments of a layer that are one number, for all axes where there are several."""
    found: dict[str, Number] = {}
    for name in layer.fields:
        value = getattr(layer, name)
        if isinstance(value, tuple) and value and isinstance(value[0], int) and len({*value}) == 1:
            value = value[0]
        if isinstance(value, int | float) and not isinstance(value, bool):
            found[name] = value
    return found


def own_key(item: Item) -> Hashable:
    """Return what two items have in common that differ in numbers and in their branches alone."""
    layer = item.layer
    if layer is None:
        return (item.block, item.table, item.group, item.name, item.reads)
    return (type(layer), _others(layer), item.trainable, len(item.branches), item.name, item.reads)


@lru_cache(maxsize=4096)
def _others(layer: Layer) -> tuple[tuple[str, Any], ...]:
    """Return the arguments of a layer that are no numbers."""
    known = numbers(layer)
    return tuple((name, getattr(layer, name)) for name in layer.fields if name not in known)


def key(item: Item) -> Hashable:
    """Return what two items have in common that differ in numbers alone."""
    return (own_key(item), tuple(tuple(map(key, branch)) for branch in item.branches))


def weight(items: tuple[Item, ...]) -> int:
    """Return how many layers are in items."""
    return sum(1 + sum(map(weight, item.branches)) for item in items)


def fields_of(layer: Layer) -> Mapping[str, Any]:
    """Return all arguments of a layer."""
    return {name: getattr(layer, name) for name in layer.fields}
