"""What of a network is drawn: all of it, or the layers and copies of blocks that are selected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

from cnnspec.analysis.folding import TableRow
from cnnspec.analysis.measure import Row, Summary
from cnnspec.analysis.quantities import MACS, PARAMS, Quantity
from cnnspec.errors import NoLayerError, listing, shorten, suggest
from cnnspec.ir.shapes import compact


class Part(NamedTuple):
    """Layers of a network in its order, under a title; blocks are folded that are nested `level` levels deep."""

    summary: Summary
    title: str
    rows: tuple[Row, ...]
    level: int = 1
    whole: bool = True
    asked: bool = False
    """Whether the level was asked for."""

    @property
    def totals(self) -> str:
        """The sums in words."""
        return " · ".join(_sum(quantity, self.rows) for quantity in (PARAMS, MACS))

    @property
    def entries(self) -> list[TableRow]:
        """What stands above the layers: the inputs, or what a part reads of the layers around it."""
        if self.whole:
            return [TableRow(entry.name, "input", "", (), entry.shape) for entry in self.summary.inputs]
        return outside(self.rows)


def _sum(quantity: Quantity, rows: Sequence[Row]) -> str:
    least = "" if quantity.is_known(rows) else "at least "
    return f"{least}{quantity.sum(rows):,} {quantity.word}"


def outside(rows: Sequence[Row]) -> list[TableRow]:
    """Return a row per layer or input that nodes read and that is none of them."""
    inside = {row.name for row in rows}
    found: dict[str, TableRow] = {}
    for row in rows:
        for name, shape in zip(row.node.inputs, row.node.input_shapes, strict=True):
            if name not in inside:
                found.setdefault(name, TableRow(name, "input", "from outside", (), shape))
    return list(found.values())


def whole(summary: Summary, depth: int | None = None) -> Part:
    """Return all of a network, folded at a depth."""
    return Part(summary, summary.name, summary.rows, depth or 1, asked=depth is not None)


def select(summary: Summary, names: Sequence[str], depth: int | None = None) -> Part:
    """Return the layers of these names: of nodes, of copies of blocks, and of blocks, whose first copies are meant."""
    chosen = dict.fromkeys(place for name in names for place in _places(summary, name))
    rows = tuple(summary.rows[place] for place in sorted(chosen))
    levels = zip(*(row.node.scope for row in rows), strict=False)
    around = sum(1 for _ in takewhile(lambda copies: len(set(copies)) == 1, levels))
    title = f"{shorten(', '.join(names), 80)} of {summary.name}"
    return Part(summary, title, rows, around + (depth or 1), whole=False, asked=depth is not None)


def _places(summary: Summary, name: str) -> list[int]:
    """Return where the layers of a name are; raise NoLayerError where there are none."""
    found: dict[str, list[int]] = {}
    for place, row in enumerate(summary.rows):
        if row.name == name:
            return [place]
        for copy in row.node.scope:
            if name in (copy.name, copy.block):
                found.setdefault(copy.name, []).append(place)
    if not found:
        raise _unknown(summary, name)
    return found.get(name) or next(iter(found.values()))


def _unknown(summary: Summary, name: str) -> NoLayerError:
    copies = dict.fromkeys(_copies(summary))
    layers = [row.name for row in summary.rows]
    notes = [f"its layers: {listing(layers, 40)}"]
    notes += [f"its blocks: {listing(copies, 40)}"] if copies else []
    message = f"`{summary.name}` has no layer and no block `{shorten(name)}`"
    return NoLayerError.one("E201", message, notes=tuple(notes), help=suggest(name, [*copies, *layers]))


def _copies(summary: Summary) -> Iterator[str]:
    for row in summary.rows:
        for copy in row.node.scope:
            yield copy.block
            yield copy.name


def show_shape(shape: Sequence[int]) -> str:
    """Return a shape as drawings write it.

    >>> show_shape((28, 28, 8))
    '28×28×8'
    """
    return compact(tuple(shape)).replace("x", "×")
