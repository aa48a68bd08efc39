"""`cnnspec draw`: the picture of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, diagnostics, emit, is_file, say
from cnnspec.errors import UsageError
from cnnspec.registry import modules_in

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = """Examples:

cnnspec draw lenet5 -o lenet5.svg

cnnspec draw resnet50 --style graph -o resnet50.svg

cnnspec draw resnet50 --select bottleneck1 -o bottleneck.svg

cnnspec draw vgg16 --format tikz -o vgg16.tex

cnnspec draw vgg16 --style graph --columns layer,shape,receptive_field,macs
"""

if TYPE_CHECKING:
    Style = str
    DrawingFormat = str
else:
    Style = opt.choices("Style", modules_in("drawing", "styles"))
    DrawingFormat = opt.choices("DrawingFormat", modules_in("drawing", "formats"))


def draw(
    spec: opt.Spec,
    output: opt.Output = None,
    style: Annotated[
        Style | None,
        typer.Option(
            "--style", "-s", help="`volumes` to scale, or the table with its `graph`; what suits unless given."
        ),
    ] = None,
    format: Annotated[
        DrawingFormat | None,
        typer.Option("--format", "-f", help="The format; that of the output's suffix, or SVG, unless given."),
    ] = None,
    depth: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Fold blocks that are nested N levels deep; 1 unless given."),
    ] = None,
    select: Annotated[
        list[str],
        typer.Option("--select", metavar="NAME", help="Draw this block, copy of a block, or layer; repeatable."),
    ] = [],
    columns: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="Columns beside the graph, separated by commas; those of `summarize`."),
    ] = None,
    input: opt.Input = [],
    param: opt.Param = [],
    force: opt.Force = False,
    limit: opt.Limit = [],
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Draw a network as SVG or TikZ, from its spec alone.

    Copies of blocks that follow each other are folded, with the sums of their numbers. For PNG and PDF give the SVG to
    rsvg-convert or Inkscape.
    """
    with diagnostics(error_format, output, force=force):
        from cnnspec.analysis.measure import measure
        from cnnspec.drawing import drawing

        chosen = _format_of(output, format)
        names = opt.read_columns(columns)
        if columns is not None and style not in (None, drawing.STYLES[-1]):
            raise UsageError.one("E702", f"`--style {style}` has no columns: `--columns` does not go with it")
        summary = measure(opt.load(spec, input, param, limit))
        found = drawing.draw(summary, style=style, depth=depth, names=select, columns=names)
        emit(found.write(chosen), output, force=force, file=f"network{drawing.suffix_of(chosen)}")
        if style is None and found.style != drawing.STYLES[0] and columns is None:
            say(f"drawn as `--style {found.style}`; `--style {drawing.STYLES[0]}` draws what is to scale")


def _format_of(output: Path | None, format: str | None) -> str:
    """Return the format that is asked for, or that of the output's suffix, which never says another."""
    from cnnspec.drawing.drawing import format_of

    if not is_file(output) or not output.suffix:
        return format or "svg"
    found = format_of(output)
    if format and format != found:
        raise UsageError.one("E702", f"`--format {format}` does not go with an output that ends in `{output.suffix}`")
    return found
