"""The library's verbs: a measured table that shows and writes itself, derivations as text, mistakes as a list."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from cnnspec.analysis import measure
from cnnspec.analysis.counting import KERAS, counting
from cnnspec.analysis.measure import Summary
from cnnspec.errors import Diagnostic, SpecError, UsageError, listing, shorten, suggest
from cnnspec.ir.graph import Graph

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console, ConsoleOptions, RenderableType

    from cnnspec.drawing.drawing import Drawing
    from cnnspec.networks import Inputs


class Row(measure.Row):
    """One layer of a table: its exact numbers, and how each of them comes about."""

    __slots__ = ()

    @property
    def receptive_field(self) -> tuple[float, ...] | None:
        """The extent of what an output element sees, in input pixels along each axis; None where it is unknown."""
        return self._along_axes("receptive_field")

    @property
    def jump(self) -> tuple[float, ...] | None:
        """How many input pixels lie between neighbouring output elements, along each axis; None where unknown."""
        return self._along_axes("jump")

    @property
    def start(self) -> tuple[float, ...] | None:
        """The centre of what the first output element sees, in input pixels along each axis; None where unknown."""
        return self._along_axes("start")

    @property
    def weight_bytes(self) -> int:
        """Bytes of the parameters."""
        return self._memory("weight_bytes")

    @property
    def live_bytes(self) -> int:
        """Bytes of all activations that are in memory while this layer is computed, in the order of the file."""
        return self._memory("memory")

    @property
    def kept_bytes(self) -> int:
        """Bytes of the output that training keeps for the way back."""
        return self._memory("kept_bytes")

    def _memory(self, name: str) -> int:
        from cnnspec.analysis.quantities import QUANTITIES

        value = QUANTITIES[name].value(self)
        return value if isinstance(value, int) else 0

    def _along_axes(self, name: str) -> tuple[float, ...] | None:
        from cnnspec.analysis.quantities import PLACES

        place = PLACES[name]
        return None if place.unknown(self.view) else tuple(map(place.value, self.view.axes or ()))

    def explain(self) -> str:
        """Return the derivation of every number, as `cnnspec explain` prints it; a notebook sets its formulas."""
        from cnnspec.pages.notebook import derivations

        return derivations([self])

    def formula(self, quantity: str) -> str:
        """Return how one number comes about: formula, numbers put in, result; `quantity` is a column or a key of JSON.

        >>> from cnnspec import load
        >>> summarize(load("lenet5-rgb"))["conv1"].formula("params")
        '(F·F·C + 1)·K = (5·5·3 + 1)·8 = 608'
        """
        from cnnspec.analysis.quantities import QUANTITIES
        from cnnspec.explaining.derivation import formula

        for name, found in QUANTITIES.items():
            if quantity in (name, found.key):
                return formula(self, found)
        notes = (f"quantities are {listing(QUANTITIES)}",)
        raise UsageError.one(
            "E701", f"unknown quantity `{shorten(quantity)}`", notes=notes, help=suggest(str(quantity), QUANTITIES)
        )


class Table(Summary):
    """A measured network: rows with exact integers, totals, and how it looks in a notebook or a rich console."""

    __slots__ = ()
    row: ClassVar[type[Row]] = Row
    rows: tuple[Row, ...]

    if TYPE_CHECKING:  # the rows are of this class

        def __iter__(self) -> Iterator[Row]: ...
        def __getitem__(self, key: str | int) -> Row: ...

    def __str__(self) -> str:
        from cnnspec.reports.table import render

        return render(self)

    def __repr__(self) -> str:
        totals = self.totals
        return (
            f"<cnnspec.Table {self.name}: {totals.layers} layers, {totals.params:,} parameters, {totals.macs:,} MACs>"
        )

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        from cnnspec.reports.table import renderable

        yield renderable(self, options.max_width)

    def _repr_html_(self) -> str:
        from cnnspec.pages.notebook import table

        return table(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        texts = {"text/plain": str(self), "text/html": self._repr_html_()}
        return texts | {"text/markdown": self.to_markdown(), "text/latex": self.to_latex()}

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as plain data, as `to_json` writes it."""
        document: dict[str, Any] = json.loads(self.to_json())
        return document

    def to_json(self) -> str:
        """Return all numbers with their formulas as JSON: the contract of docs/json.md."""
        from cnnspec.reports.json import render

        return render(self)

    def to_csv(self, *, columns: Sequence[str] | None = None, depth: int | None = None) -> str:
        """Return the table as comma-separated values; `columns` and `depth` are the command's."""
        from cnnspec.reports.csv import render

        return render(self, columns=columns, depth=depth)

    def to_markdown(self, *, columns: Sequence[str] | None = None, depth: int | None = None) -> str:
        """Return the table as Markdown."""
        from cnnspec.reports.markdown import render

        return render(self, columns=columns, depth=depth)

    def to_latex(self, *, columns: Sequence[str] | None = None, depth: int | None = None) -> str:
        """Return the table as a tabular of LaTeX, for which the document needs the package booktabs."""
        from cnnspec.reports.latex import tabular

        return tabular(self, columns=columns, depth=depth)

    def to_html(self, *, columns: Sequence[str] | None = None, depth: int | None = None) -> str:
        """Return the table as an element of HTML, for a page of one's own."""
        from cnnspec.reports.html import element

        return element(self, columns=columns, depth=depth)


