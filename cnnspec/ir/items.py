"""The items of a layer list, checked as far as is possible before any value is known.

    Item
    ├── Call        a kind with arguments
    ├── BlockCall   a block with arguments
    ├── Merge       a join with branches; `residual` and `gate` are joins too
    ├── Group       `seq`: items in a row
    ├── Loop        a stage table: `for`, `in`, `do`
    └── Broken      an item with a fault that is already reported
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cnnspec.ir.arguments import Raw
from cnnspec.ir.layer import Layer
from cnnspec.spec.tree import Scalar, Tree

Place = tuple[int, int]
"""First and last offset of something in the text."""


@dataclass(slots=True, eq=False)
class Deferred:
    """A part of the arguments that holds an expression: a named value, or a bare token where `name` is None."""

    name: str | None
    raw: Raw
    place: Place


@dataclass(slots=True, eq=False)
class Arguments:
    """The arguments of one item: what is known now, and what waits for its variables.

    `layers` remembers, per number of spatial axes, the layer that the known values make: equal items share it.
    """

    values: dict[str, Any]
    deferred: tuple[Deferred, ...] = ()
    layers: dict[int, Layer] = field(default_factory=dict)


NO_ARGUMENTS = Arguments({})


@dataclass(slots=True, eq=False)
class Modifiers:
    """The siblings that an item may have."""

    name: Scalar | None = None
    source: tuple[Scalar, ...] = ()
    repeat: Scalar | None = None
    first: Arguments | None = None
    last: Arguments | None = None
    when: Scalar | None = None
    expect: Scalar | None = None
    note: Scalar | None = None


PLAIN = Modifiers()


@dataclass(slots=True, eq=False)
class Item:
    """What all items have: the place of their key, and their siblings."""

    place: Place
    modifiers: Modifiers


@dataclass(slots=True, eq=False)
class Call(Item):
    """A kind with arguments; `rank` is the number of spatial axes that a Keras name demands."""

    cls: type[Layer]
    arguments: Arguments
    rank: int | None = None


@dataclass(slots=True, eq=False)
class BlockCall(Item):
    """A block with arguments."""

    block: str
    arguments: Arguments


@dataclass(slots=True, eq=False)
class Branch:
    """A branch of a join: items that start at the current tensor, or the name of an earlier layer."""

    place: Place
    items: list[Item]
    reference: Scalar | None = None


@dataclass(slots=True, eq=False)
class Merge(Item):
    """A join of branches; `if_same_shape` joins only where the shapes agree, else the first branch goes on alone."""

    cls: type[Layer]
    branches: list[Branch]
    if_same_shape: bool = False


@dataclass(slots=True, eq=False)
class Group(Item):
    """Items in a row."""

    items: list[Item]


@dataclass(slots=True, eq=False)
class Loop(Item):
    """A stage table: the items once per row, with the row's values under the names."""

    names: list[str]
    rows: list[tuple[Place, list[Scalar]]]
    items: list[Item]


@dataclass(slots=True, eq=False)
class Broken(Item):
    """An item that could not be understood; its fault is reported, its output unknown."""


@dataclass(slots=True, eq=False)
class Block:
    """A macro: parameters with their defaults (None for required ones), and items."""

    name: Scalar
    params: dict[str, Tree | None]
    items: list[Item]
