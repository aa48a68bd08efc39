"""How good a trained network is on the test data, whatever sort of target it was trained on but classes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cnnspec.errors import CnnspecError
from cnnspec.language.train.targets import LABELS, MASK
from cnnspec.training.checks import check_data
from cnnspec.training.data.dataset import Dataset
from cnnspec.training.data.inputs import sample_shape
from cnnspec.training.plan import with_image_shape
from cnnspec.training.results.outputs import as_told, compute_outputs
from cnnspec.training.results.targets import labels, masks, numbers
from cnnspec.training.results.targets.measures import Measures

if TYPE_CHECKING:
    import keras

    from cnnspec.training.runs.run import Run

TOGETHER: Final = 1 << 24
"""Outputs that are in memory at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What came out: of which checkpoint of which run on which data, and how good it is."""

    run: str
    network: str
    checkpoint: str
    data: Dataset
    loss_name: str
    scores: Measures


def measure(
    run: Run,
    data: Dataset,
    *,
    scale: float | None = None,
    checkpoint: str = "best",
    batch_size: int | None = None,
    model: keras.Model | None = None,
) -> Measured:
    """Return how good a run's network is on the test samples of data that go with it."""
    model = model or run.load_model(checkpoint)
    scale, size = scale or run.settings.scale or 1.0, batch_size or run.settings.batch_size
    scores = _measures(run, data, model, scale, size)
    return Measured(str(run.folder), run.graph.name, checkpoint, data, run.settings.loss, scores)


def fitted(run: Run, data: Dataset) -> Dataset:
    """Return data at the input shape of a run's network; raise CnnspecError where they do not go with it."""
    faults = check_data(run.graph, run.settings, data)
    if faults:
        raise CnnspecError(faults)
    return with_image_shape(data, sample_shape(run.graph))


def _measures(run: Run, data: Dataset, model: keras.Model, scale: float, size: int) -> Measures:
    settings, test, names = run.settings, data.test, data.classes
    if settings.sort == MASK:
        step = max(1, TOGETHER // max(1, size * _elements(model))) * size
        parts = (slice(start, start + step) for start in range(0, len(test), step))

        def outputs() -> Iterator[masks.Part]:
            for part in parts:
                yield as_told(settings, compute_outputs(model, test.x[part], scale, size)), test.y[part]

        return masks.measure(outputs(), names, settings.loss, settings.label_smoothing)
    found = as_told(settings, compute_outputs(model, test.x, scale, size))
    if settings.sort == LABELS:
        return labels.measure(found, test.y, names, settings.loss, settings.label_smoothing)
    return numbers.measure(found, test.y, names, settings.loss)


def _elements(model: keras.Model) -> int:
    from math import prod

    return prod(model.output_shape[1:])
