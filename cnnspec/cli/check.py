"""`cnnspec check`: mark one homework table."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, diagnostics, emit, terminal_width, use_color
from cnnspec.errors import UsageError, listing, shorten, suggest
from cnnspec.files import read_content

if TYPE_CHECKING:
    from cnnspec.homework.marking.checking import Check, Marking

EXAMPLES = """Examples:

cnnspec check lenet5-rgb my-table.csv

cnnspec check lenet5-rgb my-table.md --reveal hint

cnnspec check lenet5-rgb key.csv --as-key

cnnspec check net.yaml table.csv --format gradescope -o results.json
"""


class Format(StrEnum):
    """The formats of a result; each is written by the module of its name in `cnnspec.homework.reports`."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    GRADESCOPE = "gradescope"
    CLASSROOM50 = "classroom50"
    JUNIT = "junit"


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


Reveal = Annotated[RevealOption, typer.Option("--reveal", help="How much is given away.")]
Credit = Annotated[
    FollowThroughOption,
    typer.Option("--follow-through", help="Credit for a cell that is right given an earlier, wrong row."),
]
Weights = Annotated[
    list[str], typer.Option("--weight", metavar="COLUMN=N", help="Points per cell of a column, such as params=2.")
]


def check(
    spec: opt.Spec,
    table: Annotated[str, typer.Argument(metavar="TABLE", help="The homework: a file, or `-` for standard input.")],
    format: Annotated[Format, typer.Option("--format", "-f", help="The format of the result.")] = Format.TEXT,
    reveal: Reveal = RevealOption.FULL,
    follow_through: Credit = FollowThroughOption.FULL,
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

    The table may be CSV, TSV, Markdown, JSON, YAML, LaTeX, HTML, XLSX or plain text.
    Exit code 0: all right; 1: something is wrong; 2: not gradable or wrong usage. With `--format gradescope` and
    `--format classroom50` it is always 0 where there is a result: their runners want so, the score says the rest.
    """
    with diagnostics(error_format):
        from cnnspec.homework.marking.checking import check as check_table

        graph = opt.load(spec, input, param, limit)
        content, name = read_content(table)
        result = check_table(graph, content, name, read_marking(weight, follow_through))
        text = _render(result, format, reveal, to_terminal=output is None)
        for_reader = format in (Format.TEXT, Format.MARKDOWN)
        emit(
            text + _lint(result) if as_key and for_reader else text, output, force=force, colored=format is Format.TEXT
        )
        if as_key and not for_reader:
            typer.echo(_lint(result), err=True, nl=False)
        if not result.passed and format not in (Format.GRADESCOPE, Format.CLASSROOM50):
            raise typer.Exit(1 if result.gradable else 2)


def read_marking(weights: list[str], follow_through: FollowThroughOption) -> Marking:
    """Return the marking that the options ask for."""
    from cnnspec.homework.marking.checking import STANDARD, FollowThrough, Marking

    points = dict(STANDARD.weights)
    for text in weights:
        column, equals, number = text.partition("=")
        if column not in points or not equals or not number.isdecimal() or len(number) > 6:
            message = f"`{shorten(text)}` is not COLUMN=N"
            note = f"columns are {listing(points)}, N is an integer ≥ 0"
            raise UsageError.one("E703", message, notes=(note,), help=suggest(column, points))
        points[column] = int(number)
    return Marking(points, FollowThrough(follow_through.value))


def _render(result: Check, name: Format, reveal: RevealOption, *, to_terminal: bool) -> str:
    from importlib import import_module

    from cnnspec.homework.feedback import Reveal as Level

    report = import_module(f"cnnspec.homework.reports.{name.value}")
    level = Level(reveal.value)
    if name is Format.TEXT and to_terminal:
        return str(report.render(result, level, width=terminal_width(), color=use_color()))
    return str(report.render(result, level))


def _lint(result: Check) -> str:
    """Return what is said of a table as an answer key."""
    from cnnspec.homework.marking.errata import known_erratum
    from cnnspec.homework.marking.marks import Status

    if not result.gradable:
        return ""
    if result.passed:
        return "As an answer key: every number is right.\n"
    erratum = known_erratum(result)
    wrong = sum(mark.status is not Status.CORRECT for mark in result.marks)
    text = f"As an answer key: {wrong} numbers are wrong; do not grade with it.\n"
    if erratum:
        numbers = ", ".join(f"{number:,}" for number in erratum.published)
        text += f"This is a known erratum: {erratum.title} ({numbers}).\nSource: {erratum.source}.\n"
    return text
