"""What a class is asked without an assignment: the columns that most of its tables have, for one maximum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from cnnspec.analysis.measure import measure
from cnnspec.analysis.quantities import PARAMS, SHAPE, marked
from cnnspec.archives import MemberError
from cnnspec.errors import CnnspecError, printable
from cnnspec.homework.classes.budget import Budget, ExceededError, within
from cnnspec.homework.classes.owners import Submission
from cnnspec.homework.classes.submissions import read
from cnnspec.homework.marking.asked import ask
from cnnspec.homework.marking.policy import Marking
from cnnspec.homework.tables.reading import read_grid
from cnnspec.homework.tables.student_table import make_student_table
from cnnspec.ir.graph import Graph

SAMPLE: Final = 25
"""How many tables are looked at, spread over the class."""
PATIENCE: Final = 2.0
"""Seconds for which one of them is."""
MOST_FILES: Final = 3
"""How many files of one student are looked at."""
PARTS: Final = frozenset(("weights", "biases"))
"""Columns that say the parameters together."""


def one_maximum(marking: Marking, graph: Graph, submissions: Sequence[Submission], budget: Budget) -> Marking:
    """Return a marking by which every student of a class can earn as many points."""
    if marking.asked is not None:
        return marking
    counted = tuple(column for column in columns_of(submissions, budget) if marking.weights.get(column, 1))
    return marking._replace(asked=ask(measure(graph), counted))


def with_due(submissions: Sequence[Submission], due: Sequence[str]) -> list[Submission]:
    """Return submissions with one, which cannot be read, for everybody who is due and has handed nothing in."""
    there = {entry.student.casefold() for entry in submissions}
    missing = (printable(name) for name in due if name.casefold() not in there)
    lacking = [Submission(name, (), fault="nothing was handed in") for name in missing]
    return sorted([*submissions, *lacking], key=lambda entry: (entry.student.lower(), entry.student))


def columns_of(submissions: Sequence[Submission], budget: Budget) -> tuple[str, ...]:
    """Return the columns that at least half of the tables have; shapes and parameters where that says nothing."""
    places = [round(place * len(submissions) / SAMPLE) for place in range(SAMPLE + 1)]
    sample = [submissions[first] for first, after in pairwise(places) if first < after]
    found = [columns for submission in sample if (columns := _columns(submission, budget))]
    counts = Counter(column for columns in found for column in columns)
    usual = tuple(column for column in marked() if found and 2 * counts[column] >= len(found))
    return usual or (SHAPE.name, PARAMS.name)


def _columns(submission: Submission, budget: Budget) -> frozenset[str]:
    """Return the columns of a student's first table that can be marked, none where none can be read."""
    for file in submission.files[:MOST_FILES]:
        try:
            with within(budget._replace(seconds=min(budget.seconds, PATIENCE))):
                table = make_student_table(read_grid(read(file), file.name), file.name)
        except (CnnspecError, MemberError, ExceededError, OSError):
            continue
        columns = frozenset(table.quantities)
        return columns - PARTS | {PARAMS.name} if columns >= PARTS and PARAMS.name not in columns else columns
    return frozenset()
