"""The rows of a table: one per input and node, or one per block where blocks are folded."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from cnnspec.analysis.measure import Row, Summary
from cnnspec.analysis.quantities import SHAPE, Quantity, Value
from cnnspec.analysis.receptive_field import View
from cnnspec.errors import UsageError
from cnnspec.ir.graph import Copy, Node
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape
from cnnspec.language.tokens import short_form


@dataclass(frozen=True, slots=True)
class TableRow:
    """What a table says about an input, a node, or a run of folded copies of one block.

    `members` are the measured rows that it stands for: none for an input, all those of the copies where it is folded.
    """

    name: str
    kind: str
    configuration: str
    inputs: tuple[str, ...]
    shape: Shape
    members: tuple[Row, ...] = ()
    line: int | None = None
    note: str = ""
    folded: bool = False

    def value(self, quantity: Quantity) -> Value | None:
        """Return what it has of a quantity: folded copies have the shape of the last one, and the sum of numbers."""
        if not self.members:
            return None if quantity.traced else quantity.of_input(self.shape)
        if quantity is SHAPE or not self.folded:
            return quantity.of(self.members[-1])
        if not quantity.is_known(self.members):
            return None
        return quantity.sum(self.members) if quantity.summable else None

    @property
    def view(self) -> View | None:
        """What its output sees of the input; an input has none."""
        return self.members[-1].view if self.members else None


def fold(summary: Summary, depth: int | None = None) -> list[TableRow]:
    """Return the inputs and all nodes; copies of blocks nested deeper than `depth` levels become one row each.

    The copies that one `repeat` makes share a row. Folding adds numbers up, so totals never change.
    """
    found = [TableRow(entry.name, "input", "", (), entry.shape) for entry in summary.inputs]
    if depth is None:
        return found + [node_row(summary, row) for row in summary.rows]
    if depth < 1:
        raise UsageError.one("E703", f"`depth` must be 1 or more, not {depth}")
    for key, rows in groupby(summary.rows, lambda row: _fold_key(row, depth)):
        members = list(rows)
        found += [block_row(summary, members, depth)] if key else [node_row(summary, row) for row in members]
    return found


def _fold_key(row: Row, depth: int) -> tuple[tuple[Copy, ...], str, int] | None:
    """Return what the nodes of one folded row have in common, None for a node with a row of its own."""
    scope = row.node.scope
    if len(scope) < depth:
        return None
    copy = scope[depth - 1]
    return (scope[: depth - 1], copy.block, copy.run)


def node_row(summary: Summary, row: Row) -> TableRow:
    """Return the row of one node."""
    return TableRow(
        name=row.name,
        kind=row.kind,
        configuration=configuration(row),
        inputs=row.node.inputs,
        shape=row.shape,
        members=(row,),
        line=summary.graph.line(row.node),
        note=row.node.note,
    )


def configuration(row: Row, *, joins: bool = True) -> str:
    """Return a node's kind and arguments as a spec writes them, what it joins, and what is special of it."""
    node = row.node
    joined = f"({', '.join(node.inputs)})" if joins and len(node.inputs) > 1 else ""
    used = f"(shared with {node.shared})" if node.shared else "" if node.trainable or not row.params else "(frozen)"
    given = "(given by the writer)" if node.layer.role is Role.OPAQUE else ""
    parts = (row.kind, short_form(node.layer), joined, at_each_step(node), given, used)
    return " ".join(part for part in parts if part)


def at_each_step(node: Node) -> str:
    """Return at how many steps of a sequence a node's layer is applied, an empty text where it is applied once."""
    steps = "·".join(str(size) for size in node.shape[: node.layer.step_axes])
    return f"(at each of {steps} steps)" if steps else ""


def block_row(summary: Summary, rows: list[Row], depth: int) -> TableRow:
    """Return the row of copies of a block that is nested so many levels deep."""
    copies = list(dict.fromkeys(row.node.scope[depth - 1] for row in rows))
    names = [copy.name for copy in copies]
    inside = {row.name for row in rows}
    return TableRow(
        name=names[0] if len(names) == 1 else f"{names[0]} … {names[-1].rpartition('.')[2]}",
        kind=copies[0].block,
        configuration=f"{copies[0].block} ×{len(copies)}" if len(copies) > 1 else copies[0].block,
        inputs=tuple(dict.fromkeys(name for row in rows for name in row.node.inputs if name not in inside)),
        shape=rows[-1].shape,
        members=tuple(rows),
        line=summary.graph.line(rows[0].node),
        folded=True,
    )
