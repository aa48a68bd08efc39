"""The items of a layer list, checked as far as is possible before any value is known.

    Item
    ├── Call        a kind with arguments
    ├── BlockCall   a block with arguments
    ├── Merge       a join with branches; `residual` and `gate` are joins too
    ├── Group       `seq`: items in a row
    ├── Each        `each`: items at every step of a sequence
    ├── Loop        a stage table: `for`, `in`, `do`
    ├── Nested      another network
    ├── Share       an earlier layer or copy of a block, applied again with the same parameters
    └── Broken      an item with a fault that is already reported

Every item has the `place` of its key, and `modifiers`, the siblings that it may have.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, Final, NamedTuple

from cnnspec.ir.layer import Layer
from cnnspec.ir.values import Raw
from cnnspec.text.tree import Scalar, Tree

Place = tuple[int, int]
"""First and last offset of something in the text."""

SIBLINGS: Final = ("name", "from", "repeat", "first", "last", "when", "expect", "note", "trainable")
"""Keys that may stand beside the kind of an item."""


class Deferred(NamedTuple):
    """A part of the arguments that holds an expression: a named value, or a bare token where `name` is None.

    `back` is the way to our value where another framework names it.
    """

    name: str | None
    raw: Raw
    place: Place
    back: Callable[[Any], Raw] | None = None


class Claims(Enum):
    """What an argument of another framework says of the input."""

    CHANNELS = "channels"
    SIZES = "sizes"
    ONE = "one or channels"
    AXIS = "axis"
    LAST_AXIS = "last axis"
    SHAPE = "shape"
    RANK = "rank"


class Claim(NamedTuple):
    """What an argument says of the input: the argument under the word of its kind, the value, and its place."""

    sort: Claims
    argument: str
    word: str
    value: Any
    place: Place | None = None


class Arguments:
    """The arguments of one item: what is known now, and what waits for its variables.

    What they do not give, `base` may: the file's defaults, or the arguments that `first` and `last` override.
    `own` are the known values without those of the base. `faulty` tells that something about them is reported already.
    `claims` are what they say of the input, one per argument. `layers` remembers, per number of spatial axes, the layer
    that the known values make: equal items share it.
    """

    __slots__ = ("base", "claims", "deferred", "faulty", "layers", "own", "values")

    def __init__(
        self,
        values: dict[str, Any],
        deferred: tuple[Deferred, ...] = (),
        base: Arguments | None = None,
        *,
        faulty: bool = False,
        claims: tuple[Claim, ...] = (),
    ) -> None:
        """Start without any layer; a base that is known whole is merged at once."""
        self.claims: tuple[Claim, ...] = _latest(base.claims, claims) if base else claims
        self.own = values
        merges = base is not None and not base.waits
        self.values: dict[str, Any] = base.values | values if merges and base else values
        self.base = None if merges else base
        self.deferred = deferred
        self.faulty = faulty
        self.layers: dict[int, Layer] = {}

    @property
    def waits(self) -> bool:
        """Whether something waits for its variables."""
        return bool(self.deferred) or self.base is not None


def _latest(claims: tuple[Claim, ...], others: tuple[Claim, ...]) -> tuple[Claim, ...]:
    return tuple({claim.argument: claim for claim in (*claims, *others)}.values()) if claims or others else ()


class Modifiers(NamedTuple):
    """The siblings that an item may have."""

    name: Scalar | None = None
    source: tuple[Scalar, ...] = ()
    repeat: Scalar | None = None
    first: Arguments | None = None
    last: Arguments | None = None
    when: Scalar | None = None
    expect: Scalar | None = None
    note: Scalar | None = None
    trainable: Scalar | None = None

    def look_at_copies(self, arguments: Arguments) -> bool:
        """Tell whether the copies of an item with these arguments may differ from each other."""
        overrides = [part for part in (self.first, self.last) if part]
        return bool(self.expect) or any(part.waits for part in (arguments, *overrides))


PLAIN = Modifiers()


class Call(NamedTuple):
    """A kind with arguments; `rank` is the number of spatial axes that a Keras name demands."""

    place: Place
    modifiers: Modifiers
    cls: type[Layer]
    arguments: Arguments
    rank: int | None = None


class BlockCall(NamedTuple):
    """A block with arguments."""

    place: Place
    modifiers: Modifiers
    block: str
    arguments: Arguments


class Branch(NamedTuple):
    """A branch of a join: items that start at the current tensor, or the name of an earlier layer."""

    place: Place
    items: list[Item]
    reference: Scalar | None = None


class Merge(NamedTuple):
    """A join of branches; `if_same_shape` joins only where the shapes agree, else the first branch goes on alone."""

    place: Place
    modifiers: Modifiers
    cls: type[Layer]
    branches: list[Branch]
    if_same_shape: bool = False
    arguments: Arguments | None = None


class Group(NamedTuple):
    """Items in a row."""

    place: Place
    modifiers: Modifiers
    items: list[Item]


class Each(NamedTuple):
    """Items in a row that are applied at every step of a sequence, with the same parameters."""

    place: Place
    modifiers: Modifiers
    items: list[Item]


class Loop(NamedTuple):
    """A stage table: the items once per row, with the row's values under the names."""

    place: Place
    modifiers: Modifiers
    names: list[str]
    rows: list[tuple[Place, list[Scalar]]]
    items: list[Item]


class Share(NamedTuple):
    """An earlier layer, or a whole copy of a block, applied again: its parameters are there once."""

    place: Place
    modifiers: Modifiers
    reference: Scalar


class Nested(NamedTuple):
    """Another network, bundled or from a file beside this one; `until` is the layer where it ends, if not its last.

    `without_top` ends it before the places in the image are given up.
    """

    place: Place
    modifiers: Modifiers
    name: Scalar
    until: Scalar | None
    without_top: bool
    params: dict[str, Scalar]


class Broken(NamedTuple):
    """An item that could not be understood; its fault is reported, its output unknown."""

    place: Place
    modifiers: Modifiers


Item = Call | BlockCall | Merge | Group | Each | Loop | Share | Nested | Broken


class Block(NamedTuple):
    """A macro: parameters with their defaults (None for required ones), and items."""

    name: Scalar
    params: dict[str, Tree | None]
    items: list[Item]


def says_what_it_reads(item: Item) -> bool:
    """Tell whether an item names its input, so that it may be the first of a network with several inputs."""
    if isinstance(item, Merge) and all(branch.reference for branch in item.branches):
        return True
    if isinstance(item, Each) and item.items and says_what_it_reads(item.items[0]):
        return True
    return bool(item.modifiers.source) or isinstance(item, Broken)
