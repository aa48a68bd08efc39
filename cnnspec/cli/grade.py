"""`cnnspec grade`: check a whole class."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import typer

from cnnspec.cli import check as one
from cnnspec.cli import options as opt
from cnnspec.cli.order import demand_spec_first
from cnnspec.cli.output import ErrorFormat, diagnostics, emit, is_file, is_terminal, say, use_color, write_file
from cnnspec.cli.suffixes import PAGES, demand
from cnnspec.errors import CnnspecError, UsageError, shorten
from cnnspec.files import demand_free, read_content, taken

if TYPE_CHECKING:
    from cnnspec.homework.classes.gradebook import Gradebook
    from cnnspec.homework.classes.grading import Grade, Task
    from cnnspec.homework.classes.ledger import Begun
    from cnnspec.homework.classes.review import Review
    from cnnspec.homework.classes.stopping import Wish
    from cnnspec.homework.feedback import Reveal

LONGEST_NAME: Final = 100

EXAMPLES = """Examples:

cnnspec grade lenet5-rgb submissions/ -o grades.csv

cnnspec grade lenet5-rgb hw3.zip --feedback feedback/ --reveal hint -o grades.csv

cnnspec grade lenet5-rgb 'hw3/*.csv' --fill canvas.csv --column 'HW3 (1234)'
"""


def grade(
    spec: opt.SpecOrAssignment,
    paths: Annotated[list[str], typer.Argument(metavar="PATHS…", help="Files, folders, patterns or zip archives.")],
    reveal: one.Reveal = None,
    follow_through: one.Credit = None,
    weight: one.Weights = [],
    feedback: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write a Markdown file with feedback per student there.")
    ] = None,
    fill: Annotated[
        Path | None, typer.Option(metavar="EXPORT.csv", help="A gradebook of Canvas or Moodle to fill in.")
    ] = None,
    column: Annotated[
        str | None, typer.Option(metavar="TITLE", help="The gradebook's column, such as 'HW3 (1234)'.")
    ] = None,
    out_of: Annotated[
        float | None, typer.Option(min=0, metavar="N", help="Scale the grades in the gradebook to N points.")
    ] = None,
    newest: Annotated[
        bool, typer.Option("--newest", help="Of several tables of one student, grade the newest.")
    ] = False,
    in_place: Annotated[bool, typer.Option("--in-place", help="Fill the gradebook itself, not a copy.")] = False,
    review: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write a page of the class for the teacher.")
    ] = None,
    timeout: Annotated[
        float, typer.Option(min=1, max=3600, metavar="SECONDS", help="What one submission may take at most.")
    ] = 10,
    jobs: Annotated[int, typer.Option(min=1, max=64, metavar="N", help="Processes that check at once.")] = 1,
    input: opt.Input = [],
    param: opt.Param = [],
    limit: opt.Limit = [],
    output: opt.Output = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on: keep the students that the output has.")] = False,
    force: opt.Force = False,
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Check every submission of a class: a line of CSV per student, and a summary with the slips of the class.

    A broken submission is a line that says so; it never stops the others. Students are named by their folder or file.
    Exit code 0: every submission was graded; 1: one was not, or has no place in the gradebook; 2: wrong usage;
    130: interrupted.
    """
    with diagnostics(error_format, output, force=force or resume):
        if resume and not is_file(output):
            raise UsageError.one("E702", "`--resume` needs the file that the interrupted run wrote, with `-o FILE`")
        for option, value in (("--out-of", out_of), ("--timeout", timeout)):
            if value is not None and not isfinite(value):
                raise UsageError.one("E703", f"`{option}` must be a finite number, not `{value}`")
        _demand_together(fill, {"--column": column is not None, "--out-of": out_of is not None, "--in-place": in_place})
        demand(output, ".csv", what="grades are CSV")
        if review:
            demand(review, *PAGES, what="the page of a class is HTML")
            demand_free(review, force=force)
        from cnnspec.homework.classes import class_text
        from cnnspec.homework.classes.asking import one_maximum, with_due
        from cnnspec.homework.classes.budget import Budget
        from cnnspec.homework.classes.grading import Task, summarize_class
        from cnnspec.homework.classes.ledger import begun
        from cnnspec.homework.classes.review import reviewing
        from cnnspec.homework.classes.stopping import listening
        from cnnspec.homework.classes.submissions import find_submissions

        demand_spec_first("grade", spec, paths[0], "the submissions")
        graph, homework = opt.load_homework(spec, input, param, limit)
        submissions = find_submissions(paths)
        if homework is not None:
            submissions = with_due(submissions, homework.due)
        if not submissions:
            raise UsageError.one("E601", "there are no submissions in these paths")
        students = [entry.student for entry in submissions]
        files = _feedback_files(feedback, students, force=force or resume) if feedback else {}
        filling = _open_gradebook(fill, column, in_place=in_place, force=force) if fill and column else None
        level = one.level_of(reveal, homework) if feedback else None
        marking = one_maximum(one.read_marking(weight, follow_through, homework), graph, submissions, Budget(timeout))
        task = Task(graph, marking, level, Budget(timeout), newest, review is not None)
        grades: list[Grade] = []
        with listening() as wish, reviewing() as page:
            started = begun(submissions, output if resume else None)
            run = _Run(task, started, jobs, output, files, page if review else None)
            summary = summarize_class(_kept_for(grades if filling else None, _graded(run, wish)))
            if review:
                page.write(review, summary)
        if wish.heard and summary.submissions < len(submissions):
            step = "; `--resume` goes on with the others" if is_file(output) else ""
            say(f"interrupted: {summary.submissions} of {len(submissions)} submissions are graded{step}")
            raise typer.Exit(130)
        typer.echo(class_text.render(summary, color=use_color()), err=output is None, nl=False)
        say(str(marking.asked), err=output is None)
        points = marking.out_of if out_of is None else out_of
        clear = _fill(filling, grades, points, one.level_of(reveal, homework)) if filling else True
        if not clear or summary.gradable < summary.submissions:
            raise typer.Exit(1)


