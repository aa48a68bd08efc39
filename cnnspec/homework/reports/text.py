"""The marked table for a terminal, with the diagnosis in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from cnnspec.analysis.quantities import PARAMS, QUANTITIES, SHAPE
from cnnspec.errors import PLAIN, printable, render_text, shorten
from cnnspec.homework.diagnosis.diagnosis import ARITHMETIC, equations, on_the_way
from cnnspec.homework.feedback import SIGNS, Reveal, cell_message, difference, in_course_points, slip_title
from cnnspec.homework.marking.asked import counted_so
from cnnspec.homework.marking.checking import Check
from cnnspec.homework.marking.marks import Mark, Status, columns_of, rows_of
from cnnspec.homework.reports._format import ResultFormat
from cnnspec.text_table import Column, Line, Paint, folded, lay_out, painter

FORMAT: Final = ResultFormat(reader=True, terminal=True)

STYLES = {Status.CORRECT: "green", Status.FOLLOW_THROUGH: "cyan", Status.WRONG: "bold red", Status.UNREADABLE: "yellow"}


def render(check: Check, reveal: Reveal, *, width: int | None = None, color: bool = False) -> str:
    """Return the marked table, the diagnosis and the score."""
    if not check.gradable:
        faults = render_text(check.faults, PLAIN._replace(width=width))
        return f"{shorten(check.name, 80)}: not gradable\n\n{faults}\n"
    bold, dim = painter("bold", color=color), painter("dim", color=color)
    lines = [folded(line, width) for line in _lines(check, reveal, bold, dim)]
    if reveal is not Reveal.NONE:
        title = f"{shorten(check.name, 80)} against {shorten(check.summary.name, 80)}"
        lines = [bold(title), "", *_table(check, width, color=color), "", *lines]
    return "\n".join(lines) + "\n"


def _table(check: Check, width: int | None, *, color: bool) -> Iterator[str]:
    columns = columns_of(check.marks)
    titles = [Column(QUANTITIES[column].title, number=column != SHAPE.name) for column in columns]
    rows = [Line(*zip(*_cells(cells, columns), strict=True)) for cells in rows_of(check.marks)]
    return lay_out([Column("Layer", wraps=True), *titles], rows, width=width, color=color)


def _cells(marks: Mapping[str, Mark], columns: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the cells of a row, each with its style."""
    first = next(iter(marks.values()))
    yield shorten(first.row or f"({first.layer})"), ""
    for mark in map(marks.get, columns):
        yield (f"{shorten(mark.given)} {SIGNS[mark.status]}", STYLES.get(mark.status, "dim")) if mark else ("", "")


def _lines(check: Check, reveal: Reveal, bold: Paint, dim: Paint) -> Iterator[str]:
    if reveal in (Reveal.HINT, Reveal.FULL):
        yield from _diagnosis(check, reveal, bold)
    if other := difference(check, reveal):
        yield from (bold(f"The whole table is right for another network: {other}."), "")
    for remark in check.table.remarks if check.table else ():
        yield dim(f"Remark: {printable(remark)}")
    yield _score(check, bold)
    if reveal is Reveal.FULL and any(mark.column == PARAMS.name for mark in check.marks):
        counted = counted_so({PARAMS.name: PARAMS}, check.marking.conventions)[PARAMS.name]
        yield f"Right total of the parameters: {counted.total_of(check.summary):,}"


def _diagnosis(check: Check, reveal: Reveal, bold: Paint) -> Iterator[str]:
    told: set[int] = set()
    for finding in check.diagnosis.findings:
        mistake, hint = slip_title(finding.slip)
        yield f"{bold(f'{finding.slip}: {mistake}')}. {hint}"
        for mark in finding.marks:
            told.add(id(mark))
            if reveal is Reveal.FULL:
                yield f"  {shorten(mark.row)}: {_numbers(check, mark)}"
        yield ""
    others = [mark for mark in check.marks if id(mark) not in told and cell_message(check, mark, reveal)]
    for (sign, column, message), rows in _alike(check, others, reveal).items():
        same = sum(mark.column == column and bool(mark.given) for mark in check.marks)
        where = "all rows" if len(rows) == same > 1 else ", ".join(shorten(row) for row in rows)
        yield f"{sign} {where}, {QUANTITIES[column].title}: {message}"
    if others:
        yield ""


def _alike(check: Check, marks: Iterable[Mark], reveal: Reveal) -> dict[tuple[str, str, str], list[str]]:
    """Return the rows of which the same is said, by the sign, the column and the words."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for mark in marks:
        found.setdefault((SIGNS[mark.status], mark.column, cell_message(check, mark, reveal)), []).append(mark.row)
    return found


def _numbers(check: Check, mark: Mark) -> str:
    explanation = check.diagnosis.of(mark)
    if explanation is None or explanation.slips == (ARITHMETIC,):
        return cell_message(check, mark, Reveal.FULL)
    wrong, right = equations(explanation)
    others = f" (consistent with {', '.join(explanation.alternatives)} too)" if explanation.alternatives else ""
    return f"{wrong}, right is {right}{others}{on_the_way(explanation)}"


def _score(check: Check, bold: Paint) -> str:
    asked = check.marking.asked
    cells = [mark for mark in check.marks if not mark.told]
    counted = [mark for mark in cells if asked is None or (mark.layer, mark.column) in asked.cells]
    right = sum(mark.status is Status.CORRECT for mark in counted)
    text = bold(f"{right} of {len(counted)} cells right, score {check.score} of {check.max_score}")
    if check.marking.out_of is not None and check.max_score:
        text += f", that is {in_course_points(check, check.score)} of {check.marking.out_of}"
    if check.score == check.score_without_follow_through:
        return text
    return f"{text} ({check.score_without_follow_through} without follow-through)"
