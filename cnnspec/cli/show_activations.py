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

cnnspec show-activations lenet5 seven.png --filters --grad-cam

cnnspec show-activations photos photo.jpg --layers dense1 --grad-cam --class dog -o dog.svg
"""


def show_activations(
    run: trained.Run,
    image: Annotated[str, typer.Argument(metavar="IMAGE", help="A PNG, JPEG, BMP, GIF or WebP file.")],
    layers: Annotated[
        str | None, typer.Option(metavar="NAMES", help="Layers by name, separated by commas; all unless given.")
    ] = None,
    filters: Annotated[bool, typer.Option("--filters", help="Show the filters of the first convolution, too.")] = False,
    grad_cam: Annotated[
        bool, typer.Option("--grad-cam", help="Show where the network sees what speaks for a class (Grad-CAM), too.")
    ] = False,
    class_name: Annotated[
        str | None,
        typer.Option("--class", metavar="NAME", help="The class for Grad-CAM; the most probable one unless given."),
    ] = None,
    cam_layer: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The layer whose maps Grad-CAM weighs; the last convolution's unless given."),
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

    `--filters` and `--grad-cam` show two things more above them: what the first convolution looks for, and where in the
    picture the network sees what speaks for a class.

    The picture is an SVG; for PNG and PDF give it to rsvg-convert or Inkscape.
    """
    with diagnostics(error_format, output, force=force):
        _demand_svg(output)
        from cnnspec import keras

        keras.require()
        from cnnspec.training.results import activations
        from cnnspec.training.results.exhibits import choose, exhibits
        from cnnspec.training.results.prediction import read_pictures
        from cnnspec.training.runs.opening import open_run

        opened = open_run(run)
        if len(opened.graph.inputs) > 1:
            message = (
                f"a network with {len(opened.graph.inputs)} inputs looks at as many pictures, and one is shown here"
            )
            raise UsageError.one("E702", message, help="`cnnspec predict` takes a picture for each")
        names = [name.strip() for name in (layers or "").split(",") if name.strip()]
        if layers is not None and not names:
            raise UsageError.one("E703", "`--layers` names no layer")
        nodes = activations.choose_layers(opened.graph, names)
        choice = choose(opened, filters_too=filters, grad_cam=grad_cam, class_name=class_name, cam_layer=cam_layer)
        pictures, faults = read_pictures(opened, [image], invert=invert)
        if faults:
            raise CnnspecError(faults)
        found = activations.compute_activations(opened, pictures[0], nodes, checkpoint=checkpoint.value)
        rows, words = exhibits(opened, pictures[0], choice, checkpoint=checkpoint.value)
        emit(activations.draw_activations(opened, pictures[0], found, rows), output, force=force)
        if str(output) != "-":
            parts = ", ".join([f"{len(found)} layer{'s' * (len(found) != 1)}", *words])
            typer.echo(f"{printable(image)}: {pictures[0].statement}\n{printable(str(output))}: {printable(parts)}")


def _demand_svg(output: Path) -> None:
    """Raise UsageError where the output's suffix says that it is something else."""
    from cnnspec.drawing.drawing import not_written
    from cnnspec.drawing.formats.svg import SUFFIX

    if is_file(output) and output.suffix and output.suffix.lower() != SUFFIX:
        raise not_written(output, [SUFFIX])
