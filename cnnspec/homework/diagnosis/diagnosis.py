"""Diagnosis: the smallest set of slips that explains the wrong cells of a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Final, NamedTuple

from cnnspec.formula import SLIDE, Term, render, rounded_from
from cnnspec.homework.diagnosis.answers import wrong_outcomes_as, wrong_outcomes_of_two
from cnnspec.homework.diagnosis.case import Case, Outcome
from cnnspec.homework.diagnosis.formulas import right_outcome
from cnnspec.homework.diagnosis.slips import all_slips
from cnnspec.homework.marking.marks import Mark, Status, agreement, show_answer
from cnnspec.homework.tables.cells import Answer, evaluate_formula

Slips = frozenset[str]
ARITHMETIC: Final = "arithmetic"
LARGE: Final = 100
"""Numbers from here on have enough digits for one of them to be a slip of the pen."""
MOST_TOGETHER: Final = 4
MOST_CANDIDATES: Final = 24


class Explanation(NamedTuple):
    """Why one cell is wrong: the slips, what they give there, and other slips that would give the same."""

    mark: Mark
    slips: tuple[str, ...]
    wrong: Outcome | None
    right: Outcome | None
    alternatives: tuple[str, ...]

    @property
    def digits(self) -> str:
        """What is wrong about the digits of the number, where it is nearly the right one."""
        return digits_of(self.mark.value, self.right.answer if self.right else self.mark.expected)

    @property
    def is_written(self) -> bool:
        """Whether the cell has the right formula, and another result."""
        right = self.right.answer if self.right else self.mark.expected
        return bool(self.mark.formula) and evaluate_formula(self.mark.formula) == right != self.mark.value


class Finding(NamedTuple):
    """One slip with all the cells that it explains."""

    slip: str
    marks: tuple[Mark, ...]


class Diagnosis(NamedTuple):
    """The findings of a table, and the explanation of every wrong cell that has one."""

    findings: tuple[Finding, ...]
    explanations: tuple[Explanation, ...]

    def of(self, mark: Mark) -> Explanation | None:
        """Return the explanation of a cell."""
        return next((found for found in self.explanations if found.mark is mark), None)


def diagnose(marks: Iterable[Mark]) -> Diagnosis:
    """Return the smallest set of slips that explains the wrong cells, consistent over the rows."""
    wrong = [mark for mark in marks if mark.status is Status.WRONG and mark.cases]
    candidates = {index: _candidates(mark) for index, mark in enumerate(wrong)}
    chosen = _smallest({index: found for index, found in candidates.items() if found})
    explanations = [_explanation(wrong[index], candidates[index], chosen) for index in candidates if candidates[index]]
    explanations = [_sure(entry, explanations, chosen) for entry in explanations]
    findings = []
    for slip in sorted(chosen, key=_rank):
        found = tuple(entry.mark for entry in explanations if slip in entry.slips)
        if found:
            findings.append(Finding(slip, found))
    return Diagnosis(tuple(findings), tuple(explanations))


def _sure(explanation: Explanation, explanations: Iterable[Explanation], chosen: Slips) -> Explanation:
    """Return an explanation without the alternatives that other cells rule out: its slips are needed there anyway."""
    slips = set(explanation.slips)
    same = [other for other in explanations if slips & set(other.slips)]
    left = [
        name for name in explanation.alternatives if name in chosen or all(name in other.alternatives for other in same)
    ]
    return explanation._replace(alternatives=tuple(left))


Candidates = Mapping[Slips, tuple[Outcome, Case]]


def _candidates(mark: Mark) -> dict[Slips, tuple[Outcome, Case]]:
    """Return every slip, or else every two slips, that give just the student's answer."""
    found: dict[Slips, tuple[Outcome, Case]] = {}
    for search in (_written_formula, _singles, _pairs, _digits):
        for slips, outcome, case in search(mark):
            found.setdefault(slips, (outcome, case))
        if found:
            break
    return found


Candidate = tuple[Slips, Outcome, Case]


