"""A class's homework: every submission checked, one line each, and what the class got wrong."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from cnnspec.analysis.measure import Summary, measure
from cnnspec.archives import MemberError
from cnnspec.errors import listing, shorten
from cnnspec.homework.classes import review_marks
from cnnspec.homework.classes.budget import STANDARD, Budget, ExceededError, within
from cnnspec.homework.classes.owners import File, Submission, shown, upload_of
from cnnspec.homework.classes.stopping import leave_to_parent
from cnnspec.homework.classes.submissions import read, time_of
from cnnspec.homework.feedback import Reveal
from cnnspec.homework.marking.checking import Check, Marking, Other, check_summary, others_of
from cnnspec.homework.marking.marks import Status, columns_of
from cnnspec.homework.marking.settling import is_untouched
from cnnspec.homework.reports import markdown
from cnnspec.ir.graph import Graph

MOST_TABLES: Final = 20
"""The most files of one student that are tried."""


class Grade(NamedTuple):
    """One student's result: small, so that a class of thousands takes no memory.

    `columns` are those of the table that were marked, `others` the files that were not, `key` is what a gradebook may
    call the student. For a review there are the `page` of the table, its cells that are `wrong`, and its remarks.
    """

    student: str
    name: str
    gradable: bool
    score: int
    max_score: int
    score_without_follow_through: int
    counts: Mapping[str, int]
    slips: tuple[str, ...]
    error: str = ""
    feedback: str = ""
    columns: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    key: str = ""
    page: str = ""
    wrong: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


class Task(NamedTuple):
    """What all submissions are checked against, and how; `newest` chooses among several tables of one student."""

    graph: Graph
    marking: Marking
    reveal: Reveal | None = None
    budget: Budget = STANDARD
    newest: bool = False
    review: bool = False


def grade_all(task: Task, submissions: Iterable[Submission], jobs: int = 1) -> Iterator[Grade]:
    """Yield a grade per submission, in their order; a broken one is a grade with an error."""
    if jobs <= 1:
        target = target_of(task)
        yield from (grade(task, target, submission) for submission in submissions)
        return
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - one job needs no processes

    with ProcessPoolExecutor(jobs, initializer=_start_worker, initargs=(task,)) as pool:
        yield from pool.map(_grade_in_worker, submissions, chunksize=16)


class Target(NamedTuple):
    """The network that is checked against, and its variants."""

    summary: Summary
    others: tuple[Other, ...]


def target_of(task: Task) -> Target:
    """Return what all submissions of a task are checked against, computed once."""
    summary = measure(task.graph)
    return Target(summary, others_of(summary))


def grade(task: Task, target: Target, submission: Submission) -> Grade:
    """Return the grade of one submission, whatever it holds and whatever it would cost."""
    try:
        with within(task.budget):
            return _graded(task, target, submission)
    except (MemberError, ExceededError, OSError) as error:
        return _broken(submission, reason(error))


def reason(error: Exception) -> str:
    """Return why a submission is not read, in words that finish a sentence."""
    if isinstance(error, OSError):
        return str(error.strerror or "it cannot be read").lower()
    return str(error)


def _graded(task: Task, target: Target, submission: Submission) -> Grade:
    trial = table_of(task, target, submission)
    if trial.check is None or trial.file is None:
        return _broken(submission, "; ".join(filter(None, (trial.error, trial.step))))
    return _grade_of(task, trial.check, submission, trial.file)


def table_of(task: Task, target: Target, submission: Submission) -> Trial:
    """Return the trial of the file that is the table of a submission, or of none, with the reason."""
    files = submission.files
    if not files:
        return Trial(None, None, submission.fault)
    if len(files) > MOST_TABLES:
        return Trial(None, None, f"{len(files):,} files may be the table, more than {MOST_TABLES}")
    return _chosen(task, list(_tried(task, target, files)))


def _checked(task: Task, target: Target, file: File, content: bytes) -> Check:
    return check_summary(target.summary, content, shown(file.name), task.marking, target.others)


class Trial(NamedTuple):
    """One of the files of a student: its check, or why there is none, and the step that helps a teacher."""

    file: File | None
    check: Check | None
    error: str = ""
    step: str = ""

    @property
    def is_untouched(self) -> bool:
        """Whether the file holds a sheet with nothing filled in."""
        return self.check is not None and self.check.gradable and is_untouched(self.check.marks)

    @property
    def gradable(self) -> bool:
        """Whether the file holds a table of the network."""
        return self.check is not None and self.check.gradable


def _tried(task: Task, target: Target, files: Iterable[File]) -> Iterator[Trial]:
    """Yield a trial per file; a copy of an earlier one is none."""
    seen: set[bytes] = set()
    for file in files:
        try:
            content = read(file)
        except (MemberError, OSError) as error:
            yield Trial(file, None, reason(error))
            continue
        if content not in seen:
            yield Trial(file, _checked(task, target, file, content))
        seen.add(content)


def _chosen(task: Task, trials: list[Trial]) -> Trial:
    """Return the only table that can be graded, or the newest where that is asked for."""
    good = [trial for trial in trials if trial.gradable]
    # A sheet that was handed out, untouched beside the one that is filled in, is nobody's second answer.
    good = [trial for trial in good if not trial.is_untouched] or good
    if len(good) > 1 and task.newest:
        latest = max(_age(trial) for trial in good)
        good = [trial for trial in good if _age(trial) == latest]
    if len(good) > 1:
        step = "they are equally new" if task.newest else "`--newest` grades the newest"
        names = listing((shorten(trial.file.name) for trial in good if trial.file), 5)
        return Trial(None, None, f"{len(good)} tables of one student: {names}", step)
    return (good or sorted(trials, key=lambda entry: entry.check is None))[0]


def _age(trial: Trial) -> tuple[float, ...]:
    return (upload_of(trial.file), *time_of(trial.file)) if trial.file else ()


def _grade_of(task: Task, check: Check, submission: Submission, file: File) -> Grade:
    counts = Counter(mark.status.value for mark in check.marks)
    return Grade(
        submission.student,
        shown(file.name),
        check.gradable,
        check.score,
        check.max_score,
        check.score_without_follow_through,
        {status.value: counts[status.value] for status in Status},
        tuple(finding.slip for finding in check.diagnosis.findings),
        "; ".join(fault.message for fault in check.faults),
        markdown.render(check, task.reveal) if task.reveal is not None else "",
        tuple(column for column in columns_of(check.marks) if check.table and column in check.table.quantities),
        (*(shown(entry.name) for entry in submission.files if entry != file), *submission.others),
        submission.key,
        **(_reviewed(check) if task.review else {}),
    )


def _reviewed(check: Check) -> dict[str, Any]:
    remarks = tuple(shorten(remark, 200) for remark in check.table.remarks) if check.table else ()
    return {"page": review_marks.render(check), "wrong": review_marks.wrong_cells(check), "remarks": remarks}


def _broken(submission: Submission, fault: str) -> Grade:
    """Return the grade of what cannot be graded, named by its first file."""
    names = [shown(file.name) for file in submission.files]
    counts = dict.fromkeys((status.value for status in Status), 0)
    others = (*names[1:], *submission.others)
    return Grade(
        submission.student, "".join(names[:1]), False, 0, 0, 0, counts, (), fault, others=others, key=submission.key
    )


class ClassSummary(NamedTuple):
    """What a class did: how many were graded, their scores, how often each slip occurred, and the first fault."""

    submissions: int
    gradable: int
    perfect: int
    mean: float
    median: float
    max_score: int
    slips: tuple[tuple[str, int], ...]
    fault: str = ""


def summarize_class(grades: Iterable[Grade]) -> ClassSummary:
    """Return the numbers of a class; scores are shares of the points that each table could earn."""
    shares = array("d")
    slips: Counter[str] = Counter()
    submissions = gradable = perfect = max_score = 0
    fault = ""
    for grade in grades:
        fault = fault or grade.error
        submissions += 1
        gradable += grade.gradable
        perfect += grade.gradable and grade.score_without_follow_through == grade.max_score
        max_score = max(max_score, grade.max_score)
        slips.update(grade.slips)
        if grade.gradable and grade.max_score:
            shares.append(grade.score / grade.max_score)
    return ClassSummary(
        submissions=submissions,
        gradable=gradable,
        perfect=perfect,
        mean=sum(shares) / len(shares) if shares else 0.0,
        median=_median(sorted(shares)),
        max_score=max_score,
        slips=tuple(slips.most_common()),
        fault=fault,
    )


def _median(ordered: Sequence[float]) -> float:
    if not ordered:
        return 0.0
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


class _Worker:
    """What one process keeps between submissions."""

    task: Task
    target: Target


def _start_worker(task: Task) -> None:
    leave_to_parent()
    _Worker.task = task
    _Worker.target = target_of(task)


def _grade_in_worker(submission: Submission) -> Grade:
    return grade(_Worker.task, _Worker.target, submission)
