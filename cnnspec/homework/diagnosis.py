"""Diagnosis: the smallest set of slips that explains the wrong cells of a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Final, NamedTuple

from cnnspec.formula import SLIDE, Term, render, rounded_from
from cnnspec.homework.marking import Answer, Mark, Status, show_answer, show_number
from cnnspec.homework.recipes import Case, Outcome, Recipe, recipe
from cnnspec.homework.slips import all_slips
from cnnspec.homework.slips.slip import Slip, outcome_of

Slips = frozenset[str]
ARITHMETIC: Final = "arithmetic"
MOST_TOGETHER: Final = 4
MOST_CANDIDATES: Final = 24


class Explanation(NamedTuple):
    """Why one cell is wrong: the slips, what they give there, and other slips that would give the same."""

    mark: Mark
    slips: tuple[str, ...]
    wrong: Outcome | None
    right: Outcome | None
    alternatives: tuple[str, ...]


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
    findings = []
    for slip in sorted(chosen, key=_rank):
        found = tuple(entry.mark for entry in explanations if slip in entry.slips)
        if found:
            findings.append(Finding(slip, found))
    return Diagnosis(tuple(findings), tuple(explanations))


Candidates = Mapping[Slips, tuple[Outcome, Case]]


def _candidates(mark: Mark) -> dict[Slips, tuple[Outcome, Case]]:
    """Return every slip, or else every two slips, that give just the student's answer."""
    found: dict[Slips, tuple[Outcome, Case]] = {}
    for slips, outcome, case in _singles(mark):
        found.setdefault(slips, (outcome, case))
    if not found:
        for slips, outcome, case in _pairs(mark):
            found.setdefault(slips, (outcome, case))
    if not found and _is_arithmetic(mark.value, mark.expected):
        case = mark.cases[0]
        right = recipe(mark.column, case)
        exact = right.outcome({}) if right else None
        if exact:
            found[frozenset({ARITHMETIC})] = (exact, case)
    return found


def _singles(mark: Mark) -> Iterator[tuple[Slips, Outcome, Case]]:
    for case in mark.cases:
        right = recipe(mark.column, case)
        for slip in _applicable(mark):
            outcome = _wrong_outcome(slip, case, right)
            if outcome and _same(outcome.answer, mark.value):
                yield frozenset({slip.id}), outcome, case


def _pairs(mark: Mark) -> Iterator[tuple[Slips, Outcome, Case]]:
    for case in mark.cases:
        right = recipe(mark.column, case)
        if right is None:
            continue
        changes = [(slip, found) for slip in _applicable(mark) if slip.changes and (found := slip.changes(case))]
        for (left, first), (other, second) in combinations(changes, 2):
            if first.keys() & second.keys():
                continue
            outcome = right.outcome({**first, **second})
            if outcome and _same(outcome.answer, mark.value):
                yield frozenset({left.id, other.id}), outcome, case


def _applicable(mark: Mark) -> Iterator[Slip]:
    column = "params" if mark.column in ("weights", "biases") else mark.column
    for slip in all_slips().values():
        if slip.column == column and (mark.kind in slip.kinds or "*" in slip.kinds):
            yield slip


def _wrong_outcome(slip: Slip, case: Case, right: Recipe | None) -> Outcome | None:
    """Return what a slip gives in a case, None where it gives nothing or the right answer."""
    if slip.whole is not None:
        outcome = outcome_of(slip.whole(case))
    else:
        changes = slip.changes(case) if slip.changes else None
        outcome = right.outcome(changes) if right and changes else None
    return outcome


def _same(answer: Answer, value: Answer | None) -> bool:
    if isinstance(answer, tuple) and isinstance(value, tuple) and len(answer) == 1:
        return tuple(size for size in value if size != 1) == answer
    return answer == value


def _is_arithmetic(value: Answer | None, expected: Answer) -> bool:
    """Tell whether a number is the right one with a digit too many or too few, or two digits swapped."""
    if not isinstance(value, int) or not isinstance(expected, int) or min(value, expected) < 10:
        return False
    if value in (expected * 10, expected // 10 if expected % 10 == 0 else -1):
        return True
    left, right = str(value), str(expected)
    different = [index for index in range(min(len(left), len(right))) if left[index] != right[index]]
    return len(left) == len(right) and len(different) == 2 and sorted(left) == sorted(right)


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
    right = recipe(mark.column, case)
    others = tuple(sorted({name for other in candidates if len(other) == 1 for name in other - slips}, key=_rank))
    ordered = tuple(sorted(slips, key=_rank))
    return Explanation(mark, ordered, wrong, right.outcome({}) if right else None, others)


def message(explanation: Explanation) -> str:
    """Return the diagnosis of one cell in words, with the numbers put in."""
    mark, slips = explanation.mark, explanation.slips
    if slips == (ARITHMETIC,):
        return f"the formula was right, but the digits of {show_answer(mark.expected)} went wrong: recheck the product"
    wrong, right = equations(explanation)
    mistakes = " and ".join(all_slips()[slip].mistake for slip in slips)
    hints = " ".join(all_slips()[slip].hint for slip in slips)
    others = f" (consistent with {', '.join(explanation.alternatives)} too)" if explanation.alternatives else ""
    return f"{wrong}: {mistakes}. {hints} → {right}{others}"


def equations(explanation: Explanation) -> tuple[str, str]:
    """Return what the student computed and what is right, as `208 = (5·5·1 + 1)·8` and `(5·5·3 + 1)·8 = 608`."""
    right = explanation.right
    shown = _equation(right, right.answer, turned=True) if right else show_answer(explanation.mark.expected)
    return _equation(explanation.wrong, explanation.mark.value), shown


def _equation(outcome: Outcome | None, value: Answer | None, *, turned: bool = False) -> str:
    """Return `208 = (5·5·1 + 1)·8`, or turned `(5·5·3 + 1)·8 = 608`."""
    if outcome is None:
        return "" if value is None else show_answer(value)
    numbers = render(outcome.term, SLIDE, numbers=True)
    shown = _value_text(outcome.term, value)
    if numbers == shown:
        return shown
    if not turned:
        return f"{shown} = {numbers}"
    before = rounded_from(outcome.term)
    return f"{numbers} = {before} → {shown}" if before else f"{numbers} = {shown}"


def _value_text(term: Term, value: Answer | None) -> str:
    """Return the number that a formula stands for: in a shape, that of its axis."""
    if isinstance(value, tuple):
        return next((show_number(size) for size in value if int(size) == term.value), show_number(term.value))
    return show_number(term.value if value is None else value)


_RANKS: Final = {name: index for index, name in enumerate(all_slips())}
