"""What the layers of a network have together."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.ir.graph import Graph
from cnnspec.ir.number_types import BYTES

if TYPE_CHECKING:
    from cnnspec.analysis.measure import Row


class Totals(NamedTuple):
    """Sums over all nodes; the bytes count `batch` samples of `dtype`, the activations the inputs too, and no view."""

    params: int
    trainable_params: int
    non_trainable_params: int
    macs: int
    flops: int
    activation_size: int
    activation_bytes: int
    params_bytes: int
    layers: int


def counted(rows: Iterable[Row]) -> list[Row]:
    """Return the rows whose elements are their own: a view has those of the row above under another shape."""
    return [row for row in rows if not row.node.layer.is_view]


def add_up(graph: Graph, rows: list[Row], batch: int, dtype: str) -> Totals:
    """Return the sums over all rows."""
    params = sum([row.quantities.params.value for row in rows])
    stored = sum([row.quantities.non_trainable.value for row in rows])
    size = sum([prod(entry.shape) for entry in graph.inputs]) + sum(
        [row.quantities.activation_size.value for row in counted(rows)]
    )
    return Totals(
        params=params,
        trainable_params=params - stored,
        non_trainable_params=stored,
        macs=sum([row.quantities.macs.value for row in rows]),
        flops=sum([row.quantities.flops.value for row in rows]),
        activation_size=size,
        activation_bytes=size * batch * BYTES[dtype],
        params_bytes=params * BYTES[dtype],
        layers=len(rows),
    )
