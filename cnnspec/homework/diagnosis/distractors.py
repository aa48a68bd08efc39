"""The wrong answers that slips give to a cell, and which of them cannot be told apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple
from zlib import crc32

from cnnspec.analysis.measure import Summary
from cnnspec.analysis.quantities import PARAMS, SHAPE, WEIGHTS
from cnnspec.formula import Term
from cnnspec.homework.diagnosis.answers import wrong_outcomes, wrong_outcomes_as
from cnnspec.homework.diagnosis.case import Case, Outcome
from cnnspec.homework.diagnosis.formulas import right_outcome
from cnnspec.homework.diagnosis.slip import Quantity, Slip
from cnnspec.homework.marking.alignment import Alignment, Pair
from cnnspec.homework.marking.asked import USUAL, Conventions
from cnnspec.homework.marking.marks import agreement, mark, show_answer
from cnnspec.homework.tables.cells import Answer
from cnnspec.homework.tables.student_table import StudentRow, StudentTable
from cnnspec.ir.shapes import show

PRIME: Final = 2**61 - 1


class Distractor(NamedTuple):
    """A wrong answer with the slips that give it, the best documented first; their hints fit the layer."""

    answer: Answer
    slips: tuple[Slip, ...]


class Collision(NamedTuple):
    """Slips that nobody can tell apart by the number of parameters of a layer; `hidden` ones give the right answer."""

    layer: str
    slips: tuple[str, ...]
    answer: Answer
    hidden: bool

    def __str__(self) -> str:
        names = ", ".join(self.slips)
        same = "as is right" if self.hidden else "all the same"
        verb = "gives" if len(self.slips) == 1 else "give"
        return f"{self.layer}: {names} {verb} {show_answer(self.answer)}, {same}"


def cases(summary: Summary) -> dict[str, Case]:
    """Return what the numbers of each layer are computed from, by its name, as marking sees a right table."""
    pairs = tuple(Pair(row.node, StudentRow(row.name, {SHAPE.name: show(row.shape)}, 0)) for row in summary.rows)
    table = StudentTable("", {SHAPE.name: SHAPE}, (), None, ())
    return {found.layer: found.cases[0] for found in mark(summary, table, Alignment(pairs, (), ())) if found.cases}


def distractors(column: str, case: Case, answer: Answer, conventions: Conventions = USUAL) -> list[Distractor]:
    """Return the wrong answers to a cell, each once, as the course counts; none that marking would take for right."""
    found: dict[Answer, dict[str, Slip]] = {}
    for slip, outcome in _outcomes(column, case, conventions):
        if slip.column == column and agreement(outcome.answer, answer) is None:
            hint = slip.hint_for(case.layer)
            found.setdefault(outcome.answer, {}).setdefault(hint, slip._replace(hint=hint))
    return [Distractor(wrong, tuple(slips.values())) for wrong, slips in found.items()]


def _outcomes(column: str, case: Case, conventions: Conventions) -> Iterator[tuple[Slip, Outcome]]:
    """Yield what slips give; where biases do not count, those in the weights, and what is right elsewhere."""
    if column != PARAMS.name or conventions[:2] == USUAL[:2]:
        yield from wrong_outcomes(column, case)
        return
    if right := right_outcome(column, case):
        yield OTHERWISE, right
    yield from wrong_outcomes_as(column, column if conventions.biases else WEIGHTS.name, case)


OTHERWISE: Final = Slip(
    "otherwise",
    PARAMS.name,
    Quantity(lambda _: None),
    "other numbers were counted too",
    "This course counts in another way: read what it counts among the parameters.",
)
"""What is right where others count."""


def collisions(summary: Summary) -> Iterator[Collision]:
    """Yield the slips in the number of parameters that cannot be told apart, over all layers that learn something.

    Two slips whose formulas are the same but for the writing are one mistake: they never give different numbers.
    """
    by_layer = cases(summary)
    for row in summary.rows:
        if row.params:
            yield from _collisions_of(row.name, by_layer[row.name])


def _collisions_of(layer: str, case: Case) -> Iterator[Collision]:
    correct = right_outcome("params", case)
    if correct is None:
        return
    formulas: dict[Answer, list[tuple[str, Term]]] = {correct.answer: [("", correct.term)]}
    for slip, outcome in wrong_outcomes("params", case):
        formulas.setdefault(outcome.answer, []).append((slip.id, outcome.term))
    for answer, same in formulas.items():
        if len(same) == 1:
            continue
        found: dict[int, str] = {}
        for name, term in same:
            found.setdefault(fingerprint(term), name)
        if len(found) > 1:
            slips = tuple(name for name in found.values() if name)
            yield Collision(layer, slips, answer, answer == correct.answer)


def count(found: Iterable[Collision], most: int | None = None) -> int:
    """Return how many slips more layers would tell apart without these collisions; counting may end at `most`."""
    total = 0
    for collision in found:
        total += len(collision.slips) - (not collision.hidden)
        if most is not None and total >= most:
            break
    return total


def fingerprint(term: Term) -> int:
    """Return the value of a formula for other numbers, modulo a prime: equal for `(F + 1)·K` and `F·K + K`.

    A symbol's number comes from its name. A quotient is not rounded, for which numbers modulo a prime have an inverse.
    """
    if not term.operands:
        return crc32(term.name.encode()) + 2 if term.op == "symbol" else term.value % PRIME
    left, right = map(fingerprint, term.operands)
    match term.op:
        case "add":
            return (left + right) % PRIME
        case "sub":
            return (left - right) % PRIME
        case "mul":
            return left * right % PRIME
        case _:
            return left * pow(right, -1, PRIME) % PRIME
