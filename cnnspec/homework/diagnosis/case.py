"""What a cell is computed from, the formula that is right there, and the answer that a formula gives."""

from __future__ import annotations

from typing import NamedTuple

from cnnspec.analysis.measure import Quantities, counted_elsewhere, quantities_of
from cnnspec.formula import Term, unrounded
from cnnspec.homework.tables.cells import Answer, Number
from cnnspec.ir.layer import Layer
from cnnspec.ir.shapes import Shape, Tensor, tensor

Formula = tuple[Term, ...]
"""The formula of every axis of a shape, or the one of a number."""


class Case(NamedTuple):
    """What a student had to compute from: a layer, what enters and leaves it, the network's input.

    `shapes` may be the student's own earlier rows. `flattened` is the image that a flatten above turned into the
    layer's input, `averaged` the one that a global pooling did, `before_pool` the one before a pooling above, `above`
    the layer above with what enters it, `batch` the number that a student wrote in front of the shape, `shared` the
    layer that is applied again; all of them as far as there are such.
    """

    layer: Layer
    shapes: tuple[Shape, ...]
    shape: Shape
    image: Shape
    flattened: Shape = ()
    averaged: Shape = ()
    before_pool: Shape = ()
    above: tuple[Layer, tuple[Shape, ...]] | None = None
    batch: int | None = None
    shared: str = ""

    @property
    def x(self) -> Tensor:
        """What enters the layer, of several inputs the first, as traced dimensions."""
        return tensor(self.shapes[0])

    @property
    def y(self) -> Tensor:
        """What leaves the layer, as traced dimensions."""
        return tensor(self.shape, "′")

    @property
    def right(self) -> Quantities:
        """The right numbers of the layer, with their formulas."""
        found = quantities_of(self.layer, self.shapes)
        return counted_elsewhere(found, self.shared) if self.shared else found

    @property
    def kernel(self) -> tuple[int, ...]:
        """The size of the kernel per axis, nothing for a layer without one."""
        return getattr(self.layer, "kernel", ())

    @property
    def stride(self) -> tuple[int, ...]:
        """The stride per axis, 1 for a layer without one."""
        return getattr(self.layer, "stride", (1,))

    @property
    def padding(self) -> str | tuple[tuple[int, int], ...]:
        """The padding, an empty text for a layer without one."""
        return getattr(self.layer, "padding", "")

    @property
    def padded_rows(self) -> int:
        """How many rows an explicit padding adds before the first axis."""
        return 0 if isinstance(self.padding, str) else self.padding[0][0]


class Outcome(NamedTuple):
    """An answer with the formula that gives it."""

    answer: Answer
    formula: Formula

    @property
    def term(self) -> Term:
        """The formula, of a shape that of its first axis."""
        return self.formula[0]


def outcome(column: str, formula: Formula) -> Outcome:
    """Return the answer of a formula."""
    if column == "shape":
        return Outcome(tuple([_value(term) for term in formula]), formula)
    return Outcome(formula[0].value, formula)


def _value(term: Term) -> Number:
    """Return the value of a formula, a fraction where a quotient is left unrounded and does not come out even."""
    exact = unrounded(term) if _is_unrounded(term) else term.value
    return int(exact) if exact == int(exact) else exact


def _is_unrounded(term: Term) -> bool:
    return term.op == "quotient" or any(map(_is_unrounded, term.operands))
