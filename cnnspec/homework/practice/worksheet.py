"""Practice sheets: the table of a network or of a variant of it, with blank cells and the answers to them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final, NamedTuple

from cnnspec.analysis.folding import at_each_step
from cnnspec.analysis.measure import Row, Summary, measure
from cnnspec.analysis.quantities import PARAMS, QUANTITIES, SHAPE, SIZE, Quantity, Value
from cnnspec.errors import UsageError, listing, shorten
from cnnspec.homework.diagnosis.case import Case
from cnnspec.homework.diagnosis.distractors import Collision, cases, collisions
from cnnspec.homework.marking.asked import USUAL, Conventions, counted_so
from cnnspec.homework.marking.policy import STANDARD as STANDARD_MARKING
from cnnspec.homework.marking.policy import Marking
from cnnspec.homework.practice.variation import Bound, draw
from cnnspec.ir.graph import Input
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, compact
from cnnspec.language.tokens import short_form
from cnnspec.language.writer import write
from cnnspec.networks import loads

STANDARD: Final = (SHAPE.name, SIZE.name, PARAMS.name)
MOST_LAYERS: Final = 1000
SILENT: Final = (Role.ACTIVATION, Role.NOISE)
"""Layers that learn nothing and keep the shape: they get no row of their own."""


class Cell(NamedTuple):
    """One cell: its column, the right answer, whether it is left blank, and whether it is told instead of asked for.

    The sheet says of such a cell that it is given: marking takes it for no answer.
    """

    column: str
    answer: Value
    blank: bool = True
    told: bool = False


class Exercise(NamedTuple):
    """One row of a worksheet: a layer, or an input, with cells to fill in; an input has no `row` and no `case`."""

    label: str
    configuration: str
    note: str
    shape: Shape
    cells: tuple[Cell, ...]
    row: Row | None = None
    case: Case | None = None


class Plan(NamedTuple):
    """What a worksheet asks for: its columns, the share of the cells that is blank, and what varies by the seed.

    An assignment says which rows are `given`, how the course counts, and what a cell is worth. No number of a variant
    is larger than `most`.
    """

    columns: Sequence[str] = STANDARD
    blank: float = 1.0
    vary: Sequence[str] = ()
    seed: int = 1
    given: frozenset[str] = frozenset()
    conventions: Conventions = USUAL
    marking: Marking = STANDARD_MARKING
    most: int | None = None

    def largest(self, summary: Summary) -> int:
        """Return the largest number that a worksheet of a network would ask for."""
        values = (QUANTITIES[name].value(row) for row in summary.rows for name in self.columns)
        return max((value for value in values if isinstance(value, int)), default=0)


STANDARD_PLAN: Final = Plan()


class Worksheet(NamedTuple):
    """A worksheet with its answers; `spec` is the network as a text, `collisions` the slips it does not tell apart."""

    title: str
    student: str
    seed: int | None
    spec: str
    columns: tuple[str, ...]
    exercises: tuple[Exercise, ...]
    collisions: tuple[Collision, ...]
    conventions: Conventions = USUAL
    marking: Marking = STANDARD_MARKING

    def points(self, column: str, layer: str) -> int:
        """Return what a cell is worth."""
        return self.marking.points(column, layer) // self.marking.unit

    def quantity(self, column: str) -> Quantity:
        """Return what a column asks for, as the course counts."""
        return counted_so({column: QUANTITIES[column]}, self.conventions)[column]

    @property
    def has_notes(self) -> bool:
        """Whether a layer has a note."""
        return any(exercise.note for exercise in self.exercises)


def practice(summary: Summary, plan: Plan = STANDARD_PLAN, student: str = "") -> Worksheet:
    """Return the practice sheet of a network; raise UsageError where no variant can be drawn.

    >>> from cnnspec import load
    >>> practice(measure(load("lenet5-rgb"))).exercises[1].cells
    (Cell(column='shape', answer=(28, 28, 8), blank=True, told=False), Cell(column='size', answer=6272, blank=True, \
told=False), Cell(column='params', answer=608, blank=True, told=False))
    """
    if len(summary) > MOST_LAYERS:
        raise _too_large(summary)
    if unknown := [row.name for row in summary.rows if any(QUANTITIES[name].unknown_in(row) for name in plan.columns)]:
        raise _unknown(summary, unknown)
    bound = None if plan.most is None else Bound(plan.most, plan.largest)
    spec = write(draw(summary.graph, plan.vary, plan.seed, bound) if plan.vary else summary.graph)
    if plan.vary:
        summary = measure(loads(spec, summary.name))
    exercises = _partly([_given(each, plan) for each in _exercises(summary, tuple(plan.columns))], plan)
    drawn = plan.seed if plan.vary or plan.blank < 1 else None
    found = tuple(collisions(summary))
    return Worksheet(
        summary.name, student, drawn, spec, tuple(plan.columns), exercises, found, plan.conventions, plan.marking
    )


def _exercises(summary: Summary, columns: tuple[str, ...]) -> list[Exercise]:
    """Return an exercise per input and per layer with something to compute."""
    labels = _input_labels(summary.inputs)
    exercises = [_input_exercise(labels[entry.name], entry, columns) for entry in summary.inputs]
    shown: dict[str, str] = dict(labels)
    above = exercises[0].label
    by_layer = cases(summary)
    for row in summary.rows:
        if row.node.layer.role in SILENT and not row.params:
            shown[row.name] = shown[row.node.inputs[0]]
            continue
        sources = [shown[name] for name in row.node.inputs]
        exercises.append(_exercise(row, sources, above, columns)._replace(case=by_layer[row.name]))
        shown[row.name] = above = row.name
    return exercises


def _given(exercise: Exercise, plan: Plan) -> Exercise:
    """Return a row as an assignment has it: some are given whole, and numbers are as the course counts."""
    row = exercise.row
    if row is None:
        return exercise
    cells = exercise.cells
    if plan.conventions != USUAL:
        counted = counted_so({cell.column: QUANTITIES[cell.column] for cell in cells}, plan.conventions)
        cells = tuple(cell._replace(answer=counted[cell.column].value(row)) for cell in cells)
    if row.name in plan.given:
        cells = tuple(cell._replace(blank=False) for cell in cells)
    return exercise._replace(cells=cells)


def _input_labels(inputs: Sequence[Input]) -> dict[str, str]:
    """Return what the rows of inputs are called: marking knows them by the word."""
    if len(inputs) == 1:
        return {inputs[0].name: "input"}
    return {entry.name: f"input {number}" for number, entry in enumerate(inputs, 1)}


def _input_exercise(label: str, entry: Input, columns: tuple[str, ...]) -> Exercise:
    """Return the row of an input: all of it is given but what is to be computed, its size."""
    answers = ((name, QUANTITIES[name].of_input(entry.shape)) for name in columns)
    cells = tuple(Cell(name, answer, blank=isinstance(answer, int) and answer > 0) for name, answer in answers)
    name = "" if entry.name == label else f" ({entry.name})"
    return Exercise(label, f"{compact(entry.shape)}{name}", "", entry.shape, cells)


def _exercise(row: Row, sources: list[str], above: str, columns: tuple[str, ...]) -> Exercise:
    read = "" if sources == [above] else f"from {', '.join(sources)}"
    parts = (row.kind, short_form(row.node.layer), at_each_step(row.node), read)
    configuration = " ".join(part for part in parts if part)
    given = row.node.layer.role is Role.OPAQUE
    shown = [given and name != SIZE.name for name in columns]
    cells = tuple(
        Cell(name, QUANTITIES[name].value(row), blank=not told, told=told)
        for name, told in zip(columns, shown, strict=True)
    )
    return Exercise(row.name, configuration, row.node.note, row.shape, cells, row)


def _partly(exercises: list[Exercise], plan: Plan) -> tuple[Exercise, ...]:
    """Leave a share of the cells blank, which the seed chooses, and give the others."""
    places = [(i, j) for i, exercise in enumerate(exercises) for j, cell in enumerate(exercise.cells) if cell.blank]
    if plan.blank >= 1 or not places:
        return tuple(exercises)
    random = Random(plan.seed)  # noqa: S311 - a worksheet is no secret
    order = sorted((random.random(), place) for place in places)
    blank = {place for _, place in order[: max(1, round(plan.blank * len(places)))]}
    return tuple(
        exercise._replace(cells=tuple(_left(cell, blank=(i, j) in blank) for j, cell in enumerate(exercise.cells)))
        for i, exercise in enumerate(exercises)
    )


def _left(cell: Cell, *, blank: bool) -> Cell:
    """Return a cell as it is left: blank, or with what was to be computed told."""
    return cell._replace(blank=blank, told=cell.told or (cell.blank and not blank))


def _unknown(summary: Summary, names: list[str]) -> UsageError:
    return UsageError.one(
        "E414",
        f"`{shorten(summary.name)}` has numbers that are not known, which a practice sheet needs",
        notes=(f"they are those of {listing(names, 8)}",),
        help="give them with `params=` and `macs=`, or ask for other columns",
    )


def _too_large(summary: Summary) -> UsageError:
    return UsageError.one(
        "E413",
        f"`{shorten(summary.name)}` has {len(summary):,} layers, too many for a practice sheet",
        notes=(f"a sheet has at most {MOST_LAYERS:,}",),
        help="take a smaller network; `cnnspec list` shows the bundled ones",
    )
