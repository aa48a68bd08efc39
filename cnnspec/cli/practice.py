"""`cnnspec practice`: worksheets, one for a class or a variant for every student."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, demand_all_free, diagnostics, emit, write_files, write_folder
from cnnspec.cli.suffixes import OTHERS, TEXT, demand
from cnnspec.errors import UsageError, listing, shorten, suggest
from cnnspec.files import read_content
from cnnspec.registry import modules_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from cnnspec.analysis.measure import Summary
    from cnnspec.homework.assignment.record import Assignment
    from cnnspec.homework.classes.roster import Student
    from cnnspec.homework.practice.worksheet import Plan

EXAMPLES = """Examples:

cnnspec practice lenet5-rgb -o sheet.md

cnnspec practice hw3.yaml -o sheet.md

cnnspec practice lenet5-rgb --vary filters,kernel,input --seed 7 --with-key -o sheet.html

cnnspec practice lenet5-rgb --vary all --roster class.csv --output-dir sheets --format latex

cnnspec practice lenet5-rgb --vary all --max 1000 -o by-hand.md

cnnspec practice lenet5-rgb --vary all --format moodle -o quiz.xml
"""


if TYPE_CHECKING:
    WorksheetFormat = str
else:
    WorksheetFormat = opt.choices("WorksheetFormat", modules_in("homework", "practice", "formats"))
DEFAULT: Final = "markdown"
HOMEWORK: Final = ".hw.yaml"
"""The end of the names of assignments about variants."""
FormatOption = Annotated[
    WorksheetFormat | None,
    typer.Option(
        "--format",
        "-f",
        help="The format of the sheet; that of the output's suffix, or Markdown, unless given. Moodle, GIFT and "
        "text2qti are quizzes, which hold the answers.",
    ),
]
Blank = Annotated[
    str, typer.Option(metavar="all|FRACTION", help="The share of the cells that is left blank, such as 0.5.")
]
Vary = Annotated[
    str,
    typer.Option(
        metavar="LIST", help="What the seed may change: filters, kernel, stride, padding, input, units, or all."
    ),
]
Roster = Annotated[
    str | None, typer.Option(metavar="FILE", help="A CSV file of students: a variant for each, into --output-dir.")
]
Folder = Annotated[
    Path | None, typer.Option("--output-dir", metavar="DIR", help="Write sheet, key and spec into a folder.")
]


def practice(
    spec: opt.SpecOrAssignment,
    format: FormatOption = None,
    key: Annotated[bool, typer.Option("--key", help="Write the key with the right answers instead.")] = False,
    with_key: Annotated[bool, typer.Option("--with-key", help="Write the key too, beside the sheet.")] = False,
    blank: Blank = "all",
    columns: Annotated[
        str | None, typer.Option(metavar="NAMES", help="Columns by name, separated by commas; `help` lists them.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Chooses the variant and the blank cells.")] = 1,
    vary: Vary = "",
    most: Annotated[
        int | None,
        typer.Option(
            "--max", min=1, metavar="N", help="Variants without a larger number: small enough to compute by hand."
        ),
    ] = None,
    roster: Roster = None,
    output: opt.Output = None,
    output_dir: Folder = None,
    force: opt.Force = False,
    input: opt.Input = [],
    param: opt.Param = [],
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Make a practice sheet: the table of a network with cells to fill in, or a variant of it for every student.

    Variants have small numbers in which the usual mistakes give different results. A variant's spec is written beside
    the sheet, so that `cnnspec check SPEC SHEET` marks a sheet that is filled in; with an assignment, one for the
    variant too (`NAME.hw.yaml`), with the same points.
    """
    with diagnostics(error_format, output, force=force):
        _refuse_together(key=key, with_key=with_key, roster=roster, output=output, folder=output_dir)
        plan, format = _plan(columns, blank, vary, seed)._replace(most=most), format or _format_for(output)
        if most is not None and not plan.vary:
            raise UsageError.one("E702", "`--max` is about variants: it goes with `--vary`", help="add `--vary all`")
        from cnnspec.analysis.measure import measure

        graph, homework = opt.load_homework(spec, input, param, [])
        summary, plan = measure(graph), _asked(plan, homework, columns)
        own = homework if plan.vary else None
        if output_dir is not None:
            students = _students(roster) if roster is not None else None
            demand_all_free([output_dir / name for name in _class_names(summary, format, students, own)], force=force)
            write_folder(output_dir, dict(_class_files(summary, plan, format, students, own)), force=force)
        elif output is None or str(output) == "-":
            emit(_one(summary, plan, format, key=key), None)
        else:
            write_files(dict(_sheet_files(summary, plan, format, output, own, key=key, with_key=with_key)), force=force)


