"""What a gradebook's column of comments says of a student's table."""

from __future__ import annotations

from html import escape

from cnnspec.homework.classes.grading import Grade
from cnnspec.homework.feedback import Reveal, slip_title
from cnnspec.homework.marking.marks import Status
from cnnspec.reports.csv import harmless


def comment(grade: Grade, reveal: Reveal) -> str:
    """Return the points, what was wrong, and the hints of the slips, as far as is revealed: escaped, for HTML."""
    words = [f"{grade.score} of {grade.max_score} points."]
    faults = [f"{number} {status}" for status, number in grade.counts.items() if number and status != Status.CORRECT]
    if faults and reveal is not Reveal.NONE:
        words.append(f"Cells: {', '.join(faults).replace('_', '-')}.")
    if reveal in (Reveal.HINT, Reveal.FULL):
        words += [_said(*slip_title(slip)) for slip in grade.slips]
    return escape(str(harmless(" ".join(words))), quote=False)


def _said(mistake: str, hint: str) -> str:
    return f"{mistake[:1].upper()}{mistake[1:]}. {hint}"
