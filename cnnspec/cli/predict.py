"""`cnnspec predict`: what a trained network takes pictures for."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cnnspec.cli import options as opt
from cnnspec.cli import trained
from cnnspec.cli.output import ErrorFormat, diagnostics, emit, say, terminal_width
from cnnspec.errors import CnnspecError, UsageError
from cnnspec.language.train.targets import CLASS

if TYPE_CHECKING:
    from cnnspec.training.results.prediction import Prediction
    from cnnspec.training.results.targets.prediction import Told

EXAMPLES = """Examples:

cnnspec predict lenet5 seven.png

cnnspec predict lenet5 scan.jpg --invert --top 5

cnnspec predict runs/lenet5/1 photos/ more/*.png -o answers.csv

cnnspec predict unet cells/ --masks masks
"""
TOP: Final = 3


def predict(
    run: trained.Run,
    images: Annotated[
        list[str], typer.Argument(metavar="IMAGE…", help="PNG, JPEG, BMP, GIF or WebP files, or folders of them.")
    ],
    top: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="K", help=f"How many classes are shown, where a run tells classes; {TOP} unless given."
        ),
    ] = None,
    invert: trained.Invert = False,
    masks: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the mask of each picture there, as PNG."),
    ] = None,
    checkpoint: trained.Checkpoint = trained.CheckpointOption.BEST,
    format: trained.FormatOption = None,
    output: opt.Output = None,
    force: opt.Force = False,
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Show the most probable classes of pictures, and how each picture was brought to the network's input.

    Of other targets than classes: the probability of each label, numbers, or the share of each class in a mask.

    Of a network with several inputs, give a picture for each of them in their order: `siamese` takes pairs.

    A folder stands for all pictures in it and in the folders below. Pictures that cannot be read are named, all of
    them; the others are answered all the same, and the exit code is 1.
    """
    with diagnostics(error_format, output, force=force):
        from cnnspec import keras

        chosen = trained.chosen(format, output)
        keras.require()
        from cnnspec.training.results.picture_files import find_pictures
        from cnnspec.training.results.prediction import predict as predict_pictures
        from cnnspec.training.results.prediction import sample_names
        from cnnspec.training.results.targets.mask_files import MaskFiles
        from cnnspec.training.results.targets.prediction import predict as predict_targets
        from cnnspec.training.runs.opening import open_run

        opened = open_run(run)
        if top is not None and opened.settings.sort != CLASS:
            message = f"`--top` is about classes, and the run was trained on {opened.settings.sort}"
            raise UsageError.one("E702", message, help="leave out `--top`")
        found = find_pictures(images)
        samples = sample_names(opened, found.files)
        result: Prediction | Told
        if opened.settings.sort == CLASS and masks is None:
            result, faults = predict_pictures(
                opened, found.files, checkpoint=checkpoint.value, top=top or TOP, invert=invert
            )
        else:
            keep = MaskFiles(opened, samples, masks, force=force).write if masks else None
            result, faults = predict_targets(opened, found.files, checkpoint=checkpoint.value, invert=invert, keep=keep)
        if found.others:
            say(f"left out: {found.others:,} {'file' if found.others == 1 else 'files'} not named as a picture")
        if result.answers:
            is_class = opened.settings.sort == CLASS
            report = import_module(f"cnnspec.training.results.{'' if is_class else 'targets.'}prediction_report")
            options = {"width": terminal_width()} if chosen is trained.EvaluationFormat.TABLE and not output else {}
            emit(getattr(report, f"render_{chosen.value}")(result, **options), output, force=force)
        if found.faults or faults:
            raise CnnspecError([*found.faults, *faults])
