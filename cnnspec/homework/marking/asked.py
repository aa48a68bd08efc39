"""What is asked of a table: which cells earn points, so that every student of a class can earn as many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from cnnspec.analysis.measure import Row, Summary, quantities_of
from cnnspec.analysis.quantities import PARAMS, QUANTITIES, WEIGHTS, Quantity, marked
from cnnspec.errors import listing
from cnnspec.homework.tables.cells import Answer
from cnnspec.ir.role import Role

TOTAL: Final = "total"
"""The row of sums, which is no layer."""
Cells = Mapping[tuple[str, str], Answer]
"""Right answers by layer and column, in the order in which one computes them."""


class Conventions(NamedTuple):
    """How a course counts: what a batch normalization stores is or is not a parameter, and so are biases.

    Rounded numbers, and shapes whose channels stand first, are right or not.
    """

    stored: bool = True
    biases: bool = True
    rounding: bool = False
    channels_first: bool = True


USUAL: Final = Conventions()


class Asked(NamedTuple):
    """The columns and the cells that are asked for."""

    columns: tuple[str, ...]
    cells: Cells

    def __str__(self) -> str:
        titles = listing(QUANTITIES[column].title.lower() for column in self.columns)
        rows = listing(dict.fromkeys(layer for layer, _ in self.cells))
        return f"asked: {titles} of {rows} ({len(self.cells)} cells)"


def usual_rows(summary: Summary) -> frozenset[str]:
    """Return the layers whose rows no table may lack: all but flatten, activations and their like."""
    return frozenset(node.name for node in summary.graph.nodes if not node.layer.optional and not node.shared)


def ask(
    summary: Summary,
    columns: tuple[str, ...],
    rows: frozenset[str] | None = None,
    conventions: Conventions = USUAL,
) -> Asked:
    """Return what is asked in some columns of some rows: layers, inputs or the row of sums.

    >>> from cnnspec import load, summarize
    >>> len(ask(summarize(load("lenet5-rgb")), ("shape", "params")).cells)
    14
    """
    kept = usual_rows(summary) if rows is None else rows
    quantities = counted_so({column: marked()[column] for column in marked() if column in columns}, conventions)
    found = {key: answer for key, answer in _answers(summary, quantities) if key[0] in kept}
    return Asked(tuple(quantities), found)


def _answers(summary: Summary, quantities: Mapping[str, Quantity]) -> Iterator[tuple[tuple[str, str], Answer]]:
    for entry in summary.inputs:
        for column, quantity in quantities.items():
            if answer := quantity.of_input(entry.shape):
                yield (entry.name, column), answer
    for row in summary.rows:
        for column, quantity in quantities.items():
            if not quantity.unknown_in(row):
                yield (row.name, column), quantity.value(row)
    for column, quantity in quantities.items():
        if quantity.summable and quantity.is_known(summary.rows):
            yield (TOTAL, column), quantity.total_of(summary)


def counted_so(quantities: Mapping[str, Quantity], conventions: Conventions) -> dict[str, Quantity]:
    """Return the quantities as a course counts them."""
    return {
        column: _counted(quantity, conventions) if quantity.name == PARAMS.name else quantity
        for column, quantity in quantities.items()
    }


def _counted(quantity: Quantity, conventions: Conventions) -> Quantity:
    if conventions.stored and conventions.biases:
        return quantity

    def value(row: Row) -> int:
        return row.params - sum(_left_out(row, conventions).values())

    meaning, prompt = quantity.meaning, quantity.prompt
    if not conventions.biases:
        meaning, prompt = "The parameters are all weights, without biases.", WEIGHTS.prompt
    if not conventions.stored:
        meaning += " Of a batch normalization, what it learns is counted: 2·C."
    total = lambda summary: sum(map(value, summary.rows))  # noqa: E731 - a field
    return quantity._replace(value=value, total=total, meaning=meaning, prompt=prompt)


def _left_out(row: Row, conventions: Conventions) -> dict[str, int]:
    """Return what a course does not count among the parameters of a layer, by what it is called."""
    biases = {} if conventions.biases or not row.biases else {"biases": row.biases}
    stored = 0 if conventions.stored else stored_by(row)
    return biases | ({"what is stored": stored} if stored else {})


def reckoning(row: Row, conventions: Conventions) -> str:
    """Return how the parameters of a layer come about where a course leaves some out, else nothing.

    >>> from cnnspec import load, summarize
    >>> reckoning(summarize(load("lenet5-rgb"))["conv1"], Conventions(biases=False))
    'parameters less biases = 608 − 8 = 600'
    """
    without = _left_out(row, conventions)
    if not without:
        return ""
    numbers = " − ".join(f"{number:,}" for number in (row.params, *without.values()))
    return f"parameters less {' and '.join(without)} = {numbers} = {row.params - sum(without.values()):,}"


def stored_by(row: Row) -> int:
    """Return how many numbers a normalization stores without learning them."""
    if row.node.layer.role is not Role.NORM or row.node.shared:
        return 0
    return quantities_of(row.node.layer, row.node.input_shapes).non_trainable.value
