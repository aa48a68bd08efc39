"""`cnnspec evaluate`: how good a trained network is."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnspec.cli import options as opt
from cnnspec.cli import trained
from cnnspec.cli.output import ErrorFormat, diagnostics, emit, terminal_width, use_color, write_file
from cnnspec.errors import CnnspecError, Diagnostic, UsageError
from cnnspec.files import demand_free
from cnnspec.language.train.targets import CLASS

if TYPE_CHECKING:
    from cnnspec.training.data.dataset import Dataset
    from cnnspec.training.results.evaluation import Evaluation
    from cnnspec.training.results.targets.measuring import Measured
    from cnnspec.training.runs.run import Run

EXAMPLES = """Examples:

cnnspec evaluate lenet5

cnnspec evaluate runs/lenet5/1 --checkpoint last

cnnspec evaluate lenet5 --data my-digits.npz --pictures pictures

cnnspec evaluate lenet5 --data digits --resize

cnnspec evaluate lenet5 --format json -o result.json
"""
PICTURES = ("confusion.svg", "reliability.svg", "mistakes.svg")


def evaluate(
    run: trained.Run,
    data: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Other data than those of the training: a name, an .npz file or a folder."),
    ] = None,
    resize: Annotated[
        bool, typer.Option("--resize", help="Bring images of another shape to the network's input.")
    ] = False,
    data_dir: Annotated[Path | None, typer.Option(metavar="DIR", help="Where the files of the data are.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Download nothing.")] = False,
    checkpoint: trained.Checkpoint = trained.CheckpointOption.BEST,
    batch_size: Annotated[int | None, typer.Option(min=1, metavar="N", help="Images at once.")] = None,
    pictures: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where the pictures go; those of the best checkpoint on its own data go into the run folder.",
        ),
    ] = None,
    format: trained.FormatOption = None,
    output: opt.Output = None,
    force: opt.Force = False,
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Measure a trained network on its test data: loss, accuracy, the scores of each class, and what it mistakes.

    Precision is the share of the images taken for a class that are of it, recall the share of the class that was
    found, F1 their harmonic mean; shares have confidence intervals of 95 % (Wilson). ECE is the expected calibration
    error: how far the network's confidence and the share of right answers are apart, on average over bins of
    confidence. Three pictures are written: the confusion matrix, the reliability diagram and the most confident
    mistakes.
    """
    with diagnostics(error_format, output, force=force):
        from cnnspec import keras

        chosen = trained.chosen(format, output)
        keras.require()
        if pictures is not None and pictures.is_dir():
            for name in PICTURES:
                demand_free(pictures / name, force=force)
        from cnnspec.training.results import evaluation
        from cnnspec.training.results.other_data import fitted
        from cnnspec.training.runs.opening import open_run

        opened = open_run(run)
        if opened.settings.sort != CLASS:
            if pictures is not None:
                message = "the pictures of an evaluation are of classes, which this network does not tell of an image"
                raise UsageError.one("E702", message, help="leave out `--pictures`")
            if resize:
                opened = replace(opened, settings=opened.settings.changed(resize=True))
            loaded = opened.load_data(data, data_dir, offline=offline)
            found = _measure(opened, loaded.for_testing() if data else loaded, checkpoint, batch_size)
            emit(_render_measured(found, chosen, output), output, force=force)
            return
        loaded = opened.load_data(data, data_dir, offline=offline)
        dataset = fitted(opened, loaded.for_testing() if data else loaded, resize=resize)
        resized_from = loaded.shape if loaded.test.x.shape[1:] != dataset.test.x.shape[1:] else None
        result = evaluation.evaluate(
            opened, dataset, checkpoint=checkpoint.value, batch_size=batch_size, resized_from=resized_from
        )
        own = opened if data is None and checkpoint is trained.CheckpointOption.BEST else None
        written, faults = _write_pictures(result, pictures, own)
        text = _render(result, chosen, written, to_terminal=output is None)
        emit(text, output, force=force, colored=chosen is trained.EvaluationFormat.TABLE)
        if faults:
            raise CnnspecError(faults)


def _write_pictures(result: Evaluation, folder: Path | None, run: Run | None) -> tuple[list[str], list[Diagnostic]]:
    """Return the files that were written, and what kept the others from being written: the numbers are worth more."""
    from cnnspec.training.results.evaluation import draw_pictures

    written: list[str] = []
    faults: list[Diagnostic] = []
    if folder is None and run is None:
        return written, faults
    if folder:
        with suppress(OSError):  # that nothing can be written there is said of the files
            folder.mkdir(parents=True, exist_ok=True)
    for name, text in draw_pictures(result).items():
        try:
            if folder:
                write_file(folder / name, text, force=True)
                written.append(str(folder / name))
            elif run:
                written.append(str(run.write(name, text)))
        except CnnspecError as error:
            faults += error.diagnostics
    return written, faults


def _measure(run: Run, data: Dataset, checkpoint: trained.CheckpointOption, batch_size: int | None) -> Measured:
    """Return how good a network is that tells no classes."""
    from cnnspec.training.results.other_data import scale_for
    from cnnspec.training.results.targets.measuring import fitted, measure

    dataset = fitted(run, data)
    return measure(run, dataset, scale=scale_for(run, dataset), checkpoint=checkpoint.value, batch_size=batch_size)


def _render_measured(found: Measured, format: trained.EvaluationFormat, output: Path | None) -> str:
    from cnnspec.training.results.targets import report

    if format is trained.EvaluationFormat.TABLE:
        return report.render_table(found, color=output is None and use_color())
    return report.render_json(found) if format is trained.EvaluationFormat.JSON else report.render_csv(found)


def _render(result: Evaluation, format: trained.EvaluationFormat, pictures: list[str], *, to_terminal: bool) -> str:
    from cnnspec.training.results import evaluation_report as report

    if format is trained.EvaluationFormat.JSON:
        return report.render_json(result, pictures=pictures)
    if format is trained.EvaluationFormat.CSV:
        return report.render_csv(result)
    width = terminal_width() if to_terminal else None
    return report.render_table(result, pictures=pictures, color=to_terminal and use_color(), width=width)
