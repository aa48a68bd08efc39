"""How well rows of a homework table fit layers, and which pairs fit best together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from cnnspec.analysis.quantities import SHAPE
from cnnspec.homework.marking.labels import Label, read_labels
from cnnspec.homework.tables.cells import Answer, Number, UnreadableError, is_blank, read_number, read_shape, same_shape
from cnnspec.homework.tables.student_table import StudentRow, StudentTable
from cnnspec.ir.graph import Node
from cnnspec.ir.role import Role

NAME, KIND, CLASSIFIER, POSSIBLE = 12, 4, 6, 1
"""How much a label counts that is the layer's name, one of its kind, that of its activation, or one of any kind."""
CELL: Final = 3
"""How much a cell counts that is right for a layer, and hardly for another one."""


class Rows(NamedTuple):
    """Rows in an order, with what their labels and cells say."""

    rows: tuple[StudentRow, ...]
    labels: tuple[Label, ...]
    values: tuple[Mapping[str, Answer], ...]

    def kept(self, places: Sequence[int]) -> Rows:
        """Return some rows, in the order of their places."""
        rows, labels, values = self
        return Rows(
            tuple(rows[place] for place in places),
            tuple(labels[place] for place in places),
            tuple(values[place] for place in places),
        )


class Layers(NamedTuple):
    """The layers of a network, with the names by which rows mean them and their right answers."""

    nodes: tuple[Node, ...]
    names: tuple[str, ...]
    answers: tuple[Mapping[str, Answer], ...]


def read_rows(rows: tuple[StudentRow, ...], table: StudentTable) -> Rows:
    """Return rows with what their labels and cells say."""
    labels = tuple(read_labels(row.label for row in rows))
    return Rows(rows, labels, tuple(_values(row, table) for row in rows))


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


def best(fitting: list[list[int]]) -> tuple[int, dict[int, int]]:
    """Return the largest score of an alignment and its pairs, by dynamic programming over layers and rows.

    `fitting` says how well every row fits every layer, both in the order that is kept.
    """
    width = len(fitting[0]) if fitting else 0
    scores = [[0] * (width + 1) for _ in range(len(fitting) + 1)]
    for i in range(len(fitting) - 1, -1, -1):
        for j in range(width - 1, -1, -1):
            both = fitting[i][j]
            taken = both + scores[i + 1][j + 1] if both else 0
            scores[i][j] = max(taken, scores[i + 1][j], scores[i][j + 1])
    return scores[0][0], _path(fitting, scores)


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


def fits(layers: Layers, rows: Rows) -> list[list[int]]:
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


def _says_dense(label: Label, layers: Layers) -> bool:
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