class _Run(NamedTuple):
    """One run over a class: what is done and what is left, and where the lines and the feedback go."""

    task: Task
    begun: Begun
    jobs: int
    output: Path | None
    feedback: dict[str, Path]
    review: Review | None


def _graded(run: _Run, wish: Wish) -> Iterator[Grade]:
    """Yield all grades, those of an earlier run first; each is written before the next begins, until a wish to stop."""
    from cnnspec.homework.classes import class_csv, ledger
    from cnnspec.homework.classes.grading import grade_all

    def to_stdout(line: str) -> None:
        emit(line, None)

    if is_file(run.output):
        writing: AbstractContextManager[Callable[[str], object]] = ledger.opened(run.output, run.begun.kept)
    else:
        writing = nullcontext(to_stdout)
        to_stdout(class_csv.header())
    with writing as write:
        for kept in run.begun.kept:
            if run.review:
                run.review.add(kept._replace(page="<p>graded in an earlier run, which this page does not show</p>"))
            yield kept
        left = run.begun.left if not wish.heard else []
        for result in _with_progress(grade_all(run.task, left, run.jobs), len(left), run.output):
            if path := run.feedback.get(result.student):
                write_file(path, result.feedback or f"Not gradable: {result.error}\n", force=True)
            write(class_csv.render(result))
            if run.review:
                run.review.add(result)
            yield result
            if wish.heard:
                return


def _kept_for(grades: list[Grade] | None, found: Iterable[Grade]) -> Iterator[Grade]:
    """Yield grades, and keep them without their feedback where somebody needs them all."""
    for entry in found:
        if grades is not None:
            grades.append(entry._replace(feedback="", page=""))
        yield entry


def _with_progress(grades: Iterator[Grade], total: int, output: Path | None) -> Iterable[Grade]:
    """Show how far the class is, unless the lines themselves appear on the terminal."""
    if not is_terminal(sys.stderr) or (not is_file(output) and is_terminal(sys.stdout)):
        return grades
    from rich.console import Console
    from rich.progress import track

    return track(grades, "checking", total=total, console=Console(stderr=True), transient=True)


