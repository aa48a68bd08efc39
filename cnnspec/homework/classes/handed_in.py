"""What one student handed in, checked whatever it is: a folder or an archive with the table somewhere in it."""

from __future__ import annotations

from pathlib import Path

from cnnspec.archives import MemberError
from cnnspec.errors import Diagnostic, shorten
from cnnspec.homework.classes.budget import STANDARD, Budget, ExceededError, within
from cnnspec.homework.classes.grading import Task, Trial, reason, table_of, target_of
from cnnspec.homework.classes.owners import File, Found, Submission, of_one, shown
from cnnspec.homework.classes.submissions import from_folder, unpacked
from cnnspec.homework.diagnosis.diagnosis import Diagnosis
from cnnspec.homework.marking.checking import Check, Marking
from cnnspec.ir.graph import Graph


def check_handed_in(graph: Graph, path: Path, marking: Marking, budget: Budget = STANDARD) -> Check:
    """Return the marks of the one table in a folder or an archive, never an exception for what stands there."""
    task = Task(graph, marking, budget=budget)
    target = target_of(task)
    try:
        with within(budget):
            submission = handed_in(path)
            trial = table_of(task, target, submission)
    except (MemberError, ExceededError, OSError) as error:
        trial = Trial(None, None, reason(error))
        submission = Submission(path.name, ())
    if trial.check is not None:
        return trial.check
    fault = _fault(trial, submission)
    name = shown(trial.file.name if trial.file else path.name or path.resolve().name)
    return Check(name, target.summary, None, (), Diagnosis((), ()), marking, (fault,))


def handed_in(path: Path) -> Submission:
    """Return the files of one student, with those of the archives among them."""
    found = list(from_folder(str(path))) if path.is_dir() else [Found((path.name,), File(path.name, str(path.parent)))]
    return of_one(shown(path.name), found, unpacked)


def _fault(trial: Trial, submission: Submission) -> Diagnostic:
    """Return why there is no table to mark, in words for the student."""
    if trial.file is not None:
        message = f"`{shorten(trial.file.name, 80)}` cannot be read"
        return Diagnostic("E417", message, notes=(trial.error,), help="hand in the table itself")
    if not submission.files and trial.error == submission.fault:
        return Diagnostic("E417", "nothing was handed in", notes=(trial.error,), help="hand in one file with the table")
    return Diagnostic("E417", trial.error, help="hand in one file with the table")
