"""A worksheet as questions of a quiz: one per blank cell, with the wrong answers that slips give."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final, NamedTuple

from cnnspec.analysis.quantities import QUANTITIES
from cnnspec.homework.diagnosis.distractors import Distractor, distractors
from cnnspec.homework.practice import wording
from cnnspec.homework.practice.worksheet import Cell, Exercise, Worksheet
from cnnspec.homework.tables.cells import Answer, Number

NO_SEPARATORS: Final = "Write the number in digits only, without any separators: 1234567."
WRITE_SHAPE: Final = "Write the sizes with an x between them, channels last and without the batch, as in 9x8x7."
WRITE_LENGTH: Final = "Write the one size that the output has, without the batch."
NOT_RIGHT: Final = "Not right: check what goes into the layer, the formula, and the arithmetic."


class Question(NamedTuple):
    """One question: its name, what is asked, the right answer, the wrong ones, and how the right one comes about.

    `exercise` is the index of the row that it asks about, `points` what a right answer is worth.
    """

    name: str
    prompt: str
    answer: Answer
    wrong: tuple[Distractor, ...]
    solution: str
    exercise: int
    points: int = 1

    @property
    def is_shape(self) -> bool:
        """Whether a shape is asked for, not a number."""
        return isinstance(self.answer, tuple)

    @property
    def form(self) -> str:
        """How the answer is to be written."""
        if not isinstance(self.answer, tuple):
            return NO_SEPARATORS
        return WRITE_SHAPE if len(self.answer) > 1 else WRITE_LENGTH


def questions(worksheet: Worksheet) -> Iterator[Question]:
    """Yield a question per blank cell that is worth anything."""
    for index, exercise in enumerate(worksheet.exercises):
        for cell in exercise.cells:
            if cell.blank and worksheet.points(cell.column, exercise.label):
                yield _question(worksheet, exercise, cell, index)


def _question(worksheet: Worksheet, exercise: Exercise, cell: Cell, index: int) -> Question:
    case, conventions = exercise.case, worksheet.conventions
    wrong = distractors(cell.column, case, cell.answer, conventions) if case else []
    quantity = worksheet.quantity(cell.column)
    solution = "; ".join(map(wording.formula, wording.steps(worksheet, exercise, cell)))
    name = f"{exercise.label} {quantity.title.lower()}"
    prompt = quantity.prompt.format(exercise.label)
    points = worksheet.points(cell.column, exercise.label)
    return Question(name, prompt, cell.answer, tuple(wrong), solution, index, points)


def hints(wrong: Distractor) -> str:
    """Return what to tell a student whose answer these slips give; nobody knows which it was."""
    return " Or: ".join(slip.hint for slip in wrong.slips[:2])


def spellings(answer: Answer) -> list[str]:
    """Return the usual ways to write an answer, the preferred one first.

    >>> spellings((28, 28, 8))[:3]
    ['28x28x8', '28×28×8', '28 x 28 x 8']
    """
    if not isinstance(answer, tuple):
        return [_plain(answer)]
    sizes = [_plain(size) for size in answer]
    comma = ", ".join(sizes)
    if len(sizes) == 1:
        size = sizes[0]
        tuples = [f"({size}, 1)", f"({size},1)", f"(1, {size})", f"(1,{size})", f"{size}x1", f"1x{size}"]
        return [size, f"({size},)", f"({size})", f"[{size}]", *tuples, f"1x1x{size}", f"(1, 1, {size})"]
    tight = ",".join(sizes)
    times = [sign.join(sizes) for sign in ("x", "×", " x ", " × ")]
    return [*times, f"({comma})", f"({tight})", comma, tight, f"[{comma}]", f"[{tight}]"]


def common(answer: Answer) -> list[str]:
    """Return the few spellings of a wrong answer that are worth a hint of their own."""
    found = spellings(answer)
    return found if len(found) == 1 else [found[index] for index in (0, 1, 2, 4, 5, 6, 7) if index < len(found)]


def _plain(number: Number) -> str:
    return str(number) if isinstance(number, int) else f"{float(number):g}"


def network_html(worksheet: Worksheet, last: int | None = None) -> str:
    """Return the network as an HTML table, up to a row, with the cells that are given."""
    shown = worksheet.exercises if last is None else worksheet.exercises[: last + 1]
    given = [index for index, _ in enumerate(worksheet.columns) if _is_given(worksheet, index)]
    titles = ["Layer", "Configuration", *(QUANTITIES[worksheet.columns[index]].title for index in given)]
    rows = ["".join(f"<th>{escape(title)}</th>" for title in titles)]
    for exercise in shown:
        cells = [
            exercise.label,
            exercise.configuration,
            *(wording.text(exercise.cells[index], key=False) for index in given),
        ]
        rows.append("".join(f"<td>{escape(cell)}</td>" for cell in cells))
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _is_given(worksheet: Worksheet, index: int) -> bool:
    """Tell whether a column has a given cell besides the inputs'."""
    return any(exercise.row is not None and not exercise.cells[index].blank for exercise in worksheet.exercises)
