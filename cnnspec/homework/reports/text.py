"""The marked table for a terminal, with the diagnosis in words."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Final

from rich import box
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from cnnspec.analysis.quantities import PARAMS, QUANTITIES, SHAPE
from cnnspec.errors import printable, render_text, shorten
from cnnspec.homework.diagnosis.diagnosis import ARITHMETIC, equations, on_the_way
from cnnspec.homework.feedback import SIGNS, Reveal, cell_message, difference, slip_title
from cnnspec.homework.marking.checking import Check
from cnnspec.homework.marking.marks import Mark, Status, columns_of, rows_of
from cnnspec.homework.reports._format import ResultFormat

FORMAT: Final = ResultFormat(reader=True, terminal=True)

STYLES = {Status.CORRECT: "green", Status.FOLLOW_THROUGH: "cyan", Status.WRONG: "bold red", Status.UNREADABLE: "yellow"}


def render(check: Check, reveal: Reveal, *, width: int | None = None, color: bool = False) -> str:
    """Return the marked table, the diagnosis and the score."""
    if not check.gradable:
        return f"{shorten(check.name, 80)}: not gradable\n\n{render_text(check.faults)}\n"
    output = StringIO()
    console = Console(file=output, width=width or 200, color_system="standard" if color else None, force_terminal=color)
    if reveal is not Reveal.NONE:
        console.print(_table(check))
    for line in _lines(check, reveal):
        console.print(line, soft_wrap=True)
    return "\n".join(line.rstrip() for line in output.getvalue().splitlines()) + "\n"


def _table(check: Check) -> Table:
    columns = columns_of(check.marks)
    table = Table(
        title=Text(f"{shorten(check.name, 80)} against {shorten(check.summary.name, 80)}", style="bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        header_style="bold",
        pad_edge=False,
    )
    table.add_column("Layer")
    for column in columns:
        justify: JustifyMethod = "left" if column == SHAPE.name else "right"
        table.add_column(QUANTITIES[column].title, justify=justify, no_wrap=True)
    for cells in rows_of(check.marks):
        first = next(iter(cells.values()))
        label = first.row or f"({first.layer})"
        table.add_row(Text(shorten(label)), *(_cell(cells.get(column)) for column in columns))
    return table


def _cell(mark: Mark | None) -> Text:
    if mark is None:
        return Text("")
    return Text(f"{shorten(mark.given)} {SIGNS[mark.status]}", style=STYLES.get(mark.status, "dim"))


def _lines(check: Check, reveal: Reveal) -> Iterator[Text]:
    if reveal in (Reveal.HINT, Reveal.FULL):
        yield from _diagnosis(check, reveal)
    if other := difference(check, reveal):
        yield Text(f"The whole table is right for another network: {other}.", style="bold")
        yield Text("")
    for remark in check.table.remarks if check.table else ():
        yield Text(f"Remark: {printable(remark)}", style="dim")
    yield _score(check)
    if reveal is Reveal.FULL and any(mark.column == PARAMS.name for mark in check.marks):
        yield Text(f"Right total of the parameters: {check.summary.totals.params:,}")


def _diagnosis(check: Check, reveal: Reveal) -> Iterator[Text]:
    told: set[int] = set()
    for finding in check.diagnosis.findings:
        mistake, hint = slip_title(finding.slip)
        yield Text(f"{finding.slip}: {mistake}", style="bold").append(f". {hint}", style="not bold")
        for mark in finding.marks:
            told.add(id(mark))
            if reveal is Reveal.FULL:
                yield Text(f"  {shorten(mark.row)}: {_numbers(check, mark)}")
        yield Text("")
    others = [mark for mark in check.marks if id(mark) not in told and cell_message(check, mark, reveal)]
    for mark in others:
        sign = SIGNS[mark.status]
        yield Text(f"{sign} {shorten(mark.row)}, {QUANTITIES[mark.column].title}: {cell_message(check, mark, reveal)}")
    if others:
        yield Text("")


def _numbers(check: Check, mark: Mark) -> str:
    explanation = check.diagnosis.of(mark)
    if explanation is None or explanation.slips == (ARITHMETIC,):
        return cell_message(check, mark, Reveal.FULL)
    wrong, right = equations(explanation)
    others = f" (consistent with {', '.join(explanation.alternatives)} too)" if explanation.alternatives else ""
    return f"{wrong}, right is {right}{others}{on_the_way(explanation)}"


def _score(check: Check) -> Text:
    right = sum(mark.status is Status.CORRECT for mark in check.marks)
    text = Text(f"{right} of {len(check.marks)} cells right, score {check.score} of {check.max_score}", style="bold")
    if check.score != check.score_without_follow_through:
        text.append(f" ({check.score_without_follow_through} without follow-through)", style="not bold")
    return text
