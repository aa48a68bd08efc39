"""`cnnspec report`: a network as one page for a browser."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, diagnostics, emit
from cnnspec.cli.suffixes import PAGES, demand
from cnnspec.errors import UsageError, shorten

EXAMPLES = """Examples:

cnnspec report lenet5 -o lenet5.html

cnnspec report resnet50 --input 448x448x3 -o resnet50.html

cnnspec report mobilenetv2 --dtype int8 --batch 8 -o mobilenetv2.html

cnnspec report resnet18 --convention thop --params torch -o resnet18.html

cnnspec report --run runs/lenet5/1 -o lenet5.html
"""

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnspec.analysis.measure import Summary
    from cnnspec.ir.graph import Graph


def report(
    spec: Annotated[
        str | None,
        typer.Argument(
            metavar="[SPEC]",
            help="A path, `-`, or the name of a bundled network; that of the run unless given.",
            show_default=False,
        ),
    ] = None,
    output: opt.Output = None,
    run: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Show the pictures of a trained network too: its folder, or `NAME/N`."),
    ] = None,
    input: opt.Input = [],
    batch: opt.Batch = 1,
    dtype: opt.Numbers = opt.DType.FLOAT32,
    in_place: opt.InPlace = False,
    optimizer: opt.Optimizer = "",
    convention: opt.Convention = None,
    params: opt.Parameters = "keras",
    param: opt.Param = [],
    force: opt.Force = False,
    limit: opt.Limit = [],
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Write one HTML file about a network: its drawing, and its table with the derivation of every number.

    Windows slide over small inputs, and an output element shows what it sees. The page loads nothing from anywhere.
    """
    with diagnostics(error_format, output, force=force):
        demand(output, *PAGES, what="the page is HTML")
        from cnnspec.analysis.measure import measure

        measured = partial(
            measure,
            batch=batch,
            dtype=dtype.value,
            counting=opt.counting(convention, params),
            memory=opt.memory_of(memory=True, in_place=in_place, optimizer=optimizer),
        )
        if run is not None:
            if input or param or limit:
                step = "leave `--input`, `--param` and `--limit` out"
                raise UsageError.one("E702", "a run has its own values: `--run` goes with no others", help=step)
            emit(_of_run(run, spec, measured), output, force=force, file="network.html")
            return
        if spec is None:
            raise UsageError.one("E702", "what shall be reported?", help="name a spec, or give `--run RUN`")
        from cnnspec.pages.document import render

        emit(render(measured(opt.load(spec, input, param, limit))), output, force=force, file="network.html")


def _of_run(name: str, spec: str | None, measured: Callable[[Graph], Summary]) -> str:
    """Return the page of a run; a spec beside it must be that of its network."""
    from cnnspec.keras import require

    require(["numpy"])  # what reads a run is built for training
    from cnnspec.pages.document import Picture, render
    from cnnspec.training.runs.opening import open_run
    from cnnspec.training.runs.pictures import pictures_of

    opened = open_run(name)
    if spec is not None:
        given = opt.load(spec, [], [], [])
        if given.name != opened.graph.name:
            facts = (f"the run is of `{shorten(opened.graph.name)}`",)
            raise UsageError.one("E702", f"`{shorten(name)}` is no run of `{shorten(given.name)}`", notes=facts)
    pictures = [Picture(title, svg) for title, svg in pictures_of(opened.folder)]
    return render(measured(opened.graph), pictures, f"Training: {opened.folder.parent.name}/{opened.folder.name}")
