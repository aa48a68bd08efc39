"""How good a trained network is on the test data: its scores, its mistakes, and pictures of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cnnspec.training.data.dataset import Dataset
from cnnspec.training.data.inputs import side_by_side
from cnnspec.training.results import confusion, mistakes, reliability
from cnnspec.training.results.calibration import Calibration, calibrate
from cnnspec.training.results.losses import are_probabilities
from cnnspec.training.results.other_data import scale_for
from cnnspec.training.results.outputs import as_told, compute_outputs
from cnnspec.training.results.scores import Mistake, Mixup, Scores, find_mistakes, find_mixups, score

if TYPE_CHECKING:
    import keras

    from cnnspec.training.runs.run import Run

SHOWN: Final = 25
"""How many mistakes are on the sheet."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """What came out: of which checkpoint of which run on which data, the loss, the scores, and what was mistaken.

    `percent` tells that the outputs are probabilities, which a network that was not trained on them has not; then there
    is a calibration. `resized_from` is the shape that the images had before, where they were resized for the network,
    which has so many `inputs`.
    """

    run: str
    network: str
    checkpoint: str
    data: Dataset
    loss_name: str
    scores: Scores
    mistakes: tuple[Mistake, ...]
    mixups: tuple[Mixup, ...]
    percent: bool
    calibration: Calibration | None = None
    resized_from: tuple[int, ...] | None = None
    inputs: int = 1


def evaluate(
    run: Run,
    data: Dataset,
    *,
    checkpoint: str = "best",
    batch_size: int | None = None,
    model: keras.Model | None = None,
    resized_from: tuple[int, ...] | None = None,
) -> Evaluation:
    """Return how good a run's network is on the test samples of data that go with it, as `fitted` makes them.

    `model` is the network with the weights of the checkpoint, which are read from the run unless it is given.
    """
    settings, test = run.settings, data.test
    model = model or run.load_model(checkpoint)
    raw = compute_outputs(model, test.x, scale_for(run, data), batch_size or settings.batch_size)
    outputs = as_told(settings, raw)
    scores = score(outputs, test.y, settings.loss, settings.label_smoothing)
    return Evaluation(
        run=str(run.folder),
        network=run.graph.name,
        checkpoint=checkpoint,
        data=data,
        loss_name=settings.loss,
        scores=scores,
        mistakes=tuple(find_mistakes(outputs, test.y)),
        mixups=tuple(find_mixups(scores.confusion)),
        percent=are_probabilities(outputs),
        calibration=calibrate(outputs, test.y),
        resized_from=resized_from,
        inputs=len(run.graph.inputs),
    )


def draw_pictures(evaluation: Evaluation) -> dict[str, str]:
    """Return the pictures of an evaluation by the names of their files; mistakes are shown of images only."""
    about = f"{evaluation.network} on {evaluation.data.name}"
    classes, samples, first = evaluation.data.classes, evaluation.data.test.x, evaluation.mistakes[:SHOWN]
    images = side_by_side(samples[[mistake.sample for mistake in first]], evaluation.inputs)
    pictures = {
        "confusion.svg": confusion.render(evaluation.scores.confusion, classes, title=f"Confusion matrix of {about}")
    }
    if evaluation.calibration is not None:
        title = f"Reliability diagram of {about}"
        pictures["reliability.svg"] = reliability.render(evaluation.calibration, title=title)
    if images.ndim == 4:
        pictures["mistakes.svg"] = mistakes.render(
            first,
            images,
            classes,
            peak=evaluation.data.peak,
            percent=evaluation.percent,
            total=len(evaluation.mistakes),
            title=f"Most confident mistakes of {about}",
        )
    return pictures
