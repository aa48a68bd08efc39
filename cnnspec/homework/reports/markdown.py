"""The marked table as Markdown, for feedback files and release notes."""

from __future__ import annotations

from typing import Final

from cnnspec.analysis.quantities import QUANTITIES
from cnnspec.errors import Diagnostic, printable, shorten
from cnnspec.homework.feedback import SIGNS, Reveal, cell_message, difference, in_course_points, slip_title
from cnnspec.homework.marking.checking import Check
from cnnspec.homework.marking.marks import Mark, columns_of, rows_of
from cnnspec.homework.reports._format import ResultFormat
from cnnspec.reports.markdown import escape

FORMAT: Final = ResultFormat(suffix=".md", reader=True)


def render(check: Check, reveal: Reveal) -> str:
    """Return the marks, the diagnosis and the score as Markdown."""
    head = [f"### {escape(shorten(check.name, 80))} against {escape(check.summary.name)}", ""]
    if not check.gradable:
        return (
            "\n".join([*head, "Not gradable:", "", *(line for fault in check.faults for line in _fault(fault))]) + "\n"
        )
    lines = head
    if reveal is not Reveal.NONE:
        lines += [*_table(check), ""]
    if reveal in (Reveal.HINT, Reveal.FULL):
        lines += _diagnosis(check, reveal)
    if other := difference(check, reveal):
        lines += [f"The whole table is right for another network: {other}.", ""]
    if check.table and check.table.remarks and reveal is not Reveal.NONE:
        lines += [*(f"- Remark: {escape(printable(remark))}" for remark in check.table.remarks), ""]
    lines.append(f"**Score {check.score} of {check.max_score}{_in_course_points(check)}**")
    if check.score != check.score_without_follow_through:
        lines.append(f"({check.score_without_follow_through} without follow-through)")
    return "\n".join(lines) + "\n"


def _in_course_points(check: Check) -> str:
    if check.marking.out_of is None or not check.max_score:
        return ""
    return f", that is {in_course_points(check, check.score)} of {check.marking.out_of}"


def _fault(fault: Diagnostic) -> list[str]:
    """Return what is wrong with a table that cannot be graded: its place, the facts, and what helps."""
    place = f" (line {fault.span.source.position(fault.span.start)[0]})" if fault.span else ""
    facts = [*fault.notes, *([f"Help: {fault.help}"] if fault.help else [])]
    return [f"- {escape(printable(fault.message))}{place}", *(f"  - {escape(printable(fact))}" for fact in facts)]


def _table(check: Check) -> list[str]:
    columns = columns_of(check.marks)
    titles = (QUANTITIES[column].title for column in columns)
    lines = [f"| Layer | {' | '.join(titles)} |", f"| --- |{' --- |' * len(columns)}"]
    for cells in rows_of(check.marks):
        first = next(iter(cells.values()))
        label = first.row or f"({first.layer})"
        shown = [_cell(cells.get(column)) for column in columns]
        lines.append(f"| {escape(shorten(label))} | {' | '.join(shown)} |")
    return lines


def _cell(mark: Mark | None) -> str:
    return f"{escape(shorten(mark.given))} {SIGNS[mark.status]}" if mark else ""


def _diagnosis(check: Check, reveal: Reveal) -> list[str]:
    lines = []
    for finding in check.diagnosis.findings:
        mistake, hint = slip_title(finding.slip)
        lines.append(f"- **{escape(finding.slip)}**: {escape(mistake)}. {escape(hint)}")
        if reveal is Reveal.FULL:
            lines += [f"  - {escape(mark.row)}: {escape(cell_message(check, mark, reveal))}" for mark in finding.marks]
    return [*lines, ""] if lines else []
