"""`cnnspec compare`: networks side by side."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, diagnostics, emit, terminal_width, use_color
from cnnspec.cli.suffixes import format_of
from cnnspec.errors import CnnspecError, Diagnostic, UsageError, shorten
from cnnspec.registry import modules_in

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph
    from cnnspec.text.limits import Limits

EXAMPLES = """Examples:

cnnspec compare resnet50 mobilenetv2 efficientnet-b0

cnnspec compare net.yaml@HEAD~1 net.yaml --layers

cnnspec compare net.yaml@main net.yaml --layers --format markdown

cnnspec compare net.yaml:width=1 net.yaml:width=0.5

cnnspec compare net.yaml model.keras
"""

if TYPE_CHECKING:
    ComparisonFormat = str
else:
    ComparisonFormat = opt.choices("ComparisonFormat", modules_in("reports", "comparison"))
DEFAULT: Final = "table"


def compare(
    networks: Annotated[
        list[str],
        typer.Argument(
            metavar="A B…",
            help="Specs, bundled networks, model files; FILE@REVISION is git's, SPEC:NAME=VALUE has other parameters.",
        ),
    ],
    layers: Annotated[
        bool, typer.Option("--layers", help="Show which layers of two networks differ, and by how much.")
    ] = False,
    format: Annotated[
        ComparisonFormat | None,
        typer.Option("--format", "-f", help="The format; that of the output's suffix, or a table, unless given."),
    ] = None,
    input: opt.Input = [],
    output: opt.Output = None,
    force: opt.Force = False,
    limit: opt.Limit = [],
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Show the totals of networks side by side, each as a multiple of the first network's.

    Numbers are those of `cnnspec summarize`. With `--layers`, the layers of two networks are aligned: `~` marks one
    that changed, `+` one that the second network has alone, `−` one that the first has alone.
    """
    with diagnostics(error_format, output, force=force):
        _demand_sides(networks, layers=layers)
        from cnnspec.analysis.comparison import Side, compare
        from cnnspec.analysis.measure import measure

        graphs = _open_all(networks, input, opt.read_limits(limit))
        sides = [Side(label, measure(graph)) for label, graph in zip(networks, graphs, strict=True)]
        report = import_module(
            f"cnnspec.reports.comparison.{format or format_of(output, 'reports', 'comparison', default=DEFAULT)}"
        )
        options: dict[str, Any] = {}
        if report.FORMAT.terminal and output is None:
            options = {"width": terminal_width(), "color": use_color()}
        text = report.render(compare(sides, layers=layers), **options)
        emit(text, output, force=force, colored=report.FORMAT.terminal)


def _demand_sides(networks: list[str], *, layers: bool) -> None:
    if len(networks) < 2:
        raise UsageError.one(
            "E703", "one network cannot be compared", help="name two: `cnnspec compare lenet5 net.yaml`"
        )
    if layers and len(networks) > 2:
        message = f"`--layers` compares two networks, not {len(networks)}"
        raise UsageError.one("E702", message, help="leave out `--layers`, or all but two networks")


def _open_all(networks: list[str], inputs: list[str], limits: Limits) -> list[Graph]:
    """Return all networks, or raise CnnspecError with the faults of all of them."""
    graphs: list[Graph] = []
    faults: list[Diagnostic] = []
    for name in networks:
        try:
            graphs.append(_open(name, inputs, limits))
        except UsageError:
            raise
        except CnnspecError as error:
            faults += error.diagnostics
    if faults:
        raise CnnspecError(faults)
    return graphs


def _open(name: str, inputs: list[str], limits: Limits) -> Graph:
    """Return the network of a spec, of a model file, or of a file in git."""
    from cnnspec import networks
    from cnnspec.importing.opening import is_model, open_model

    word, _, values = name.rpartition(":") if "=" in name.rpartition(":")[2] else (name, "", "")
    given = opt.overrides(inputs, [value for value in values.split(",") if value])
    if is_model(word):
        if values:
            message = f"`{shorten(word)}` is a model file, which has no parameters"
            raise UsageError.one("E703", message, help=f"write it without `:{shorten(values)}`")
        return open_model(word, opt.shapes(inputs)).graph
    path, at, revision = word.rpartition("@")
    if at and path and not networks.is_there(word):
        from cnnspec.revisions import load_revision

        return load_revision(Path(path), revision, **given, limits=limits)
    return networks.load(word, **given, limits=limits)
