"""`cnnspec runs`: a table over many trainings."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, diagnostics, emit, terminal_width, use_color, write_file
from cnnspec.cli.suffixes import format_of
from cnnspec.errors import CnnspecError
from cnnspec.files import demand_free
from cnnspec.registry import modules_in

if TYPE_CHECKING:
    from cnnspec.training.overview.groups import Overview

EXAMPLES = """Examples:

cnnspec runs

cnnspec runs sweeps/digits-cnn

cnnspec runs lenet5/1 lenet5/2 --each --sort seconds

cnnspec runs sweeps/digits-cnn --format markdown --curves curves.svg
"""

if TYPE_CHECKING:
    OverviewFormat = str
else:
    OverviewFormat = opt.choices("OverviewFormat", modules_in("training", "overview", "formats"))
DEFAULT: Final = "table"


def runs(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN…]", help="Run folders, or folders in which runs lie; `runs` unless given.", show_default=False
        ),
    ] = None,  # click before 8.3 refuses another default of several
    each: Annotated[
        bool, typer.Option("--each", help="A line for every run: those that differ in their seed alone too.")
    ] = False,
    sort: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="accuracy or another score, loss, best_epoch, params, macs, seconds, or a setting; the best score "
            "first unless given.",
        ),
    ] = None,
    curves: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the learning curves of all into one SVG.")
    ] = None,
    format: Annotated[
        OverviewFormat | None,
        typer.Option("--format", "-f", help="The format; that of the output's suffix, or a table, unless given."),
    ] = None,
    output: opt.Output = None,
    force: opt.Force = False,
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Show trainings side by side: the settings in which they differ, and what came of them, the best first.

    Runs that differ in their seed alone are one line, with the mean and the standard deviation of their scores on the
    test images: the accuracy, or what is measured of labels, numbers and masks. No framework is needed.
    """
    with diagnostics(error_format, output, force=force):
        from cnnspec.keras.requirement import require

        require(["numpy"])
        if curves is not None:
            demand_free(curves, force=force)
        from cnnspec.training.overview.groups import overview
        from cnnspec.training.overview.reading import folders, read_all

        found = read_all(folders(runs or []))
        if found.runs:
            shown = overview(found.runs, each=each, sort=sort)
            emit_overview(
                shown,
                format or format_of(output, "training", "overview", "formats", default=DEFAULT),
                output,
                force=force,
            )
            if curves is not None:
                write_file(curves, _curves(shown), force=force)
        if found.faults:
            raise CnnspecError(found.faults)


def emit_overview(shown: Overview, name: str, output: Path | None, *, force: bool) -> None:
    """Write a table over runs in a format."""
    form = import_module(f"cnnspec.training.overview.formats.{name}")
    options: dict[str, Any] = {}
    if form.FORMAT.terminal and output is None:
        options = {"width": terminal_width(), "color": use_color()}
    emit(form.render(shown, **options), output, force=force, colored=form.FORMAT.terminal)


def _curves(shown: Overview) -> str:
    from cnnspec.drawing.run_curves import Drawn, render
    from cnnspec.training.overview.formats._rows import show_value

    groups = []
    for group in shown.groups:
        words = [f"{name} {show_value(value)}" for name, value in group.settings.items()]
        groups.append(Drawn(", ".join(words) or group.runs[0].folder, [run.history for run in group.runs]))
    names = dict.fromkeys(run.network for group in shown.groups for run in group.runs)
    return render(groups, f"Learning curves of {', '.join(names)}")
