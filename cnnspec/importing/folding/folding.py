"""The specs that a network may be folded to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from cnnspec.importing.folding.cells import with_cells
from cnnspec.importing.folding.families import Family, family_of
from cnnspec.importing.folding.items import Item
from cnnspec.importing.folding.parameters import Block, block_of, usual
from cnnspec.importing.folding.reduction import items_of, units_of, usual_norm
from cnnspec.importing.folding.tables import Entry, entry_of, folded
from cnnspec.importing.folding.text import Writer, mapping, spec_text, word
from cnnspec.ir.graph import Graph
from cnnspec.text import tree as yaml
from cnnspec.text.tree import Tree

LEAST: Final = (4, 3)
"""How many layers a join must have to be worth a block: one or the other gives the shorter spec."""
BLOCKS: Final = 6
"""How many blocks a spec may have."""


@dataclass(slots=True, eq=False)
class _Folding:
    """Entries in a row, and the blocks that some of them are copies of, by name."""

    entries: list[Entry]
    blocks: dict[str, Block] = field(default_factory=dict)


def foldings(graph: Graph) -> Iterator[str]:
    """Yield specs that are likely to give a network; what is shared, or done at every step, is not folded."""
    if any(node.shared or node.layer.step_axes for node in graph):
        return
    norm = usual_norm(graph)
    writer = Writer(norm)
    units = units_of(graph)
    above = graph.inputs[0].name if len(graph.inputs) == 1 else ""
    items = items_of(units, above, graph.outputs, {})
    yield spec_text(graph, norm, [], writer.items(items))
    if found := with_cells(units, above, graph.outputs):
        inside, cells = found
        blocks = [(name, _block_tree(block, writer)) for name, block in cells.items()]
        yield spec_text(graph, norm, blocks, writer.items(folded(list(map(entry_of, inside)), at_end=False)))
    for least, chains in product(LEAST, (True, False)):
        made = _with_blocks(items, least, chains=chains)
        blocks = [(name, _block_tree(block, writer)) for name, block in made.blocks.items()]
        for at_end in (False, True):
            yield spec_text(graph, norm, blocks, writer.items(folded(made.entries, at_end=at_end)))
    for at_end in (False, True):
        yield spec_text(graph, norm, [], writer.items(folded(list(map(entry_of, items)), at_end=at_end)))


def _with_blocks(items: Sequence[Item], least: int, *, chains: bool) -> _Folding:
    """Return items in which copies of the same block are calls of it."""
    left: list[Item | Entry] = list(items)
    blocks: dict[str, Block] = {}
    while len(blocks) < BLOCKS:
        plain = [part if isinstance(part, Item) else Item(block="taken", name="taken") for part in left]
        family = family_of(plain, least, chains=chains)
        if family is None:
            break
        name = "block" if not blocks else f"block{len(blocks) + 1}"
        block = blocks[name] = block_of(family, plain)
        left = list(_replaced(left, family, name, block, plain))
    return _Folding([part if isinstance(part, Entry) else entry_of(part) for part in left], blocks)


def _replaced(
    left: Sequence[Item | Entry], family: Family, name: str, block: Block, items: Sequence[Item]
) -> Iterator[Item | Entry]:
    """Yield items and entries, with a call of a block in the place of every stretch of its family."""
    copies = {stretch.start: copy for copy, stretch in enumerate(family.stretches)}
    defaults = _defaults(block)
    at = 0
    while at < len(left):
        if at not in copies:
            yield left[at]
            at += 1
            continue
        copy = copies[at]
        yield Entry(
            Item(block=name),
            ("block", name),
            {own: parameter.values.get(copy) for own, parameter in block.parameters.items()},
            items[at].enters[-1],
            defaults,
            frozenset(own for own, parameter in block.parameters.items() if parameter.is_switch and not parameter.ramp),
            {own: parameter.ramp for own, parameter in block.parameters.items() if parameter.ramp},
        )
        at = family.stretches[copy].end


def _defaults(block: Block) -> dict[str, object]:
    """Return what parameters are unless a copy says otherwise: switches, and what some copies need not say."""
    copies = max((len(parameter.values) for parameter in block.parameters.values()), default=0)
    return {
        name: 0 if parameter.ramp else usual(parameter.values)
        for name, parameter in block.parameters.items()
        if parameter.is_switch or len(parameter.values) < copies
    }


def _block_tree(block: Block, writer: Writer) -> Tree:
    """Return the tree of a block."""
    layers = yaml.Sequence(0, 0, False, writer.items(block.items))
    if not block.parameters:
        return layers
    defaults = _defaults(block)
    params = [(name, word(_shown(defaults.get(name)))) for name in block.parameters]
    return mapping([("params", mapping(params, flow=True)), ("layers", layers)])


def _shown(value: object) -> str:
    if value is None:
        return "required"
    return str(value).lower() if isinstance(value, bool) else str(value)