def _format_for(output: Path | None) -> str:
    """Return the format of sheets whose files have the suffix of the output: no quiz, for that has the answers."""
    suffix = output.suffix.lower() if output else ""
    if suffix in TEXT:
        return DEFAULT
    forms = {name: _module(name).FORMAT for name in modules_in("homework", "practice", "formats")}
    sheets = {form.suffix: name for name, form in forms.items() if not form.spec and not form.quiz}
    quiz = next((name for name, form in forms.items() if form.quiz and form.suffix == suffix), "")
    if quiz:
        step = f"write `--format {quiz}` too"
        raise UsageError.one("E706", f"`{suffix}` may be a quiz, which holds the answers", help=step)
    demand(output, *sheets, *(other for other, suffix in OTHERS.items() if suffix in sheets), what="a sheet is a text")
    return sheets[OTHERS.get(suffix, suffix)]


def _refuse_together(
    *, key: bool, with_key: bool, roster: str | None, output: Path | None, folder: Path | None
) -> None:
    """Raise UsageError for options that cannot be obeyed at once."""
    message = ""
    if folder is not None and (key or with_key or output is not None):
        message = "`--output-dir` gets sheet, key and spec: `--key`, `--with-key` and `--output` do not go with it"
    elif roster is not None and folder is None:
        message = "`--roster` needs `--output-dir`, for it makes several files"
    elif key and with_key:
        message = "`--key` writes the key instead of the sheet, `--with-key` both: give one of them"
    elif with_key and (output is None or str(output) == "-"):
        message = "`--with-key` needs `--output` or `--output-dir`, for it makes two files"
    if message:
        raise UsageError.one("E702", message)


def _plan(columns: str | None, blank: str, vary: str, seed: int) -> Plan:
    """Return what the options ask for; raise UsageError for a value that cannot be read."""
    from cnnspec.homework.practice.variation import VARIABLE
    from cnnspec.homework.practice.worksheet import STANDARD, Plan

    varied = list(VARIABLE) if vary == "all" else _words("--vary", vary, VARIABLE)
    names = list(STANDARD) if columns is None else _columns(columns)
    return Plan(tuple(names), _share(blank), tuple(varied), seed)


def _asked(plan: Plan, homework: Assignment | None, columns: str | None) -> Plan:
    """Return a plan with what an assignment says; options go before it."""
    if homework is None:
        return plan
    marking = homework.marking
    if marking.asked is not None and columns is None:
        plan = plan._replace(columns=marking.asked.columns)
    return plan._replace(given=homework.given, conventions=marking.conventions, marking=marking)


def _columns(text: str) -> list[str]:
    from cnnspec.analysis.quantities import marked

    known = marked()
    if text == "help":
        typer.echo("\n".join(f"{name:<16} {quantity.title}" for name, quantity in known.items()))
        raise typer.Exit
    names = _words("--columns", text, tuple(known))
    if not names:
        raise _misuse("`--columns` names no column", f"columns are {listing(known)}", "")
    return names