def _written_formula(mark: Mark) -> Iterator[Candidate]:
    """Yield a slip of arithmetic where the cell has a right formula with another result."""
    computed = evaluate_formula(mark.formula) if mark.formula else None
    for case, right in _right_outcomes(mark):
        if computed == right.answer != mark.value:
            yield frozenset({ARITHMETIC}), right, case


def _digits(mark: Mark) -> Iterator[Candidate]:
    """Yield a slip of arithmetic where the number has the right one's digits but for one, or two that are swapped."""
    for case, right in _right_outcomes(mark):
        if digits_of(mark.value, right.answer):
            yield frozenset({ARITHMETIC}), right, case


def _right_outcomes(mark: Mark) -> Iterator[tuple[Case, Outcome]]:
    for case in mark.cases:
        right = right_outcome(mark.basis, case)
        if right:
            yield case, right


def _singles(mark: Mark) -> Iterator[Candidate]:
    for case in mark.cases:
        for slip, outcome in wrong_outcomes_as(mark.column, mark.basis, case):
            if _same(outcome.answer, mark.value):
                yield frozenset({slip.id}), outcome, case


def _pairs(mark: Mark) -> Iterator[Candidate]:
    for case in mark.cases:
        for (left, right), outcome in wrong_outcomes_of_two(mark.basis, case):
            if _same(outcome.answer, mark.value):
                yield frozenset({left.id, right.id}), outcome, case


def _same(answer: Answer, value: Answer | None) -> bool:
    if answer == value or value is None or not isinstance(answer, tuple):
        return answer == value
    return all(isinstance(size, int) for size in answer) and agreement(value, answer) is not None


def digits_of(value: Answer | None, expected: Answer) -> str:
    """Return what is wrong about the digits of a number that is nearly the right one, an empty text where it is not.

    >>> digits_of(3272, 6272), digits_of(680, 608), digits_of(68, 608), digits_of(700, 608)
    ('one digit is another one', 'two digits are swapped', 'a digit is missing', '')
    """
    if not isinstance(value, int) or not isinstance(expected, int) or min(value, expected) < 10:
        return ""
    left, right = str(value), str(expected)
    if abs(len(left) - len(right)) == 1:
        long, short = sorted((left, right), key=len, reverse=True)
        if max(value, expected) >= LARGE and any(long[:at] + long[at + 1 :] == short for at in range(len(long))):
            return "a digit is missing" if short is left else "a digit is too many"
    if len(left) != len(right):
        return ""
    different = [index for index in range(len(left)) if left[index] != right[index]]
    if len(different) == 2 and sorted(left) == sorted(right):
        return "two digits are swapped"
    return "one digit is another one" if len(different) == 1 and expected >= LARGE else ""


def _smallest(candidates: Mapping[int, Candidates]) -> Slips:
    """Return the fewest slips that explain every cell; of equally many, the best documented."""
    names = sorted({name for found in candidates.values() for slips in found for name in slips}, key=_rank)
    if len(names) <= MOST_CANDIDATES:
        for count in range(min(MOST_TOGETHER, len(names)) + 1):
            for chosen in combinations(names, count):
                if all(any(slips <= set(chosen) for slips in found) for found in candidates.values()):
                    return frozenset(chosen)
    return _greedy(candidates)


def _greedy(candidates: Mapping[int, Candidates]) -> Slips:
    """Return slips that explain every cell, each time those that explain the most of what is left."""
    chosen: set[str] = set()
    left = dict(candidates)
    while left:
        options = {slips for found in left.values() for slips in found}
        best = max(
            options, key=lambda slips: (_explained(left, chosen | slips), -len(slips - chosen), -_rank_of(slips))
        )
        chosen |= best
        left = {index: found for index, found in left.items() if not any(slips <= chosen for slips in found)}
    return frozenset(chosen)


def _explained(candidates: Mapping[int, Candidates], chosen: set[str]) -> int:
    return sum(any(slips <= chosen for slips in found) for found in candidates.values())


def _rank(name: str) -> int:
    return _RANKS.get(name, len(_RANKS))


def _rank_of(slips: Slips) -> int:
    return sum(map(_rank, slips))


