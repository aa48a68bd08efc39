"""`cnnspec summarize`: the table."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, diagnostics, emit, terminal_width, use_color
from cnnspec.cli.suffixes import format_of
from cnnspec.errors import UsageError
from cnnspec.registry import modules_in

if TYPE_CHECKING:
    from types import ModuleType

EXAMPLES = """Examples:

cnnspec summarize lenet5

cnnspec summarize resnet50 --depth 1

cnnspec summarize net.yaml --input 64x64x3 --format csv -o net.csv

cnnspec summarize vgg16 --columns layer,shape,params,receptive_field

cnnspec summarize vgg16 --columns +rf,+share,-configuration --sort params

cnnspec summarize resnet18 --convention thop --params torch

cnnspec summarize mobilenetv2 --memory --dtype int8

cnnspec summarize resnet18 --optimizer adam --batch 32
"""


if TYPE_CHECKING:
    TableFormat = str
else:
    TableFormat = opt.choices("TableFormat", modules_in("reports"))
DEFAULT: Final = "table"


def summarize(
    spec: opt.Spec,
    format: Annotated[
        TableFormat | None,
        typer.Option("--format", "-f", help="The format; that of the output's suffix, or a table, unless given."),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES", help="Columns by name, separated by commas, or `+NAME,-NAME`; `help` lists them."
        ),
    ] = None,
    sort: Annotated[
        str | None, typer.Option(metavar="NAME", help="Sort by a column: the largest number first.")
    ] = None,
    depth: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Fold blocks that are nested N levels deep into one line.")
    ] = None,
    input: opt.Input = [],
    batch: opt.Batch = 1,
    dtype: opt.Numbers = opt.DType.FLOAT32,
    memory: opt.Memory = False,
    in_place: opt.InPlace = False,
    optimizer: opt.Optimizer = "",
    convention: opt.Convention = None,
    params: opt.Parameters = "keras",
    param: opt.Param = [],
    output: opt.Output = None,
    force: opt.Force = False,
    limit: opt.Limit = [],
    strict: opt.Strict = False,
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Show every layer's shape, activation size, parameters and MACs, and the totals.

    MACs are the multiply-accumulates of conv and dense layers for one sample, without biases; padding is counted,
    groups are divided. Parameters are all learned or stored numbers, as Keras counts them. With a convention, what a
    tool counts stands in the place of MACs; `cnnspec explain thop` says what that is.
    """
    with diagnostics(error_format, output, force=force):
        names = opt.read_columns(columns)
        chosen = format or format_of(output, "reports", default=DEFAULT)
        report = _report(chosen)
        if report.FORMAT.whole and (names or depth or sort):
            message = f"`--format {chosen}` has all there is: `--columns`, `--depth` and `--sort` do not go with it"
            raise UsageError.one("E702", message)
        from cnnspec.analysis.measure import measure

        counting = opt.counting(convention, params)
        how = opt.memory_of(memory=memory, in_place=in_place, optimizer=optimizer)
        graph = opt.load(spec, input, param, limit)
        summary = measure(graph, batch=batch, dtype=dtype.value, counting=counting, memory=how)
        options: dict[str, Any] = {} if report.FORMAT.whole else {"columns": names, "depth": depth}
        options |= {"sort": sort} if sort else {}
        if report.FORMAT.terminal and output is None:
            options |= {"width": terminal_width(), "color": use_color()}
        emit(report.render(summary, **options), output, force=force, colored=report.FORMAT.terminal)
        opt.report(opt.findings(spec, summary), error_format, strict=strict)


def _report(name: str) -> ModuleType:
    return import_module(f"cnnspec.reports.{name}")
