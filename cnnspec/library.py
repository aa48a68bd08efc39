"""The library's verbs: a measured table that shows itself, and derivations as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cnnspec.analysis.explanation import explain as derive
from cnnspec.analysis.explanation import input_views
from cnnspec.analysis.measure import Summary, measure
from cnnspec.errors import SpecError, listing, shorten, suggest
from cnnspec.ir.graph import Graph

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType


class Table(Summary):
    """A measured network: rows with exact integers, totals, and how it looks in a notebook or a rich console."""

    __slots__ = ()

    def __str__(self) -> str:
        from cnnspec.reports.table import render  # noqa: PLC0415 - rich is imported when a table is shown

        return render(self)

    def __repr__(self) -> str:
        totals = self.totals
        return (
            f"<cnnspec.Table {self.name}: {totals.layers} layers, {totals.params:,} parameters, {totals.macs:,} MACs>"
        )

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        from cnnspec.reports.table import renderable  # noqa: PLC0415 - as above

        yield renderable(self, options.max_width)

    def _repr_html_(self) -> str:
        from cnnspec.reports.html import render  # noqa: PLC0415 - a notebook asks for it

        return render(self)


def summarize(graph: Graph, *, batch: int = 1, dtype: str = "float32") -> Table:
    """Return the numbers of every layer and their totals; bytes count `batch` samples of `dtype`.

    >>> from cnnspec import load
    >>> summarize(load("lenet5")).totals.params
    664086
    """
    summary = measure(graph, batch=batch, dtype=dtype)
    return Table(summary.graph, summary.rows, summary.totals, summary.batch, summary.dtype)


def explain(graph: Graph, name: str | None = None) -> str:
    """Return the derivation of every number of one layer, or of all layers; raise SpecError for an unknown name.

    >>> from cnnspec import load
    >>> print(explain(load("lenet5-rgb"), "fc3").splitlines()[6])
      parameters        (N_in + 1)·N_out = (400 + 1)·120 = 48,120
    """
    from cnnspec.reports.derivation import render  # noqa: PLC0415 - only derivations need it

    summary = measure(graph)
    rows = [row for row in summary.rows if name is None or row.name == name]
    if not rows:
        raise _no_layer(graph, name or "")
    views = input_views(summary.rows, {entry.name: entry.shape for entry in graph.inputs})
    return "\n".join(render(derive(row, views[row.node.inputs[0]])) for row in rows)


def _no_layer(graph: Graph, name: str) -> SpecError:
    names = [node.name for node in graph]
    more = ", …" if len(names) > 40 else ""
    return SpecError.one(
        "E201",
        f"`{graph.name}` has no layer `{shorten(name)}`",
        notes=(f"its layers: {listing(names[:40])}{more}",),
        help=suggest(name, names),
    )
