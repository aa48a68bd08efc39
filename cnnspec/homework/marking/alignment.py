"""Which row of a homework table speaks of which layer: by name, kind and order."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from cnnspec.errors import CnnspecError
from cnnspec.homework.tables.student_table import StudentRow, StudentTable
from cnnspec.ir.graph import Graph, Node

ACTIVATIONS: Final = frozenset(
    {"activation", "linear", "relu", "relu6", "leaky_relu", "prelu", "elu", "selu", "gelu", "silu", "hard_silu"}
    | {"sigmoid", "hard_sigmoid", "tanh", "softplus", "softsign", "mish", "exponential", "softmax"}
)
OPTIONAL: Final = ACTIVATIONS - {"prelu"} | {
    "flatten",
    "reshape",
    "identity",
    "dropout",
    "spatial_dropout",
    "pad",
    "permute",
    "rescale",
}
"""Kinds that a course may leave out of its table."""
LARGEST: Final = 4_000_000

_FAMILIES: Final = (
    ("upconv", r"up ?conv|deconv|conv\w*transpose|transposed"),
    ("dwconv", r"depthwise|dw ?conv"),
    ("sepconv", r"separable|sep ?conv"),
    ("gap", r"global[\s_-]?(average|avg)|gap\b"),
    ("gmp", r"global[\s_-]?max|gmp\b"),
    ("avgpool", r"av(era)?ge?[\s_-]?pool"),
    ("maxpool", r"max[\s_-]?pool"),
    ("pool", r"(sub)?sampl|pool"),
    ("bn", r"batch ?_?norm|bn\b|bn\d"),
    ("dropout", r"drop"),
    ("flatten", r"flatten|unroll"),
    ("input", r"^\W*(the )?(input|image)"),
    ("conv", r"conv|^c\d"),
    ("dense", r"dense|fully|fc|linear|output|affine"),
    ("softmax", r"softmax"),
    ("activation", r"activation|relu|[ges]elu|silu|swish|sigmoid|tanh|mish"),
    ("add", r"add|residual|skip"),
    ("concat", r"concat|merge"),
)
_MEMBERS: Final = {
    "pool": {"maxpool", "avgpool"},
    "softmax": {"softmax", "dense"},
    "dense": {"dense"},
    "dropout": {"dropout", "spatial_dropout"},
    "activation": OPTIONAL
    - {"flatten", "reshape", "identity", "dropout", "spatial_dropout", "pad", "permute", "softmax"},
    "flatten": {"flatten", "reshape"},
}


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
    names = {_plain(node.name) for node in graph.nodes}
    is_input = [_family(row.label) == "input" and _plain(row.label) not in names for row in table.rows]
    inputs = tuple(row for row, found in zip(table.rows, is_input, strict=True) if found)
    rows = [row for row, found in zip(table.rows, is_input, strict=True) if not found]
    nodes = list(graph.nodes)
    if len(rows) * len(nodes) > LARGEST:
        raise _too_large(table)
    matches = _best(nodes, rows)
    if rows and not matches:
        raise _nothing_in_common(graph)
    pairs = tuple(Pair(node, rows[matches[index]] if index in matches else None) for index, node in enumerate(nodes))
    spoken = set(matches.values())
    extra = tuple(row for index, row in enumerate(rows) if index not in spoken)
    return Alignment(pairs, inputs[: len(graph.inputs)], inputs[len(graph.inputs) :] + extra)


def _best(nodes: list[Node], rows: list[StudentRow]) -> dict[int, int]:
    """Return the alignment of the largest score, by dynamic programming over both sequences."""
    families = [_family(row.label) for row in rows]
    plain = [_plain(row.label) for row in rows]
    scores = [[0] * (len(rows) + 1) for _ in range(len(nodes) + 1)]
    names = [_plain(node.name) for node in nodes]
    both_scores = [
        [_score(node, name == label, family) for label, family in zip(plain, families, strict=True)]
        for node, name in zip(nodes, names, strict=True)
    ]
    for i in range(len(nodes) - 1, -1, -1):
        for j in range(len(rows) - 1, -1, -1):
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


def _score(node: Node, is_name: bool, family: str | None) -> int:  # noqa: FBT001 - one of three facts
    """Return how well a row's label fits a layer: 0 for not at all."""
    if is_name:
        return 12
    if family is None:
        return 1 if node.kind not in OPTIONAL else 0
    if node.kind not in _MEMBERS.get(family, {family}):
        return 0
    if family == "softmax" and node.kind == "dense":
        return 6 if getattr(node.layer, "activation", "") == "softmax" else 1
    return 4


def _family(label: str) -> str | None:
    text = re.sub(r"\([^)]*\)", "", label[:80].lower())
    return next((family for family, pattern in _FAMILIES if re.search(pattern, text)), None)


def _plain(label: str) -> str:
    """Return a label without what stands in parentheses, and without case, spaces and signs."""
    return re.sub(r"[^a-z0-9]", "", re.sub(r"\([^)]*\)", "", label[:80].lower()))


def _nothing_in_common(graph: Graph) -> CnnspecError:
    return CnnspecError.one(
        "E407",
        f"no row of the table speaks of a layer of `{graph.name}`",
        notes=(f"its layers: {', '.join(node.name for node in graph.nodes[:20])}",),
        help="name the rows like the layers, or by their kind: CONV1, POOL1, FC3",
    )


def _too_large(table: StudentTable) -> CnnspecError:
    return CnnspecError.one("E403", f"the table has {len(table.rows):,} rows, too many for this network")
