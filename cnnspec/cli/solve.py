"""`cnnspec solve`: the numbers that a spec leaves open."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, diagnostics, emit, is_terminal
from cnnspec.cli.suffixes import format_of
from cnnspec.errors import UsageError, shorten
from cnnspec.registry import modules_in

if TYPE_CHECKING:
    from cnnspec.solving.unknowns import Statement

EXAMPLES = """Examples:

cnnspec solve stride.yaml

cnnspec solve budget.yaml --show 3

cnnspec solve stride.yaml --format json

stride.yaml: {input: 39x39x3, layers: [{conv: 20 5x5/? pad=?, expect: 19x19x20}]}
"""

if TYPE_CHECKING:
    SolutionFormat = str
else:
    SolutionFormat = opt.choices("SolutionFormat", modules_in("reports", "solutions"))
DEFAULT: Final = "text"
MOMENT: Final = 0.5
"""Seconds between two looks at how far a search is."""


def solve(
    spec: opt.Spec,
    show: Annotated[int, typer.Option("--show", min=1, metavar="N", help="How many solutions are shown.")] = 10,
    most: Annotated[
        int | None, typer.Option("--most", min=1, metavar="N", help="How many values are tried, the simplest first.")
    ] = None,
    format: Annotated[
        SolutionFormat | None,
        typer.Option("--format", "-f", help="The format; that of the output's suffix, or text, unless given."),
    ] = None,
    input: opt.Input = [],
    param: opt.Param = [],
    output: opt.Output = None,
    force: opt.Force = False,
    limit: opt.Limit = [],
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Find the numbers that a spec leaves open: all small ones that fit, with the formulas that show it.

    A `?` stands for filters, units, a window, a stride, a padding, a repeat or a parameter of the file. What must hold
    is said as everywhere: `expect: 19x19x20` below a layer, or `expect: {params: <= 5M}` at the top of the file.
    Exit code 1 where nothing fits.
    """
    with diagnostics(error_format, output, force=force):
        from cnnspec import networks
        from cnnspec.solving.search import search
        from cnnspec.solving.unknowns import find_unknowns

        chosen = format or format_of(output, "reports", "solutions", default=DEFAULT)
        limits, given = opt.read_limits(limit), opt.overrides(input, param)
        source = networks.open_source(spec, limits)
        folder = Path(spec).parent if spec != "-" else None
        statement = find_unknowns(source, limits)
        _demand_open(statement, given)
        with _progress() as tell:
            found = search(
                statement,
                lambda text: networks.loads(text, source.name, **given, limits=limits, folder=folder),
                most,
                tell,
            )
        report = import_module(f"cnnspec.reports.solutions.{chosen}")
        emit(report.render(found, show), output, force=force)
        if not found.solutions:
            raise typer.Exit(1)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal how far a search is that takes longer than a moment; nothing is left of it at the end."""
    started = shown = monotonic()

    def tell(tried: int, most: int) -> None:
        nonlocal shown
        if monotonic() - shown > MOMENT and is_terminal(sys.stderr):
            shown = monotonic()
            typer.echo(f"\r{tried:,} of at most {most:,} tried", err=True, nl=False)

    try:
        yield tell
    finally:
        if shown > started:
            typer.echo("\r\x1b[K", err=True, nl=False)


def _demand_open(statement: Statement, given: Mapping[str, Any]) -> None:
    """Raise UsageError where an option gives what the spec leaves open: no number would change a thing."""
    names = {*(given["params"] or ()), *(["input"] if given["inputs"] else [])}
    for name in statement.open:
        if name in names:
            option = "--input" if name == "input" else "--param"
            message = f"`{shorten(name)}` is `?` in the spec, and `{option}` gives it a value"
            raise UsageError.one("E702", message, help=f"leave `{option}` out, or write the value in place of the `?`")
