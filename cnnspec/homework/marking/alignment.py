"""Which row of a homework table speaks of which layer: by name, kind, order, and by what stands in its cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from cnnspec.analysis.measure import Summary
from cnnspec.analysis.quantities import SHAPE, SIZE
from cnnspec.errors import CnnspecError
from cnnspec.homework.marking.labels import parts_of, plain_name
from cnnspec.homework.marking.matching import CELL, KIND, Layers, Rows, best, fits, read_rows
from cnnspec.homework.tables.student_table import StudentRow, StudentTable
from cnnspec.ir.graph import Graph, Node

LARGEST: Final = 4_000_000
CLEARLY: Final = KIND + CELL
"""How much better another reading of a whole table must be before it is taken."""


class Pair(NamedTuple):
    """A layer (None for an input) with the row that speaks of it, if there is one."""

    node: Node
    row: StudentRow | None


class Alignment(NamedTuple):
    """The layers of a network with their rows, rows that speak of no layer, and remarks on the order of the rows."""

    pairs: tuple[Pair, ...]
    inputs: tuple[StudentRow, ...]
    extra: tuple[StudentRow, ...]
    remarks: tuple[str, ...] = ()


def align(summary: Summary, table: StudentTable) -> Alignment:
    """Return which row speaks of which layer; raise CnnspecError where the table has nothing in common with it.

    The order of rows and layers is kept, or turned as a whole. Names weigh most, but those that a framework gives, or
    that count from 0, are no more than an order; right cells weigh as much together. A layer of an optional kind may
    lack a row.
    """
    graph = summary.graph
    answers = [{column: quantity.value(row) for column, quantity in table.quantities.items()} for row in summary.rows]
    layers = Layers(tuple(graph.nodes), tuple(plain_name(node.name) for node in graph.nodes), tuple(answers))
    whole = read_rows(_parted(table.rows), table)
    places = _inputs(graph, whole, set(layers.names))
    others = whole.kept([place for place in range(len(whole.rows)) if place not in places])
    if len(others.rows) * len(layers.nodes) > LARGEST:
        raise _too_large(table)
    others, matched, remarks = _read_best(graph, layers, others)
    if others.rows and not matched:
        raise _nothing_in_common(graph)
    pairs = tuple(
        Pair(node, others.rows[matched[node.name]] if node.name in matched else None) for node in layers.nodes
    )
    spoken = set(matched.values())
    extra = tuple(row for place, row in enumerate(others.rows) if place not in spoken and not _goes_with(others, place))
    inputs = tuple(whole.rows[place] for place in places)
    return Alignment(pairs, inputs[: len(graph.inputs)], inputs[len(graph.inputs) :] + extra, remarks)


def _read_best(graph: Graph, layers: Layers, rows: Rows) -> tuple[Rows, dict[str, int], tuple[str, ...]]:
    """Return the rows in the order in which they fit best, which of them speaks of which layer, and what is said of it.

    That is the order of the spec unless another one fits clearly better, or wholly: from the bottom up, or as Keras
    lists layers.
    """
    usual: Sequence[int] = range(len(layers.nodes))
    scores = fits(layers, rows)
    score, matches = best(scores)
    names = [node.name for node in layers.nodes]
    found: tuple[Rows, dict[str, int], tuple[str, ...]]
    found = rows, {names[index]: place for index, place in matches.items()}, ()
    most = _most(layers, rows)
    if score >= most:
        return found
    turned = rows.kept(range(len(rows.rows))[::-1])
    orders = [(usual, turned, ("the rows were read from the bottom up",))]
    if (listed := by_depth(graph)) != list(usual):
        orders.append((listed, rows, ("the rows were read in the order in which Keras lists layers",)))
    for order, other, remarks in orders:
        places = range(len(rows.rows)) if other is rows else range(len(rows.rows))[::-1]
        other_score, matches = best([[scores[index][place] for place in places] for index in order])
        if other_score >= score + CLEARLY or other_score >= most > score:
            score = other_score
            found = other, {names[order[index]]: place for index, place in matches.items()}, remarks
    return found


def _most(layers: Layers, rows: Rows) -> int:
    """Return the score of rows of which every one is right for a layer of its kind."""
    columns = {column for answers in layers.answers for column in answers}
    return sum(KIND + CELL * sum(1 for column in columns if values.get(column)) for values in rows.values)


def by_depth(graph: Graph) -> list[int]:
    """Return the places of the layers in the order in which Keras lists them: by their distance to the output.

    Those of one distance come in the order in which a walk from the outputs meets them (`map_graph_network`).
    """
    depths = dict.fromkeys((node.name for node in graph.nodes), 0)
    for node in reversed(graph.nodes):
        for name in node.inputs:
            if name in depths:
                depths[name] = max(depths[name], depths[node.name] + 1)
    inputs = {node.name: node.inputs for node in graph.nodes}
    met: dict[str, int] = {}
    waiting = list(reversed(graph.outputs))
    while waiting:
        name = waiting.pop()
        if name in inputs and name not in met:
            met[name] = len(met)
            waiting += reversed(inputs[name])
    names = [node.name for node in graph.nodes]
    return sorted(range(len(names)), key=lambda place: (-depths[names[place]], met.get(names[place], 0)))


def _parted(rows: Sequence[StudentRow]) -> tuple[StudentRow, ...]:
    """Return the rows, one for two layers as two: numbers are those of the first, the shape that of the last."""
    found: list[StudentRow] = []
    for row in rows:
        parts = parts_of(row.label)
        if len(parts) < 2:
            found.append(row)
            continue
        learned = {column: text for column, text in row.cells.items() if column not in _OF_THE_OUTPUT}
        found.append(StudentRow(parts[0], learned, row.line))
        found += [StudentRow(part, {}, row.line) for part in parts[1:-1]]
        shown = {column: text for column, text in row.cells.items() if column in _OF_THE_OUTPUT}
        found.append(StudentRow(parts[-1], shown, row.line))
    return tuple(found)


_OF_THE_OUTPUT: Final = (SHAPE.name, SIZE.name)


def _inputs(graph: Graph, whole: Rows, names: set[str]) -> list[int]:
    """Return the places of the rows that speak of inputs: they say so, or come first and have their shapes."""
    places: list[int] = []
    shapes = [entry.shape for entry in graph.inputs]
    first = graph.nodes[0].shape if graph.nodes else ()
    for place, label in enumerate(whole.labels):
        given = whole.values[place].get(SHAPE.name)
        is_first = place == len(places) < len(shapes) and not label.is_sure and label.plain not in names
        if (label.is_input and label.plain not in names) or (is_first and given == shapes[place] != first):
            places.append(place)
    return places


def _goes_with(rows: Rows, place: int) -> bool:
    """Tell whether a row that speaks of no layer is the activation of the one above, which changes no number."""
    label, values = rows.labels[place], rows.values[place]
    if not label.is_sure or not label.is_function or not place:
        return False
    above = rows.values[place - 1]
    return all(
        value == above.get(column, value) if column in _OF_THE_OUTPUT else not value for column, value in values.items()
    )


def _nothing_in_common(graph: Graph) -> CnnspecError:
    return CnnspecError.one(
        "E407",
        f"no row of the table speaks of a layer of `{graph.name}`",
        notes=(f"its layers: {', '.join(node.name for node in graph.nodes[:20])}",),
        help="name the rows like the layers, or by their kind: CONV1, POOL1, FC3",
    )


def _too_large(table: StudentTable) -> CnnspecError:
    return CnnspecError.one("E403", f"the table has {len(table.rows):,} rows, too many for this network")
