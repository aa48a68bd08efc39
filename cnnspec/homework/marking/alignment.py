"""Which row of a homework table speaks of which layer: by name, kind and order."""

from __future__ import annotations

from typing import Final, NamedTuple

from cnnspec.errors import CnnspecError
from cnnspec.homework.marking.labels import Label, plain_name, read_labels
from cnnspec.homework.tables.student_table import StudentRow, StudentTable
from cnnspec.ir.graph import Graph, Node
from cnnspec.ir.role import Role

LARGEST: Final = 4_000_000


class Pair(NamedTuple):
    """A layer (None for an input) with the row that speaks of it, if there is one."""

    node: Node
    row: StudentRow | None


class Alignment(NamedTuple):
    """The layers of a network with their rows, and rows that speak of no layer."""

    pairs: tuple[Pair, ...]
    inputs: tuple[StudentRow, ...]
    extra: tuple[StudentRow, ...]


def align(graph: Graph, table: StudentTable) -> Alignment:
    """Return which row speaks of which layer; raise CnnspecError where the table has nothing in common with it.

    The order of rows and layers is kept; names weigh most, kinds next. A layer of an optional kind may lack a row.
    """
    names = {plain_name(node.name) for node in graph.nodes}
    labels = read_labels(row.label for row in table.rows)
    is_input = [label.is_input and label.plain not in names for label in labels]
    inputs = tuple(row for row, found in zip(table.rows, is_input, strict=True) if found)
    rows = [row for row, found in zip(table.rows, is_input, strict=True) if not found]
    labels = [label for label, found in zip(labels, is_input, strict=True) if not found]
    nodes = list(graph.nodes)
    if len(rows) * len(nodes) > LARGEST:
        raise _too_large(table)
    matches = _best(nodes, labels)
    if rows and not matches:
        raise _nothing_in_common(graph)
    pairs = tuple(Pair(node, rows[matches[index]] if index in matches else None) for index, node in enumerate(nodes))
    spoken = set(matches.values())
    extra = tuple(row for index, row in enumerate(rows) if index not in spoken)
    return Alignment(pairs, inputs[: len(graph.inputs)], inputs[len(graph.inputs) :] + extra)


def _best(nodes: list[Node], labels: list[Label]) -> dict[int, int]:
    """Return the alignment of the largest score, by dynamic programming over both sequences."""
    scores = [[0] * (len(labels) + 1) for _ in range(len(nodes) + 1)]
    names = [plain_name(node.name) for node in nodes]
    both_scores = [[_score(node, name, label) for label in labels] for node, name in zip(nodes, names, strict=True)]
    for i in range(len(nodes) - 1, -1, -1):
        for j in range(len(labels) - 1, -1, -1):
            both = both_scores[i][j]
            taken = both + scores[i + 1][j + 1] if both else 0
            scores[i][j] = max(taken, scores[i + 1][j], scores[i][j + 1])
    return _path(both_scores, scores)


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


def _score(node: Node, name: str, label: Label) -> int:
    """Return how well a row's label fits a layer of a plain name: 0 for not at all."""
    layer = node.layer
    if name == label.plain:
        return 12
    if layer.kind in label.kinds:
        return 4
    if layer.role is Role.DENSE and label.ends_a_classifier:
        return 6 if layer.applied in label.kinds else 1
    return 0 if label.is_sure or layer.optional else 1


def _nothing_in_common(graph: Graph) -> CnnspecError:
    return CnnspecError.one(
        "E407",
        f"no row of the table speaks of a layer of `{graph.name}`",
        notes=(f"its layers: {', '.join(node.name for node in graph.nodes[:20])}",),
        help="name the rows like the layers, or by their kind: CONV1, POOL1, FC3",
    )


def _too_large(table: StudentTable) -> CnnspecError:
    return CnnspecError.one("E403", f"the table has {len(table.rows):,} rows, too many for this network")
