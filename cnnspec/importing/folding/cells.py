"""Cells: stretches of a network that read several tensors from outside and make one, as blocks with named inputs."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import chain
from string import ascii_lowercase
from typing import Final, NamedTuple

from cnnspec.importing.folding.families import Family, Stretch
from cnnspec.importing.folding.items import Item, weight
from cnnspec.importing.folding.parameters import Block, Parameter, block_of
from cnnspec.importing.folding.reduction import Unit, items_of
from cnnspec.importing.folding.templates import merged, shape_of, template

LEAST: Final = 8
"""How many layers a cell has at least."""
BRANCHES: Final = 3
"""How many tensors a join at the end of a cell reads at least."""
CELL: Final = "cell"


class Cell(NamedTuple):
    """The units of a cell from one place up to another, the tensors from outside, and its items."""

    start: int
    end: int
    outside: tuple[str, ...]
    items: list[Item]

    def key(self) -> Hashable:
        """Return what cells have in common that differ in numbers alone."""
        return shape_of(self.items)


def with_cells(units: Sequence[Unit], above: str, outputs: Sequence[str]) -> tuple[list[Item], dict[str, Block]] | None:
    """Return items in which cells that are alike are calls of blocks, None where there are none."""
    cells = list(_cells(units, above))
    groups: dict[Hashable, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(cell.key(), []).append(cell)
    groups = {key: group for key, group in groups.items() if len(group) > 1}
    if not groups:
        return None
    blocks: dict[str, Block] = {}
    calls: dict[int, tuple[Cell, Item]] = {}
    for number, group in enumerate(groups.values(), 1):
        name = f"{CELL}{number}" if len(groups) > 1 else CELL
        blocks[name] = block = _block(group)
        for copy, cell in enumerate(group):
            said = [(own, str(parameter.values[copy])) for own, parameter in block.parameters.items()]
            calls[cell.start] = cell, Item(block=name, said=tuple(said))
    return _items(units, calls, above, outputs), blocks


def _cells(units: Sequence[Unit], above: str) -> Iterator[Cell]:
    """Yield the cells: each ends with a join of several tensors, and nothing else of it is read behind that."""
    last = {read: place for place, unit in enumerate(units) for read in unit.reads}
    taken = 0
    for end, unit in enumerate(units, 1):
        if unit.item.layer is None or not unit.item.layer.joins or len(unit.item.branches) < BRANCHES:
            continue
        start = end - 1
        while start > taken and last.get(units[start - 1].makes, end) < end:
            start -= 1
        cell = _cell(units[start:end], start, units[start - 1].makes if start else above)
        if weight(tuple(cell.items)) >= LEAST:
            taken = end
            yield cell


def _cell(units: Sequence[Unit], start: int, above: str) -> Cell:
    """Return the cell of units behind a tensor."""
    ordered = _begun_with(units, above)
    made = {unit.makes for unit in ordered}
    reads = chain.from_iterable(unit.reads for unit in ordered)
    outside = tuple(dict.fromkeys(read for read in reads if read not in made and read != above))
    letters = iter(f"{letter}{number}" for number in ("", *range(1, 100)) for letter in ascii_lowercase)
    names = {unit.makes: next(letters) for unit in ordered[:-1]}
    names |= {read: f"${{{name}}}" for read, name in zip(outside, _inputs(len(outside)), strict=True)}
    items = items_of(ordered, above, (ordered[-1].makes,), names)
    return Cell(start, start + len(units), outside, items)


def _inputs(count: int) -> list[str]:
    return ["input" if count == 1 else f"input{number}" for number in range(1, count + 1)]


def _begun_with(units: Sequence[Unit], above: str) -> list[Unit]:
    """Return units with those first that follow each other behind a tensor."""
    first: list[Unit] = []
    left = list(units)
    behind = above
    while following := next((unit for unit in left if unit.reads == (behind,)), None):
        first.append(following)
        left.remove(following)
        behind = following.makes
        if sum(behind in unit.reads for unit in left) != 1:
            break
    return [*first, *left]


def _block(group: Sequence[Cell]) -> Block:
    """Return the block of cells that differ in numbers and in the tensors from outside."""
    slots = template(group[0].items, 0)
    for copy, cell in enumerate(group[1:], 1):
        slots = merged(slots, cell.items, copy)
    everything = [item for cell in group for item in cell.items]
    starts = [0]
    for cell in group:
        starts.append(starts[-1] + len(cell.items))
    stretches = [Stretch(start, start + len(cell.items)) for start, cell in zip(starts, group, strict=False)]
    block = block_of(Family(stretches, slots), everything)
    inputs = zip(_inputs(len(group[0].outside)), zip(*(cell.outside for cell in group), strict=True), strict=True)
    named = {name: Parameter(dict(enumerate(reads))) for name, reads in inputs}
    return Block(block.items, {**named, **block.parameters})


def _items(
    units: Sequence[Unit], calls: Mapping[int, tuple[Cell, Item]], above: str, outputs: Sequence[str]
) -> list[Item]:
    """Return items with calls in the place of cells; what a call names from outside has a name."""
    wanted = {read for cell, _ in calls.values() for read in cell.outside}
    wholes: list[Unit] = []
    place = 0
    while place < len(units):
        if place in calls:
            cell, call = calls[place]
            made = units[cell.end - 1]
            own = call._replace(enters=units[place].item.enters, leaves=made.item.leaves)
            wholes.append(Unit(own, (units[place - 1].makes if place else above,), made.makes))
            place = cell.end
        else:
            wholes.append(units[place])
            place += 1
    return items_of(wholes, above, outputs, {}, wanted)
