"""`cnnspec summarize`: the table."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, diagnostics, emit, terminal_width, use_color
from cnnspec.errors import UsageError

if TYPE_CHECKING:
    from cnnspec.analysis.measure import Summary

EXAMPLES = """Examples:

cnnspec summarize lenet5

cnnspec summarize resnet50 --depth 1

cnnspec summarize net.yaml --input 64x64x3 --format csv -o net.csv

cnnspec summarize vgg16 --columns layer,shape,params,receptive_field
"""


class Format(StrEnum):
    """The formats of a table; each is written by the module of its name in `cnnspec.reports`."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    LATEX = "latex"
    HTML = "html"


_SUFFIXES = {
    ".json": Format.JSON,
    ".csv": Format.CSV,
    ".md": Format.MARKDOWN,
    ".tex": Format.LATEX,
    ".html": Format.HTML,
}


class DType(StrEnum):
    """The number types whose bytes are counted."""

    FLOAT64 = "float64"
    FLOAT32 = "float32"
    FLOAT16 = "float16"
    BFLOAT16 = "bfloat16"
    INT8 = "int8"


def summarize(
    spec: opt.Spec,
    format: Annotated[
        Format | None,
        typer.Option("--format", "-f", help="The format; that of the output's suffix, or a table, unless given."),
    ] = None,
    columns: Annotated[
        str | None, typer.Option(metavar="NAMES", help="Columns by name, separated by commas; `help` lists them.")
    ] = None,
    depth: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Fold blocks that are nested N levels deep into one line.")
    ] = None,
    input: opt.Input = [],
    batch: Annotated[int, typer.Option(min=1, metavar="N", help="Samples in memory at once.")] = 1,
    dtype: Annotated[DType, typer.Option(help="The type of the numbers, for the bytes.")] = DType.FLOAT32,
    param: opt.Param = [],
    output: opt.Output = None,
    force: opt.Force = False,
    limit: opt.Limit = [],
    strict: opt.Strict = False,
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Show every layer's shape, activation size, parameters and MACs, and the totals.

    MACs are the multiply-accumulates of conv and dense layers for one sample, without biases; padding is counted,
    groups are divided. Parameters are all learned or stored numbers, as Keras counts them.
    """
    with diagnostics(error_format):
        names = _columns(columns)
        chosen = format or _SUFFIXES.get(output.suffix.lower() if output else "", Format.TABLE)
        if chosen is Format.JSON and (names or depth):
            message = "`--format json` has all columns and all layers: `--columns` and `--depth` do not go with it"
            raise UsageError.one("E702", message)
        from cnnspec.analysis.measure import measure

        summary = measure(opt.load(spec, input, param, limit), batch=batch, dtype=dtype.value)
        text = _render(summary, chosen, names, depth, to_terminal=output is None)
        emit(text, output, force=force, colored=chosen is Format.TABLE)
        opt.report(opt.notes(spec, summary), error_format, strict=strict)


def _render(summary: Summary, name: Format, columns: list[str] | None, depth: int | None, *, to_terminal: bool) -> str:
    from importlib import import_module

    report = import_module(f"cnnspec.reports.{name.value}")
    if name is Format.JSON:
        return str(report.render(summary))
    if name is Format.TABLE and to_terminal:
        return str(report.render(summary, columns=columns, depth=depth, width=terminal_width(), color=use_color()))
    return str(report.render(summary, columns=columns, depth=depth))


def _columns(text: str | None) -> list[str] | None:
    if text is None:
        return None
    from cnnspec.reports.columns import COLUMNS, choose

    if text == "help":
        typer.echo("\n".join(f"{name:<16} {column.title}" for name, column in COLUMNS.items()))
        raise typer.Exit
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise UsageError.one("E703", "`--columns` names no column", help="`--columns help` lists them")
    choose(names)
    return names
