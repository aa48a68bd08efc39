"""A class's homework: every submission checked, one line each, and what the class got wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cnnspec.analysis.measure import Summary, measure
from cnnspec.archives import MemberError
from cnnspec.homework.classes.budget import STANDARD, Budget, ExceededError, within
from cnnspec.homework.classes.submissions import Submission, read
from cnnspec.homework.feedback import Reveal
from cnnspec.homework.marking.checking import Check, Marking, Other, check_summary, others_of
from cnnspec.homework.marking.marks import Status
from cnnspec.homework.reports import markdown
from cnnspec.ir.graph import Graph


class Grade(NamedTuple):
    """One submission's result: small, so that a class of thousands takes no memory."""

    student: str
    name: str
    gradable: bool
    score: int
    max_score: int
    score_without_follow_through: int
    counts: dict[str, int]
    slips: tuple[str, ...]
    error: str = ""
    feedback: str = ""


class Task(NamedTuple):
    """What all submissions are checked against, and how."""

    graph: Graph
    marking: Marking
    reveal: Reveal | None = None
    budget: Budget = STANDARD


def grade_all(task: Task, submissions: Iterable[Submission], jobs: int = 1) -> Iterator[Grade]:
    """Yield a grade per submission, in their order; a broken one is a grade with an error."""
    if jobs <= 1:
        target = _target(task)
        yield from (grade(task, target, submission) for submission in submissions)
        return
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - one job needs no processes

    with ProcessPoolExecutor(jobs, initializer=_start_worker, initargs=(task,)) as pool:
        yield from pool.map(_grade_in_worker, submissions, chunksize=16)


class _Target(NamedTuple):
    """The network that is checked against, and its variants."""

    summary: Summary
    others: tuple[Other, ...]


def _target(task: Task) -> _Target:
    summary = measure(task.graph)
    return _Target(summary, others_of(summary))


def grade(task: Task, target: _Target, submission: Submission) -> Grade:
    """Return the grade of one submission, whatever it holds and whatever it would cost."""
    if submission.fault:
        return _broken(submission, submission.fault)
    try:
        with within(task.budget):
            return _graded(task, target, submission)
    except (MemberError, ExceededError) as error:
        return _broken(submission, str(error))
    except OSError as error:
        return _broken(submission, str(error.strerror or "it cannot be read").lower())


def _graded(task: Task, target: _Target, submission: Submission) -> Grade:
    content = read(submission)
    check = check_summary(target.summary, content, submission.name, task.marking, target.others)
    feedback = markdown.render(check, task.reveal) if task.reveal is not None else ""
    return _grade_of(check, submission, feedback)


def _grade_of(check: Check, submission: Submission, feedback: str) -> Grade:
    counts = Counter(mark.status.value for mark in check.marks)
    return Grade(
        submission.student,
        submission.name,
        check.gradable,
        check.score,
        check.max_score,
        check.score_without_follow_through,
        {status.value: counts[status.value] for status in Status},
        tuple(finding.slip for finding in check.diagnosis.findings),
        "; ".join(fault.message for fault in check.faults),
        feedback,
    )


def _broken(submission: Submission, fault: str) -> Grade:
    counts = {status.value: 0 for status in Status}
    return Grade(submission.student, submission.name, False, 0, 0, 0, counts, (), fault)


class ClassSummary(NamedTuple):
    """What a class did: how many were graded, their scores, and how often each slip occurred."""

    submissions: int
    gradable: int
    perfect: int
    mean: float
    median: float
    max_score: int
    slips: tuple[tuple[str, int], ...]


def summarize_class(grades: list[Grade]) -> ClassSummary:
    """Return the numbers of a class; scores are shares of the points that each table could earn."""
    shares = sorted(grade.score / grade.max_score for grade in grades if grade.gradable and grade.max_score)
    counts = Counter(slip for grade in grades for slip in grade.slips)
    middle = len(shares) // 2
    median = 0.0
    if shares:
        median = shares[middle] if len(shares) % 2 else (shares[middle - 1] + shares[middle]) / 2
    return ClassSummary(
        submissions=len(grades),
        gradable=sum(grade.gradable for grade in grades),
        perfect=sum(grade.gradable and grade.score_without_follow_through == grade.max_score for grade in grades),
        mean=sum(shares) / len(shares) if shares else 0.0,
        median=median,
        max_score=max((grade.max_score for grade in grades), default=0),
        slips=tuple(counts.most_common()),
    )


class _Worker:
    """What one process keeps between submissions."""

    task: Task
    target: _Target


def _start_worker(task: Task) -> None:
    _Worker.task = task
    _Worker.target = _target(task)


def _grade_in_worker(submission: Submission) -> Grade:
    return grade(_Worker.task, _Worker.target, submission)
