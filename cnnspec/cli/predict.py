"""`cnnspec predict`: what a trained network takes pictures for."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from cnnspec.cli import options as opt
from cnnspec.cli import trained
from cnnspec.cli.output import ErrorFormat, diagnostics, emit
from cnnspec.errors import CnnspecError

EXAMPLES = """Examples:

cnnspec predict lenet5 seven.png

cnnspec predict lenet5 scan.jpg --invert --top 5

cnnspec predict runs/lenet5/1 *.png --format csv -o answers.csv
"""


def predict(
    run: trained.Run,
    images: Annotated[list[str], typer.Argument(metavar="IMAGE…", help="PNG, JPEG, BMP, GIF or WebP files.")],
    top: Annotated[int, typer.Option(min=1, metavar="K", help="How many classes are shown.")] = 3,
    invert: trained.Invert = False,
    checkpoint: trained.Checkpoint = trained.CheckpointOption.BEST,
    format: trained.FormatOption = None,
    output: opt.Output = None,
    force: opt.Force = False,
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Show the most probable classes of pictures, and how each picture was brought to the network's input.

    Pictures that cannot be read are named, all of them; the others are answered all the same, and the exit code is 1.
    """
    with diagnostics(error_format, output, force=force):
        from cnnspec import keras

        keras.require()
        from cnnspec.training.results import prediction
        from cnnspec.training.runs.opening import open_run

        opened = open_run(run)
        pictures, faults = prediction.read_pictures(opened, images, invert=invert)
        if pictures:
            result = prediction.predict(opened, pictures, checkpoint=checkpoint.value, top=top)
            report = import_module("cnnspec.training.results.prediction_report")
            render = getattr(report, f"render_{trained.chosen(format, output).value}")
            emit(render(result), output, force=force)
        if faults:
            raise CnnspecError(faults)
