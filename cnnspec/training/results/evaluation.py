"""How good a trained network is on the test data: its scores, its mistakes, and pictures of both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from cnnspec.errors import CnnspecError, listing
from cnnspec.training.checks import check_data
from cnnspec.training.data.dataset import Dataset, Samples
from cnnspec.training.results import confusion, mistakes, reliability
from cnnspec.training.results.calibration import Calibration, calibrate
from cnnspec.training.results.losses import are_probabilities
from cnnspec.training.results.outputs import compute_outputs
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
    is a calibration.
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


def evaluate(
    run: Run,
    data: Dataset,
    *,
    checkpoint: str = "best",
    batch_size: int | None = None,
    model: keras.Model | None = None,
) -> Evaluation:
    """Return how good a run's network is on the test samples of data that go with it, as `matched` makes them.

    `model` is the network with the weights of the checkpoint, which are read from the run unless it is given.
    """
    settings, test = run.settings, data.test
    model = model or run.load_model(checkpoint)
    outputs = compute_outputs(model, test.x, scale_for(run, data), batch_size or settings.batch_size)
    scores = score(outputs, test.y, settings.loss)
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
    )


def scale_for(run: Run, data: Dataset) -> float:
    """Return the factor of the pixels: of other data than the run's own, white becomes what white was in training."""
    scale = run.settings.scale or 1.0
    return scale if data.name.lower() == run.settings.data.lower() else scale * run.peak / data.peak


def matched(run: Run, data: Dataset) -> Dataset:
    """Return data with the run's numbers for classes; raise CnnspecError where they do not go with its network.

    Classes are told apart by their names, wherever both sides have any: numbers in the place of names fit all.
    """
    faults = check_data(run.graph, run.settings, data)
    if faults:
        raise CnnspecError(faults)
    if data.classes == run.classes or _numbered(data.classes) or _numbered(run.classes):
        return replace(data, classes=run.classes)
    if sorted(data.classes) != sorted(run.classes):
        notes = (f"the run knows {listing(run.classes, 12)}", f"`{data.name}` has {listing(data.classes, 12)}")
        message = f"the classes of `{data.name}` are not those that the network was trained on"
        raise CnnspecError.one("E503", message, notes=notes)
    numbers = np.array([run.classes.index(name) for name in data.classes])
    train, test = (Samples(part.x, numbers[part.y]) for part in (data.train, data.test))
    return replace(data, train=train, test=test, classes=run.classes)


def draw_pictures(evaluation: Evaluation) -> dict[str, str]:
    """Return the pictures of an evaluation by the names of their files; mistakes are shown of images only."""
    about = f"{evaluation.network} on {evaluation.data.name}"
    classes, images = evaluation.data.classes, evaluation.data.test.x
    pictures = {
        "confusion.svg": confusion.render(evaluation.scores.confusion, classes, title=f"Confusion matrix of {about}")
    }
    if evaluation.calibration is not None:
        title = f"Reliability diagram of {about}"
        pictures["reliability.svg"] = reliability.render(evaluation.calibration, title=title)
    if images.ndim == 4:
        first = evaluation.mistakes[:SHOWN]
        pictures["mistakes.svg"] = mistakes.render(
            first,
            images[[mistake.sample for mistake in first]],
            classes,
            peak=evaluation.data.peak,
            percent=evaluation.percent,
            total=len(evaluation.mistakes),
            title=f"Most confident mistakes of {about}",
        )
    return pictures


def _numbered(classes: tuple[str, ...]) -> bool:
    return classes == tuple(map(str, range(len(classes))))
