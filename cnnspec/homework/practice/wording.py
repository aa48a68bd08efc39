"""What all worksheets say: titles, instructions, cells as text, and how the right answers come about."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from typing import Final, NamedTuple

from cnnspec.analysis.explanation import Step, derivation, explain
from cnnspec.analysis.quantities import PARAMS, QUANTITIES, SHAPE, SIZE
from cnnspec.errors import shorten
from cnnspec.explaining.derivation import equation
from cnnspec.homework.marking.asked import reckoning
from cnnspec.homework.marking.marks import show_answer
from cnnspec.homework.practice.worksheet import Cell, Exercise, Worksheet
from cnnspec.homework.tables.student_table import GIVEN
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import tensor

LONGEST: Final = 300
LEGEND: Final = (
    "In `conv 8 5x5/2 same`, 8 is the number of filters, 5x5 the window, 2 the stride and `same` the padding; "
    "`valid` is none, `pad=1` a row or column added on every side."
)


class Solution(NamedTuple):
    """How the blank cells of one exercise are computed: the title of each column with its steps."""

    exercise: Exercise
    columns: tuple[tuple[str, tuple[Step, ...]], ...]


def heading(worksheet: Worksheet, *, key: bool) -> str:
    """Return the title of a worksheet or of its key."""
    return f"{'Answer key' if key else 'Practice sheet'}: {clean(worksheet.title)}"


def byline(worksheet: Worksheet, *, key: bool) -> str:
    """Return whose worksheet it is and which variant."""
    name = clean(worksheet.student) if worksheet.student else "" if key else "." * 40
    parts = [f"Name: {name}" if name else "", "" if worksheet.seed is None else f"Variant {worksheet.seed}"]
    return " · ".join(part for part in parts if part)


def instructions(worksheet: Worksheet) -> list[str]:
    """Return what a student must know to fill in the blank cells."""
    lines = [
        "Fill in the empty cells.",
        *filter(None, (worksheet.quantity(name).meaning for name in worksheet.columns)),
    ]
    if any(exercise.row and exercise.row.node.layer.role is Role.CONVOLUTION for exercise in worksheet.exercises):
        lines.append(LEGEND)
    return lines


def titles(worksheet: Worksheet) -> list[str]:
    """Return the titles of all columns."""
    note = ["Note"] if worksheet.has_notes else []
    return ["Layer", "Configuration", *(QUANTITIES[name].title for name in worksheet.columns), *note]


def cells(worksheet: Worksheet, exercise: Exercise, *, key: bool) -> list[str]:
    """Return an exercise's cells as text, the blank ones empty unless it is the key."""
    note = [clean(exercise.note)] if worksheet.has_notes else []
    answers = (text(cell, key=key) + told(cell) for cell in exercise.cells)
    return [exercise.label, exercise.configuration, *answers, *note]


def told(cell: Cell) -> str:
    """Return what stands behind a cell that the sheet tells, so that marking knows it for no answer."""
    return f" {GIVEN}" if cell.told else ""


def text(cell: Cell, *, key: bool) -> str:
    """Return what stands in a cell."""
    return "" if cell.blank and not key else show_answer(cell.answer)


def clean(given: str) -> str:
    """Return a text of a spec or a roster in one line, of bounded length and without control characters."""
    return shorten(" ".join(given.split()), LONGEST)


def solutions(worksheet: Worksheet) -> Iterator[Solution]:
    """Yield how the cells that were left blank are computed."""
    for exercise in worksheet.exercises:
        blank = (cell for cell in exercise.cells if cell.blank)
        found = tuple((QUANTITIES[cell.column].title, steps(worksheet, exercise, cell)) for cell in blank)
        if found:
            yield Solution(exercise, found)


def steps(worksheet: Worksheet, exercise: Exercise, cell: Cell) -> tuple[Step, ...]:
    """Return how a cell is computed."""
    if exercise.row is None:
        return (Step("", tensor(exercise.shape).size),)
    if cell.column == SHAPE.name:
        return tuple(takewhile(lambda step: step.quantity != SIZE.word, explain(exercise.row).steps))
    usual = derivation(QUANTITIES[cell.column], exercise.row)
    other = reckoning(exercise.row, worksheet.conventions) if cell.column == PARAMS.name else ""
    return (usual, Step("", text=other)) if other else (usual,)


def formula(step: Step) -> str:
    """Return one step as text: what it computes, the formula, the numbers put in, the result."""
    if step.term is None:
        result = step.text
    elif step.term.reason:
        result = f"{step.term.value}: {step.term.reason}"
    else:
        result = equation(step.term)
    return f"{step.quantity}: {result}" if step.quantity else result
