"""`cnnspec check`: mark one homework table."""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from os.path import isdir, isfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.order import demand_spec_first
from cnnspec.cli.output import ErrorFormat, diagnostics, emit, terminal_width, use_color
from cnnspec.cli.suffixes import format_of
from cnnspec.errors import UsageError, listing, shorten, suggest
from cnnspec.files import read_content
from cnnspec.registry import modules_in

if TYPE_CHECKING:
    from types import ModuleType

    from cnnspec.homework.assignment.record import Assignment
    from cnnspec.homework.feedback import Reveal as Level
    from cnnspec.homework.marking.checking import Check, Marking
    from cnnspec.homework.reports._format import ResultFormat as Form
    from cnnspec.ir.graph import Graph

EXAMPLES = """Examples:

cnnspec check lenet5-rgb my-table.csv

cnnspec check lenet5-rgb my-table.md --reveal hint

cnnspec check lenet5-rgb key.csv --as-key

cnnspec check hw3.yaml my-table.csv

cnnspec check net.yaml table.csv --format gradescope -o results.json
"""


if TYPE_CHECKING:
    ResultFormat = str
else:
    ResultFormat = opt.choices("ResultFormat", modules_in("homework", "reports"))
DEFAULT: Final = "text"


class RevealOption(StrEnum):
    """How much is given away."""

    NONE = "none"
    VERDICT = "verdict"
    HINT = "hint"
    FULL = "full"


class FollowThroughOption(StrEnum):
    """What a cell earns that follows from an earlier, wrong one."""

    FULL = "full"
    HALF = "half"
    NONE = "none"


Reveal = Annotated[
    RevealOption | None,
    typer.Option("--reveal", help="How much is given away: full, unless the assignment or the format says."),
]
Credit = Annotated[
    FollowThroughOption | None,
    typer.Option("--follow-through", help="Credit for a cell that is right given an earlier, wrong row."),
]
Weights = Annotated[
    list[str], typer.Option("--weight", metavar="COLUMN=N", help="Points per cell of a column, such as params=2.")
]


def check(
    spec: opt.SpecOrAssignment,
    table: Annotated[
        str,
        typer.Argument(
            metavar="TABLE", help="The homework: a file, `-` for standard input, or a folder or zip archive with it."
        ),
    ],
    format: Annotated[
        ResultFormat | None,
        typer.Option("--format", "-f", help="The format; that of the output's suffix, or text, unless given."),
    ] = None,
    reveal: Reveal = None,
    follow_through: Credit = None,
    weight: Weights = [],
    as_key: Annotated[bool, typer.Option("--as-key", help="The table is an answer key: lint it.")] = False,
    input: opt.Input = [],
    param: opt.Param = [],
    limit: opt.Limit = [],
    output: opt.Output = None,
    force: opt.Force = False,
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Mark a table of shapes, sizes and parameters cell by cell, with the reason behind every wrong one.

    SPEC may be an assignment, which says what is asked for and what it is worth (`cnnspec assignment` writes one).
    The table may be CSV, TSV, Markdown, JSON, YAML, LaTeX, HTML, XLSX or plain text; in a folder or an archive it is
    the one file that can be marked.
    Exit code 0: all right; 1: something is wrong; 2: not gradable or wrong usage. With `--format gradescope`,
    `classroom50` and `prairielearn` it is always 0 where there is a result: their runners want so, the score says the
    rest.
    """
    with diagnostics(error_format, output, force=force):
        demand_spec_first("check", spec, table, "the table")
        chosen = format or format_of(output, "homework", "reports", default=DEFAULT)
        graph, homework = opt.load_homework(spec, input, param, limit)
        result = _checked(graph, table, read_marking(weight, follow_through, homework))
        report = import_module(f"cnnspec.homework.reports.{chosen}")
        form = report.FORMAT
        text = _render(result, report, level_of(reveal, homework, form), to_terminal=output is None)
        emit(text + _lint(result) if as_key and form.reader else text, output, force=force, colored=form.terminal)
        if as_key and not form.reader:
            typer.echo(_lint(result), err=True, nl=False)
        if not result.passed and not form.runner:
            raise typer.Exit(1 if result.gradable else 2)


def _checked(graph: Graph, table: str, marking: Marking) -> Check:
    """Return the marks of a file, or of the one table in a folder or an archive."""
    from cnnspec.homework.marking.checking import check as check_table

    # Not pathlib, which raises for names that no system allows: those are files that cannot be read.
    if isdir(table) or (table.lower().endswith(".zip") and isfile(table)):  # noqa: PTH112, PTH113
        from cnnspec.homework.classes.handed_in import check_handed_in

        return check_handed_in(graph, Path(table), marking)
    return check_table(graph, *read_content(table), marking)


def level_of(reveal: RevealOption | None, homework: Assignment | None, form: Form | None = None) -> Level:
    """Return how much is given away: as the option says, else the assignment, else the format, else all."""
    from cnnspec.homework.feedback import Reveal as Level

    if reveal is not None:
        return Level(reveal.value)
    if homework is not None and homework.reveal is not None:
        return homework.reveal
    return form.reveal if form else Level.FULL


def read_marking(
    weights: list[str], follow_through: FollowThroughOption | None, homework: Assignment | None
) -> Marking:
    """Return the marking of an assignment, or the usual one, with what the options ask for instead."""
    from cnnspec.homework.marking.checking import STANDARD, FollowThrough

    marking = homework.marking if homework is not None else STANDARD
    points = dict(marking.weights)
    for text in weights:
        column, equals, number = text.partition("=")
        if column not in points or not equals or not number.isdecimal() or len(number) > 6:
            message = f"`{shorten(text)}` is not COLUMN=N"
            note = f"columns are {listing(points)}, N is an integer ≥ 0"
            raise UsageError.one(
                "E703", message, notes=(note,), help="" if column in points else suggest(column, points)
            )
        points[column] = int(number)
    chosen = FollowThrough(follow_through.value) if follow_through is not None else marking.follow_through
    return marking._replace(weights=points, follow_through=chosen)


def _render(result: Check, report: ModuleType, reveal: Level, *, to_terminal: bool) -> str:
    terminal = {"width": terminal_width(), "color": use_color()} if report.FORMAT.terminal and to_terminal else {}
    return str(report.render(result, reveal, **terminal))


def _lint(result: Check) -> str:
    """Return what is said of a table as an answer key."""
    from cnnspec.homework.feedback import counted
    from cnnspec.homework.marking.errata import known_erratum
    from cnnspec.homework.marking.marks import Status

    if not result.gradable:
        return ""
    if result.passed:
        return "As an answer key: every number is right.\n"
    erratum = known_erratum(result)
    wrong = sum(mark.status is not Status.CORRECT for mark in result.marks)
    text = (
        f"As an answer key: {counted(wrong, 'number')} {'is' if wrong == 1 else 'are'} wrong; do not grade with it.\n"
    )
    if erratum:
        numbers = ", ".join(f"{number:,}" for number in erratum.published)
        text += f"This is a known erratum: {erratum.title} ({numbers}).\nSource: {erratum.source}.\n"
    return text