def _words(option: str, text: str, known: tuple[str, ...]) -> list[str]:
    """Return the words of a list, each once."""
    words = list(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    for word in words:
        if word not in known:
            raise _misuse(f"`{option}` takes no `{shorten(word)}`", f"it takes {listing(known)}", suggest(word, known))
    return words


def _share(text: str) -> float:
    from cnnspec.ir.values import real

    try:
        share = 1.0 if text == "all" else real(text)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise _misuse(
            f"`{shorten(text)}` is no share of the cells", "it is `all` or a number above 0, at most 1", "write 0.5"
        )
    return share


def _misuse(message: str, note: str, step: str) -> UsageError:
    return UsageError.one("E703", message, notes=(note,), help=step)


def _module(name: str) -> ModuleType:
    from importlib import import_module

    return import_module(f"cnnspec.homework.practice.formats.{name}")


def _one(summary: Summary, plan: Plan, name: str, *, key: bool) -> str:
    from cnnspec.homework.practice.worksheet import practice as make

    return str(_module(name).render(make(summary, plan), key=key))


def _sheet_files(
    summary: Summary, plan: Plan, name: str, output: Path, homework: Assignment | None, *, key: bool, with_key: bool
) -> Iterator[tuple[Path, str]]:
    """Yield the files of one sheet: itself, its key where it is asked for, and of a variant its spec and assignment."""
    from cnnspec.homework.practice.worksheet import practice as make

    worksheet = make(summary, plan)
    module = _module(name)
    yield output, module.render(worksheet, key=key)
    if with_key:
        yield output.with_name(f"{output.stem}.key{output.suffix}"), module.render(worksheet, key=True)
    spec = output
    if plan.vary and not module.FORMAT.spec:
        spec = output.with_name(f"{output.stem}{'.spec' if output.suffix == '.yaml' else ''}.yaml")
        yield spec, worksheet.spec
    if homework is not None:
        yield output.with_name(f"{output.stem}{HOMEWORK}"), homework.of(spec.name)


def _stems(summary: Summary, students: list[Student] | None) -> list[str]:
    """Return how the files of a folder are called, without their suffixes: for every student, or once."""
    from cnnspec.homework.classes.roster import safe_name, safe_names

    return [safe_name(summary.name)] if students is None else safe_names([student.id for student in students])


def _class_names(
    summary: Summary, name: str, students: list[Student] | None, homework: Assignment | None
) -> Iterator[str]:
    """Yield the names of the files of a folder, which are known before there is anything in them."""
    suffix = _module(name).FORMAT.suffix
    for stem in _stems(summary, students):
        yield f"{stem}.yaml"
        if not _module(name).FORMAT.spec:
            yield from (f"{stem}{suffix}", f"{stem}.key{suffix}")
        if homework is not None:
            yield f"{stem}{HOMEWORK}"


def _class_files(
    summary: Summary, plan: Plan, name: str, students: list[Student] | None, homework: Assignment | None
) -> Iterator[tuple[str, str]]:
    """Yield the files of a folder by their names: spec, sheet, key and assignment, for every student or once."""
    from cnnspec.homework.classes.roster import seed_of
    from cnnspec.homework.practice.worksheet import practice as make

    every: list[Student | None] = [*students] if students else [None]
    texts: list[str] = []
    for number, (student, stem) in enumerate(zip(every, _stems(summary, students), strict=True), 1):
        if student is not None and students:
            _progress(number, len(students))
        own = plan._replace(seed=seed_of(plan.seed, student.id)) if student else plan
        worksheet = make(summary, own, student.shown) if student else make(summary, plan)
        texts.append(worksheet.spec)
        if not _module(name).FORMAT.spec:
            texts += [_module(name).render(worksheet, key=key) for key in (False, True)]
        texts += [homework.of(f"{stem}.yaml")] if homework is not None else []
    return zip(_class_names(summary, name, students, homework), texts, strict=True)


def _students(roster: str) -> list[Student]:
    from cnnspec.homework.classes.roster import read_roster

    return read_roster(*read_content(roster))


def _progress(number: int, total: int) -> None:
    """Show on a terminal how far a class is."""
    if sys.stderr.isatty():
        typer.echo(f"\rsheet {number:,} of {total:,}", err=True, nl=number == total)
