"""The lines of a table: one per node, or one per block where blocks are folded."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from cnnspec.analysis.measure import Row, Summary
from cnnspec.analysis.receptive_field import AxisView
from cnnspec.ir.graph import Copy
from cnnspec.ir.shapes import Shape, size_of
from cnnspec.language.tokens import short_form


@dataclass(frozen=True, slots=True)
class Line:
    """What a table says about an input, a node, or a run of folded copies of one block."""

    name: str
    kind: str
    configuration: str
    inputs: tuple[str, ...]
    shape: Shape
    activation_size: int
    params: int = 0
    weights: int = 0
    biases: int = 0
    trainable_params: int = 0
    non_trainable_params: int = 0
    macs: int = 0
    flops: int = 0
    axes: tuple[AxisView, ...] | None = None
    line: int | None = None
    note: str = ""
    folded: int = 0


def fold(summary: Summary, depth: int | None = None) -> list[Line]:
    """Return the inputs and all nodes; copies of blocks nested deeper than `depth` levels become one line each.

    The copies that one `repeat` makes share a line. Folding adds numbers up, so totals never change.
    """
    lines = [_input_line(entry.name, entry.shape) for entry in summary.inputs]
    if depth is None:
        return lines + [_node_line(summary, row) for row in summary.rows]
    for key, rows in groupby(summary.rows, lambda row: _fold_key(row, depth)):
        members = list(rows)
        lines += [_block_line(summary, members, depth)] if key else [_node_line(summary, row) for row in members]
    return lines


def _fold_key(row: Row, depth: int) -> tuple[tuple[Copy, ...], str, int] | None:
    """Return what the nodes of one folded line have in common, None for a node with a line of its own."""
    scope = row.node.scope
    if len(scope) < depth:
        return None
    copy = scope[depth - 1]
    return (scope[: depth - 1], copy.block, copy.run)


def _input_line(name: str, shape: Shape) -> Line:
    return Line(name, "input", "", (), shape, size_of(shape))


def _node_line(summary: Summary, row: Row) -> Line:
    return Line(
        name=row.name,
        kind=row.kind,
        configuration=configuration(row),
        inputs=row.node.inputs,
        shape=row.shape,
        activation_size=row.activation_size,
        params=row.params,
        weights=row.weights,
        biases=row.biases,
        trainable_params=row.trainable_params,
        non_trainable_params=row.non_trainable_params,
        macs=row.macs,
        flops=row.flops,
        axes=row.view.axes,
        line=summary.graph.line(row.node),
        note=row.node.note,
    )


def configuration(row: Row) -> str:
    """Return a node's kind and arguments as a spec writes them, what a join joins, and what is shared or frozen."""
    node = row.node
    joined = f"({', '.join(node.inputs)})" if node.layer.joins else ""
    used = f"(shared with {node.shared})" if node.shared else "" if node.trainable or not row.params else "(frozen)"
    return " ".join(part for part in (row.kind, short_form(node.layer), joined, used) if part)


def _block_line(summary: Summary, rows: list[Row], depth: int) -> Line:
    copies = list(dict.fromkeys(row.node.scope[depth - 1] for row in rows))
    names = [copy.name for copy in copies]
    inside = {row.name for row in rows}
    last = rows[-1]
    return Line(
        name=names[0] if len(names) == 1 else f"{names[0]} … {names[-1].rpartition('.')[2]}",
        kind=copies[0].block,
        configuration=f"{copies[0].block} ×{len(copies)}" if len(copies) > 1 else copies[0].block,
        inputs=tuple(dict.fromkeys(name for row in rows for name in row.node.inputs if name not in inside)),
        shape=last.shape,
        activation_size=sum(row.activation_size for row in rows if not row.node.layer.is_view),
        **{name: sum(getattr(row, name) for row in rows) for name in _SUMMED},
        axes=last.view.axes,
        line=summary.graph.line(rows[0].node),
        folded=len(rows),
    )


_SUMMED = ("params", "weights", "biases", "trainable_params", "non_trainable_params", "macs", "flops")
