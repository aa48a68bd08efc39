"""A whole table checked: read, aligned, marked, diagnosed, scored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from cnnspec.analysis.measure import Summary, measure
from cnnspec.analysis.quantities import marked
from cnnspec.errors import CnnspecError, Diagnostic, listing, shorten
from cnnspec.homework.diagnosis.diagnosis import Diagnosis, diagnose
from cnnspec.homework.marking.alignment import Alignment, align
from cnnspec.homework.marking.marks import Mark, Status, agreement, expected_of, mark
from cnnspec.homework.marking.near_networks import Variant, variants
from cnnspec.homework.marking.policy import STANDARD, FollowThrough, Marking
from cnnspec.homework.marking.settling import (
    UNTOUCHED,
    as_course,
    as_others_count,
    in_our_words,
    is_untouched,
    remarks_on,
    settle,
)
from cnnspec.homework.tables.cells import Answer
from cnnspec.homework.tables.reading import read_grid
from cnnspec.homework.tables.student_table import StudentTable, make_student_table
from cnnspec.ir.graph import Graph, Node

__all__ = ["STANDARD", "Check", "FollowThrough", "Marking", "Other", "check", "check_summary", "others_of"]


class Check(NamedTuple):
    """The result of checking one table; `faults` say why it is not gradable."""

    name: str
    summary: Summary
    table: StudentTable | None
    marks: tuple[Mark, ...]
    diagnosis: Diagnosis
    marking: Marking
    faults: tuple[Diagnostic, ...] = ()
    variant: Variant | None = None

    @property
    def gradable(self) -> bool:
        """Whether the table could be read and belongs to the network."""
        return not self.faults

    @property
    def score(self) -> int:
        """The points with credit for follow-through."""
        return sum(self.points_of(mark) for mark in self.marks)

    @property
    def score_without_follow_through(self) -> int:
        """The points without those for what follows from an earlier, wrong row."""
        return sum(self.points_of(mark) for mark in self.marks if mark.status is not Status.FOLLOW_THROUGH)

    @property
    def max_score(self) -> int:
        """The points of all cells that are asked for, or without such of a right table of this form."""
        told = sum(self.marking.points(mark.column, mark.layer) for mark in self.marks if mark.told)
        if self.gradable and self.marking.max_score is not None:
            return self.marking.max_score - told
        return sum(self.marking.points(mark.column, mark.layer) for mark in self.marks) - told

    def points_of(self, mark: Mark) -> int:
        """Return what one cell earns."""
        points = 0 if mark.told else self.marking.points(mark.column, mark.layer)
        if mark.credit is not None:
            return int(points * mark.credit)
        if mark.status is Status.CORRECT:
            return points
        if self.marking.slips and mark.status is Status.WRONG and self.diagnosis.of(mark) is not None:
            return int(points * self.marking.slips)
        if mark.status is not Status.FOLLOW_THROUGH or self.marking.follow_through is FollowThrough.NONE:
            return 0
        return points // 2 if self.marking.follow_through is FollowThrough.HALF else points

    @property
    def passed(self) -> bool:
        """Whether every cell is right."""
        return self.gradable and self.score_without_follow_through == self.max_score


def check(graph: Graph, content: bytes, name: str, marking: Marking = STANDARD) -> Check:
    """Return the marks of a homework table, never an exception for what stands in it."""
    return check_summary(measure(graph), content, name, marking)


class Other(NamedTuple):
    """A variant of the network with all its answers, by layer and column."""

    variant: Variant
    answers: Mapping[tuple[str, str], Answer]


def others_of(summary: Summary) -> tuple[Other, ...]:
    """Return the variants for which a wrong table may be right; computed once for a class."""
    found = []
    for variant in variants(summary.graph):
        measured = measure(variant.graph)
        answers = {(row.name, column): value for row in measured.rows for column, value in expected_of(row).items()}
        sums = (quantity for quantity in marked().values() if quantity.summable)
        answers |= {("total", quantity.name): quantity.total_of(measured) for quantity in sums}
        found.append(Other(variant, answers))
    return tuple(found)


def check_summary(
    summary: Summary, content: bytes, name: str, marking: Marking = STANDARD, others: tuple[Other, ...] | None = None
) -> Check:
    """Return the marks of a table against a network that is measured already."""
    try:
        table = make_student_table(in_our_words(read_grid(content, name), marking), name)
        table = as_course(table, marking)
        alignment = align(summary, table)
    except CnnspecError as error:
        return Check(name, summary, None, (), Diagnosis((), ()), marking, error.diagnostics)
    marks = settle(mark(summary, table, alignment), summary, table, alignment, marking)
    untouched, (marks, convention) = is_untouched(marks), as_others_count(marks, summary)
    remarks = (
        *table.remarks,
        *alignment.remarks,
        *_unmatched(summary, alignment, marking),
        *remarks_on(table, marking),
        *([UNTOUCHED] if untouched else []),
        *([convention] if convention else []),
    )
    table = table._replace(remarks=remarks)
    marks = tuple(mark._replace(credit=Fraction(0)) for mark in marks) if untouched else marks
    variant = None
    if sum(found.status in (Status.WRONG, Status.FOLLOW_THROUGH) for found in marks) >= 3:
        variant = _right_for_another(marks, others_of(summary) if others is None else others)
    return Check(name, summary, table, marks, diagnose(marks), marking, (), variant)


def _unmatched(summary: Summary, alignment: Alignment, marking: Marking) -> Iterator[str]:
    """Yield remarks on rows that speak of no layer, and on layers that no row speaks of."""
    if alignment.extra:
        yield f"these rows speak of no layer and are not marked: {_some(row.label for row in alignment.extra)}"
    lacking = (pair.node for pair in alignment.pairs if pair.row is None)
    asked = None if marking.asked is None else {layer for layer, _ in marking.asked.cells}
    missing = [node.name for node in lacking if (not _may_lack(node) if asked is None else node.name in asked)]
    if missing:
        yield f"these layers of `{summary.name}` have no row: {_some(missing)}"


def _may_lack(node: Node) -> bool:
    """Tell whether a table may leave out a layer's row: one that is applied again is often shown once."""
    return node.layer.optional or bool(node.shared)


def _some(labels: Iterable[str]) -> str:
    return listing((f"`{shorten(label.strip(), 30)}`" for label in labels), 8)


def _right_for_another(marks: tuple[Mark, ...], others: tuple[Other, ...]) -> Variant | None:
    """Return the variant of the network for which a table with several wrong cells is wholly right."""
    for variant, answers in others:
        given = (found for found in marks if found.status is not Status.MISSING)
        if all(_agrees(found, answers.get((found.layer, found.column), found.expected)) for found in given):
            return variant
    return None


def _agrees(found: Mark, answer: Answer) -> bool:
    return found.value is not None and agreement(found.value, answer) is not None
