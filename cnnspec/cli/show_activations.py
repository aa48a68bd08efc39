"""`cnnspec show-activations`: what every layer of a trained network makes of a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnnspec.cli import options as opt
from cnnspec.cli import trained
from cnnspec.cli.output import ErrorFormat, diagnostics, emit, is_file
from cnnspec.errors import CnnspecError, UsageError, printable

EXAMPLES = """Examples:

cnnspec show-activations lenet5 seven.png

cnnspec show-activations lenet5 seven.png --layers conv1,conv2 -o convolutions.svg
"""


def show_activations(
    run: trained.Run,
    image: Annotated[str, typer.Argument(metavar="IMAGE", help="A PNG, JPEG, BMP, GIF or WebP file.")],
    layers: Annotated[
        str | None, typer.Option(metavar="NAMES", help="Layers by name, separated by commas; all unless given.")
    ] = None,
    invert: trained.Invert = False,
    checkpoint: trained.Checkpoint = trained.CheckpointOption.BEST,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The picture; `-` is standard output.")
    ] = Path("activations.svg"),
    force: opt.Force = False,
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Draw what every layer makes of a picture: channels as tiles, units as cells, probabilities as bars.

    The picture is an SVG; for PNG and PDF give it to rsvg-convert or Inkscape.
    """
    with diagnostics(error_format, output, force=force):
        _demand_svg(output)
        from cnnspec import keras

        keras.require()
        from cnnspec.training.results import activations
        from cnnspec.training.results.prediction import read_pictures
        from cnnspec.training.runs.opening import open_run

        opened = open_run(run)
        names = [name.strip() for name in (layers or "").split(",") if name.strip()]
        if layers is not None and not names:
            raise UsageError.one("E703", "`--layers` names no layer")
        nodes = activations.choose_layers(opened.graph, names)
        pictures, faults = read_pictures(opened, [image], invert=invert)
        if faults:
            raise CnnspecError(faults)
        found = activations.compute_activations(opened, pictures[0], nodes, checkpoint=checkpoint.value)
        emit(activations.draw_activations(opened, pictures[0], found), output, force=force)
        if str(output) != "-":
            typer.echo(f"{printable(image)}: {pictures[0].statement}\n{printable(str(output))}: {len(found)} layers")


def _demand_svg(output: Path) -> None:
    """Raise UsageError where the output's suffix says that it is something else."""
    from cnnspec.drawing.drawing import not_written
    from cnnspec.drawing.formats.svg import SUFFIX

    if is_file(output) and output.suffix and output.suffix.lower() != SUFFIX:
        raise not_written(output, [SUFFIX])
