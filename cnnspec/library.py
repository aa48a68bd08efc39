"""The library's verbs: a measured table that shows itself, and derivations as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from cnnspec.analysis import measure
from cnnspec.analysis.measure import Summary
from cnnspec.ir.graph import Graph

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType


class Row(measure.Row):
    """One layer of a table: its exact numbers, and how each of them comes about."""

    __slots__ = ()

    def explain(self) -> str:
        """Return the derivation of every number, as `cnnspec explain` prints it."""
        from cnnspec.analysis.explanation import explain  # noqa: PLC0415 - only derivations need it
        from cnnspec.reports.derivation import render  # noqa: PLC0415 - as above

        return render(explain(self))


class Table(Summary):
    """A measured network: rows with exact integers, totals, and how it looks in a notebook or a rich console."""

    __slots__ = ()
    row: ClassVar[type[Row]] = Row
    rows: tuple[Row, ...]

    if TYPE_CHECKING:  # the rows are of this class

        def __iter__(self) -> Iterator[Row]: ...
        def __getitem__(self, key: str | int) -> Row: ...

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
    return Table.of(graph, batch=batch, dtype=dtype)


def explain(graph: Graph, name: str | None = None) -> str:
    """Return the derivation of every number of one layer, or of all layers; raise NoLayerError for an unknown name.

    >>> from cnnspec import load
    >>> print(explain(load("lenet5-rgb"), "fc3").splitlines()[6])
      parameters        (N_in + 1)·N_out = (400 + 1)·120 = 48,120
    """
    table = summarize(graph)
    return "\n".join(row.explain() for row in (table if name is None else [table[name]]))
