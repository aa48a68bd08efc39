"""Which row of a homework table speaks of which layer: by name, kind, order, and by what stands in its cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from cnnspec.analysis.measure import Summary
from cnnspec.analysis.quantities import SHAPE
from cnnspec.errors import CnnspecError
from cnnspec.homework.marking.labels import Label, parts_of, plain_name, read_labels
from cnnspec.homework.tables.cells import Answer, Number, UnreadableError, is_blank, read_number, read_shape, same_shape
from cnnspec.homework.tables.student_table import StudentRow, StudentTable
from cnnspec.ir.graph import Graph, Node
from cnnspec.ir.role import Role

LARGEST: Final = 4_000_000
NAME, KIND, CLASSIFIER, POSSIBLE = 12, 4, 6, 1
"""How much a label counts that is the layer's name, one of its kind, that of its activation, or one of any kind."""
CELL: Final = 3
"""How much a cell counts that is right for a layer, and hardly for another one."""
CLEARLY: Final = 12
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


class _Rows(NamedTuple):
    """Rows in an order, with what their labels and cells say."""

    rows: tuple[StudentRow, ...]
    labels: tuple[Label, ...]
    values: tuple[Mapping[str, Answer], ...]

    def kept(self, places: Sequence[int]) -> _Rows:
        """Return some rows, in the order of their places."""
        rows, labels, values = self
        return _Rows(
            tuple(rows[place] for place in places),
            tuple(labels[place] for place in places),
            tuple(values[place] for place in places),
        )


class _Layers(NamedTuple):
    """The layers of a network, with the names by which rows mean them and their right answers."""

    nodes: tuple[Node, ...]
    names: tuple[str, ...]
    answers: tuple[Mapping[str, Answer], ...]


def align(summary: Summary, table: StudentTable) -> Alignment:
    """Return which row speaks of which layer; raise CnnspecError where the table has nothing in common with it.

    The order of rows and layers is kept, or turned as a whole. Names weigh most, but those that a framework gives, or
    that count from 0, are no more than an order; right cells weigh as much together. A layer of an optional kind may
    lack a row.
    """
    graph = summary.graph
    layers = _Layers(
        tuple(graph.nodes),
        tuple(plain_name(node.name) for node in graph.nodes),
        tuple({column: quantity.value(row) for column, quantity in table.quantities.items()} for row in summary.rows),
    )
    whole = _read(_parted(table.rows), table)
    places = _inputs(graph, whole, set(layers.names))
    others = whole.kept([place for place in range(len(whole.rows)) if place not in places])
    if len(others.rows) * len(layers.nodes) > LARGEST:
        raise _too_large(table)
    score, matches = _best(layers, others)
    turned = others.kept(range(len(others.rows))[::-1])
    other_score, other_matches = _best(layers, turned)
    remarks: tuple[str, ...] = ()
    if other_score >= score + CLEARLY:
        others, matches = turned, other_matches
        remarks = ("the rows were read from the bottom up",)
    if others.rows and not matches:
        raise _nothing_in_common(graph)
    pairs = tuple(
        Pair(node, others.rows[matches[index]] if index in matches else None) for index, node in enumerate(layers.nodes)
    )
    spoken = set(matches.values())
    extra = tuple(row for place, row in enumerate(others.rows) if place not in spoken and not _goes_with(others, place))
    inputs = tuple(whole.rows[place] for place in places)
    return Alignment(pairs, inputs[: len(graph.inputs)], inputs[len(graph.inputs) :] + extra, remarks)


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


_OF_THE_OUTPUT: Final = ("shape", "size")


def _read(rows: tuple[StudentRow, ...], table: StudentTable) -> _Rows:
    labels = tuple(read_labels(row.label for row in rows))
    return _Rows(rows, labels, tuple(_values(row, table) for row in rows))


def _values(row: StudentRow, table: StudentTable) -> dict[str, Answer]:
    """Return what can be read in the cells of a row."""
    found: dict[str, Answer] = {}
    for column in table.quantities:
        text = row.cells.get(column, "")
        if is_blank(text):
            continue
        try:
            reading = read_shape(text) if column == SHAPE.name else read_number(text, table.scales.get(column, 1))
        except UnreadableError:
            continue
        found[column] = reading.value
    return found


def _inputs(graph: Graph, whole: _Rows, names: set[str]) -> list[int]:
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