def _feedback_files(folder: Path, students: list[str], *, force: bool) -> dict[str, Path]:
    """Return a file per student, none twice; raise CnnspecError where one is there already."""
    names: set[str] = set()
    files = {}
    for student in students:
        name = _cut(re.sub(r"[^\w.@-]", "_", student)).strip(".") or "unnamed"
        number, free = 1, name
        while free.lower() in names:
            number += 1
            free = f"{name}-{number}"
        names.add(free.lower())
        files[student] = folder / f"{free}.md"
    existing = next((file for file in files.values() if file.exists()), None)
    if existing and not force:
        raise taken(existing, "it exists already", "give `--force` to replace it")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fact = str(error.strerror or "").lower()
        raise CnnspecError.one("E604", f"`{shorten(folder, 80)}` cannot be made", notes=(fact,)) from None
    return files


def _cut(name: str) -> str:
    """Return a name of at most so many bytes as every file system takes, with room for a number and a suffix."""
    return name.encode()[:LONGEST_NAME].decode(errors="ignore")


class _Filling(NamedTuple):
    """A gradebook as it was read, where it lies, its column to fill, and where the filled one is written."""

    path: Path
    book: Gradebook
    column: str
    target: Path
    force: bool


def _demand_together(fill: Path | None, given: dict[str, bool]) -> None:
    """Raise UsageError where a gradebook is to be filled and its column is not named, or where options lack it."""
    if fill and not given["--column"]:
        step = "add the title of the column, such as `--column 'HW3 (1234)'`"
        raise UsageError.one("E702", "`--fill` and `--column` go together", help=step)
    for option in (option for option in given if given[option] and not fill):
        message = f"`{option}` is about a gradebook, and `--fill` names none"
        raise UsageError.one("E702", message, help="add `--fill EXPORT.csv`, an export of Canvas or Moodle")


def _open_gradebook(path: Path, column: str, *, in_place: bool, force: bool) -> _Filling:
    """Read a gradebook whole; raise CnnspecError where it, its column or the place of the filled one will not do."""
    from cnnspec.homework.classes.gradebook import MOST_BYTES, demand_column, read_gradebook

    content, _ = read_content(str(path), MOST_BYTES + 1)
    book = read_gradebook(content, path.name)
    demand_column(book, column)
    target = path if in_place else path.with_name(f"{path.stem}.filled{path.suffix}")
    demand_free(target, force=force or in_place)
    return _Filling(path, book, column, target, force or in_place)


def _fill(filling: _Filling, grades: list[Grade], out_of: float | None, reveal: Reveal) -> bool:
    """Write the filled gradebook; tell whether every grade has its place in it."""
    from cnnspec.homework.classes.comments import comment
    from cnnspec.homework.classes.gradebook import Entry, fill, points_possible
    from cnnspec.homework.feedback import counted

    path, book, column, target, force = filling
    entries = (
        Entry(entry.key or entry.student, _points(entry, out_of), comment(entry, reveal), entry.student)
        for entry in grades
    )
    filled = fill(book, column, entries)
    content, _ = read_content(str(path), len(filled.text) * 4 + 1)
    if content != book.text.encode():
        fact = "it was changed by somebody else while the class was graded"
        raise CnnspecError.one("E409", f"`{shorten(path, 80)}` is not filled", notes=(fact,), help="fill it again")
    write_file(target, filled.text, force=force)
    groups = {
        "not in the gradebook": filled.unknown,
        "not clear who this is": filled.ambiguous,
        "in the gradebook, without a submission": filled.absent,
    }
    for word, students in groups.items():
        for student in students:
            say(f"{word}: {shorten(student)}")
    say(f"filled {counted(filled.filled, 'grade')} into {target}")
    possible, most = points_possible(book, column), out_of or max((entry.max_score for entry in grades), default=0)
    if filled.filled and possible and possible != most:
        say(f"the gradebook's column is out of {possible:g}, these grades are out of {most:g}: `--out-of` scales them")
    if filled.kept:
        say(f"{counted(filled.kept, 'comment')} that stood there {'is' if filled.kept == 1 else 'are'} kept")
    return not filled.unknown and not filled.ambiguous


def _points(entry: Grade, out_of: float | None) -> str:
    """Return what is filled in, nothing for what was not graded."""
    if not entry.gradable:
        return ""
    if out_of is None or not entry.max_score:
        return str(entry.score)
    return f"{entry.score * out_of / entry.max_score:.2f}".rstrip("0").rstrip(".")