def _explanation(mark: Mark, candidates: Candidates, chosen: Slips) -> Explanation:
    fitting = sorted(
        (slips for slips in candidates if slips <= chosen), key=lambda slips: (len(slips), _rank_of(slips))
    )
    slips = fitting[0] if fitting else min(candidates, key=_rank_of)
    wrong, case = candidates[slips]
    right = right_outcome(mark.basis, case)
    others = tuple(sorted({name for other in candidates if len(other) == 1 for name in other - slips}, key=_rank))
    ordered = tuple(sorted(slips, key=_rank))
    return Explanation(mark, ordered, wrong, right, others)


def message(explanation: Explanation) -> str:
    """Return the diagnosis of one cell in words, with the numbers put in."""
    mark, slips = explanation.mark, explanation.slips
    if slips == (ARITHMETIC,):
        right, value = equations(explanation)[1], show_answer(mark.value or 0)
        if explanation.is_written:
            digits = f": {explanation.digits}" if explanation.digits else ""
            return f"{value}: the formula is right, its result is not{digits}. Recheck the product. → {right}"
        return f"{value}: a slip of the pen, not of understanding: {explanation.digits}. → {right}"
    wrong, right = equations(explanation)
    mistakes = " and ".join(all_slips()[slip].mistake for slip in slips)
    hints = hints_of(explanation)
    others = f" (consistent with {', '.join(explanation.alternatives)} too)" if explanation.alternatives else ""
    return f"{wrong}: {mistakes}. {hints} → {right}{others}{on_the_way(explanation)}"


def hints_of(explanation: Explanation) -> str:
    """Return what to do instead in the cell, in words that fit its layer."""
    layer = explanation.mark.cases[0].layer
    return " ".join(all_slips()[slip].hint_for(layer) for slip in explanation.slips)


def on_the_way(explanation: Explanation) -> str:
    """Return what is right with the right rows above, where the equation has the student's own."""
    mark, right = explanation.mark, explanation.right
    if right is None or right.answer == mark.expected:
        return ""
    return f"; that is with your own earlier row, with the right one it is {show_answer(mark.expected)}"


def equations(explanation: Explanation) -> tuple[str, str]:
    """Return what the student computed and what is right, as `208 = (5·5·1 + 1)·8` and `(5·5·3 + 1)·8 = 608`."""
    wrong, right = explanation.wrong, explanation.right
    if wrong is None or right is None:
        return show_answer(explanation.mark.value or 0), show_answer(explanation.mark.expected)
    if isinstance(wrong.answer, tuple) and isinstance(right.answer, tuple):
        return _equations_of_axes(wrong, right)
    return _equation(wrong.term, wrong.answer), _equation(right.term, right.answer, turned=True)


def _equations_of_axes(wrong: Outcome, right: Outcome) -> tuple[str, str]:
    """Return the equations of the axes in which two shapes differ; the last of several counts the channels."""
    left, other = wrong.answer, right.answer
    if not isinstance(left, tuple) or not isinstance(other, tuple) or len(left) != len(other):
        return show_answer(left), show_answer(other)
    before: dict[str, None] = {}
    after: dict[str, None] = {}
    for axis in (axis for axis in range(len(left)) if left[axis] != other[axis]):
        unit = " channels" if axis and axis == len(left) - 1 else ""
        before[_equation(wrong.formula[axis], left[axis]) + unit] = None
        after[_equation(right.formula[axis], other[axis], turned=True) + unit] = None
    return ", ".join(before), ", ".join(after)


def _equation(term: Term, value: Answer, *, turned: bool = False) -> str:
    """Return `208 = (5·5·1 + 1)·8`, or turned `(5·5·3 + 1)·8 = 608`."""
    numbers, shown = render(term, SLIDE, numbers=True), show_answer(value)
    if numbers == shown:
        return shown
    if not turned:
        return f"{shown} = {numbers}"
    before = "" if "⌈" in numbers else rounded_from(term)
    return f"{numbers} = {before} → {shown}" if before else f"{numbers} = {shown}"


_RANKS: Final = {name: index for index, name in enumerate(all_slips())}