def _best(layers: _Layers, rows: _Rows) -> tuple[int, dict[int, int]]:
    """Return the largest score of an alignment and its pairs, by dynamic programming over both sequences."""
    nodes, labels = layers.nodes, rows.labels
    scores = [[0] * (len(labels) + 1) for _ in range(len(nodes) + 1)]
    both_scores = _pair_scores(layers, rows)
    for i in range(len(nodes) - 1, -1, -1):
        for j in range(len(labels) - 1, -1, -1):
            both = both_scores[i][j]
            taken = both + scores[i + 1][j + 1] if both else 0
            scores[i][j] = max(taken, scores[i + 1][j], scores[i][j + 1])
    return scores[0][0], _path(both_scores, scores)


def _path(both_scores: list[list[int]], scores: list[list[int]]) -> dict[int, int]:
    """Return the pairs on the way of the largest score."""
    matches: dict[int, int] = {}
    i = j = 0
    while i < len(both_scores) and j < len(both_scores[i]):
        both = both_scores[i][j]
        if both and scores[i][j] == both + scores[i + 1][j + 1]:
            matches[i] = j
            i, j = i + 1, j + 1
        elif scores[i][j] == scores[i + 1][j]:
            i += 1
        else:
            j += 1
    return matches


def _pair_scores(layers: _Layers, rows: _Rows) -> list[list[int]]:
    """Return how well every row fits every layer: 0 for not at all."""
    counted = _counted(label.plain for label in rows.labels)
    missing = sum(node.layer.role is Role.DENSE for node in layers.nodes) - sum(
        _says_dense(label, layers) for label in rows.labels
    )
    scores = []
    for node, name in zip(layers.nodes, layers.names, strict=True):
        named = 0 if _base(name) in counted else NAME
        scores.append([_score(node, name, label, named, may_end=missing > 0) for label in rows.labels])
    for column in dict.fromkeys(column for answers in layers.answers for column in answers):
        _add_cells(scores, [answers[column] for answers in layers.answers], [v.get(column) for v in rows.values])
    return scores


def _add_cells(scores: list[list[int]], answers: list[Answer], given: list[Answer | None]) -> None:
    """Add what the cells of a column say: a right one counts, unless it is the 0 that many layers have."""
    places: dict[Answer, list[int]] = {}
    for index, answer in enumerate(answers):
        if answer:
            places.setdefault(answer, []).append(index)
    for place, value in enumerate(given):
        if value is None or not value:
            continue
        fitting = places.get(value, [])
        if isinstance(value, tuple) and not fitting:
            fitting = [i for answer, found in places.items() if _is_shape(value, answer) for i in found]
        for index in fitting:
            if scores[index][place]:
                scores[index][place] += CELL


def _is_shape(value: tuple[Number, ...], answer: Answer) -> bool:
    return isinstance(answer, tuple) and same_shape(value, tuple(map(int, answer))) is not None


def _score(node: Node, name: str, label: Label, named: int, *, may_end: bool) -> int:
    """Return how well a row's label fits a layer of a plain name: 0 for not at all."""
    layer = node.layer
    if name == label.plain and named:
        return named
    if layer.kind in label.kinds:
        return KIND
    if layer.role is Role.DENSE and label.ends_a_classifier:
        return (CLASSIFIER if layer.applied in label.kinds else POSSIBLE) if may_end else 0
    if name == label.plain:
        return KIND
    return 0 if label.is_sure or layer.optional else POSSIBLE


def _says_dense(label: Label, layers: _Layers) -> bool:
    """Tell whether a label means a dense layer by its own word, not by the function behind it."""
    dense = {node.kind for node in layers.nodes if node.layer.role is Role.DENSE}
    return bool(dense & label.kinds) and not label.ends_a_classifier


def _base(plain: str) -> str:
    return re.sub(r"\d+$", "", plain)


def _counted(plains: Iterable[str]) -> set[str]:
    """Return the bases of names that only count, from nothing or from 0: `dense`, `dense_1` and `conv0`, `conv1`."""
    numbers: dict[str, set[str]] = {}
    for plain in plains:
        base = _base(plain)
        numbers.setdefault(base, set()).add(plain.removeprefix(base))
    return {base for base, found in numbers.items() if base and ("" in found or "0" in found)}


def _goes_with(rows: _Rows, place: int) -> bool:
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
