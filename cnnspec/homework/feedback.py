"""What a student is told about a cell, at four levels of openness."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from cnnspec.analysis.quantities import QUANTITIES, SHAPE
from cnnspec.errors import shorten
from cnnspec.homework.diagnosis.diagnosis import ARITHMETIC, hints_of, message
from cnnspec.homework.diagnosis.slips import all_slips
from cnnspec.homework.marking.checking import Check
from cnnspec.homework.marking.marks import Mark, Status, show_answer


class Reveal(StrEnum):
    """How much a report gives away: the score, the verdicts, hints, or the right answers."""

    NONE = "none"
    VERDICT = "verdict"
    HINT = "hint"
    FULL = "full"


SIGNS = {
    Status.CORRECT: "✓",
    Status.FOLLOW_THROUGH: "↳",
    Status.WRONG: "✗",
    Status.MISSING: "·",
    Status.UNREADABLE: "?",
}


def cell_name(mark: Mark) -> str:
    """Return what one cell is called: its row and the title of its column."""
    return f"{shorten(mark.row or mark.layer, 80)}: {QUANTITIES[mark.column].title}"


def cell_message(check: Check, mark: Mark, reveal: Reveal) -> str:
    """Return what is said about one cell, an empty text where there is nothing to say."""
    if reveal in (Reveal.NONE, Reveal.VERDICT):
        return ""
    if mark.status is Status.CORRECT:
        return mark.remark
    if mark.status is Status.FOLLOW_THROUGH:
        return _followed(mark, reveal)
    if mark.status is Status.UNREADABLE:
        return f"this cell could not be read as a {'shape' if mark.column == SHAPE.name else 'number'}"
    if mark.status is Status.MISSING:
        return f"expected {show_answer(mark.expected)}" if reveal is Reveal.FULL and mark.line else ""
    return _wrong(check, mark, reveal)


def _followed(mark: Mark, reveal: Reveal) -> str:
    text = "right given your own earlier answer"
    return f"{text}; with the right one it is {show_answer(mark.expected)}" if reveal is Reveal.FULL else text


def _wrong(check: Check, mark: Mark, reveal: Reveal) -> str:
    explanation = check.diagnosis.of(mark)
    if mark.credit is not None:
        return mark.remark
    if explanation is None:
        expected = f"expected {show_answer(mark.expected)}" if reveal is Reveal.FULL else ""
        return "; ".join(filter(None, (expected, mark.remark)))
    if reveal is Reveal.FULL:
        return message(explanation)
    if explanation.slips == (ARITHMETIC,):
        written = "the formula is right: recheck its result"
        return written if explanation.is_written else "a slip of the pen: recheck the digits"
    return hints_of(explanation)


def shown_slips(check: Check, mark: Mark, reveal: Reveal) -> list[str]:
    """Return the slips of a cell that a report may name."""
    explanation = check.diagnosis.of(mark) if reveal in (Reveal.HINT, Reveal.FULL) else None
    return list(explanation.slips) if explanation else []


def difference(check: Check, reveal: Reveal) -> str:
    """Return for which other network the table is wholly right, as far as a report may say so."""
    return check.variant.difference if check.variant and reveal in (Reveal.HINT, Reveal.FULL) else ""


def slip_title(slip: str) -> tuple[str, str]:
    """Return a slip's mistake and hint."""
    if slip == ARITHMETIC:
        return "the right formula with wrong digits", "Recheck the product."
    return all_slips()[slip].mistake, all_slips()[slip].hint


def most_points(check: Check) -> int:
    """Return the points that could be earned, also where nothing could be marked; 0 where that depends on the table."""
    return check.max_score if check.gradable else check.marking.max_score or 0


def in_course_points(check: Check, points: int) -> float:
    """Return points as the course counts them: what all are worth together may be fixed, such as 10."""
    return course_points(check)(points)


def course_points(check: Check) -> Callable[[int], float]:
    """Return what turns points into the course's; what all cells are worth together is added up once for all of them.

    Whole numbers stay whole; others have two decimals, as in a gradebook.
    """
    most, out_of = most_points(check), check.marking.out_of
    if out_of is None or not most:
        return lambda points: points

    def scaled(points: int) -> float:
        value = round(points * out_of / most, 2)
        return int(value) if value.is_integer() else value

    return scaled


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "submission"), counted(1200, "submission")
    ('1 submission', '1,200 submissions')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