def summarize(
    graph: Graph,
    *,
    batch: int = 1,
    dtype: str = "float32",
    convention: str = "",
    params: str = KERAS,
    memory: bool = False,
    in_place: bool = False,
    optimizer: str = "",
) -> Table:
    """Return the numbers of every layer and their totals; bytes count `batch` samples of `dtype`.

    `operations` are counted as by a `convention`, such as `thop`, and `params` as by `keras` or `torch`. With
    `memory` bytes are shown: of activations that are live, `in_place` where activation functions and batch norms
    overwrite their input, and of a training with an `optimizer`.

    >>> from cnnspec import load
    >>> summarize(load("lenet5")).totals.params
    664086
    """
    how = None
    if memory or in_place or optimizer:
        from cnnspec.analysis.training_memory import how as kept

        how = kept(memory=memory, in_place=in_place, optimizer=optimizer)
    return Table.of(graph, batch=batch, dtype=dtype, counting=counting(convention, params), memory=how)


def explain(
    graph: Graph,
    name: str | None = None,
    *,
    batch: int = 1,
    dtype: str = "float32",
    convention: str = "",
    params: str = KERAS,
    memory: bool = False,
    in_place: bool = False,
    optimizer: str = "",
) -> str:
    """Return the derivation of every number of one layer, or of all layers; raise NoLayerError for an unknown name.

    The options are those of `summarize`; with `memory`, that of the whole network stands behind all layers.

    >>> from cnnspec import load
    >>> print(explain(load("lenet5-rgb"), "fc3").splitlines()[7])
      parameters        (N_in + 1)·N_out = (400 + 1)·120 = 48,120
    """
    table = summarize(
        graph,
        batch=batch,
        dtype=dtype,
        convention=convention,
        params=params,
        memory=memory,
        in_place=in_place,
        optimizer=optimizer,
    )
    from cnnspec.pages.notebook import derivations

    return derivations(table) if name is None else derivations([table[name]])


def draw(
    graph: Graph,
    *,
    style: str | None = None,
    depth: int | None = None,
    select: Sequence[str] = (),
    columns: Sequence[str] | None = None,
) -> Drawing:
    """Return a network's drawing, which a notebook shows; the options are those of the command.

    >>> from cnnspec import load
    >>> draw(load("lenet5-rgb"), style="graph")
    <cnnspec.Drawing lenet5-rgb: graph, 711×305>
    """
    from cnnspec.drawing import drawing

    names = [select] if isinstance(select, str) else select
    return drawing.draw(measure.measure(graph), style=style, depth=depth, names=names, columns=columns)


def import_model(model: str | Path, *, inputs: Inputs | None = None, partial: bool = False) -> Graph:
    """Return the graph of a model file of a framework, which is read without the framework.

    Raises CnnspecError with everything that is not known. `inputs` gives shapes as for `load`, `partial` makes opaque
    layers of those that no kind describes.
    """
    from cnnspec.importing.opening import open_model
    from cnnspec.networks import shapes_of

    return open_model(str(model), shapes_of(inputs), partial=partial).graph


def to_spec(graph: Graph, *, flat: bool = False) -> str:
    r"""Return the text of a spec that gives a network: folded, or `flat` with one item and one name per layer.

    >>> from cnnspec import loads
    >>> print(to_spec(loads("name: tiny\ninput: 8x8x1\nlayers: [conv: 4 3x3, bn, relu]")))
    name: tiny
    input: 8x8x1
    layers:
      - conv: 4 3x3 bn relu
    <BLANKLINE>
    """
    from cnnspec.importing.spec import write_spec

    return write_spec(graph, flat=flat)


def validate(
    text: str, name: str = "<text>", *, inputs: Inputs | None = None, params: Mapping[str, object] | None = None
) -> list[Diagnostic]:
    r"""Return everything that is wrong with a spec, or what is hardly meant by one without mistakes.

    The `severity` of a mistake is `error`, that of a note `warning`; an empty list means that nothing is to be said.

    >>> [fault.message for fault in validate("input: 8x8x1\nlayers: [conv: 4 3x3 smae]")]
    ['`conv` takes no `smae`']
    """
    from cnnspec.analysis.advice import advice
    from cnnspec.analysis.budgets import check
    from cnnspec.networks import loads

    try:
        graph = loads(text, name, inputs=inputs, params=params)
    except SpecError as error:
        return list(error.diagnostics)
    summary = measure.measure(graph)
    return [*check(summary), *advice(summary)]
