"""A training before it begins: the network, the settings, and the data as the network will see them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from cnnspec.analysis.measure import Summary, measure
from cnnspec.errors import CnnspecError, UsageError, shorten
from cnnspec.ir.graph import Graph
from cnnspec.language.train.augmentations import AUTO, suitable
from cnnspec.language.train.targets import ACCURACY, MASK, TARGETS
from cnnspec.language.train.threads import parts_of, width_of
from cnnspec.training.checks import check_data, check_memory, check_network, memory_of
from cnnspec.training.data.dataset import Dataset, Samples
from cnnspec.training.data.inputs import names_of, sample_shape
from cnnspec.training.data.loading import load_data
from cnnspec.training.data.masks import with_output_masks
from cnnspec.training.data.resizing import fit_images
from cnnspec.training.data.search_path import expanded
from cnnspec.training.data.targets import Wanted
from cnnspec.training.fitting.class_weights import Weights, class_weights
from cnnspec.training.fitting.tensorboard import check_board
from cnnspec.training.settings import Settings
from cnnspec.training.target_checks import unsuitable
from cnnspec.training.transfer.checks import check_transfer


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What will be trained on what: images have the input's shape, `scale` and `augment` are decided."""

    summary: Summary
    settings: Settings
    dataset: Dataset
    training: Samples
    validation: Samples | None

    @property
    def graph(self) -> Graph:
        """The network."""
        return self.summary.graph

    @property
    def steps(self) -> int:
        """Steps of the optimizer in one epoch; the last batch may be smaller."""
        return -(-len(self.training) // self.settings.batch_size)

    @property
    def class_weights(self) -> Weights | None:
        """How much each class counts in the loss, None where all do alike."""
        return class_weights(self.settings, self.dataset.classes, self.training.y)

    @property
    def memory(self) -> int:
        """Bytes that the model and a batch take while training, and the data."""
        data = sum(part.x.nbytes + part.y.nbytes for part in (self.dataset.train, self.dataset.test))
        return memory_of(self.summary, self.settings) + data


def make_plan(graph: Graph, settings: Settings) -> Plan:
    """Return the plan of a training; raise CnnspecError with everything that is known to go wrong.

    No framework is imported, unless data have to be downloaded.
    """
    summary = measure(graph)
    faults = [
        *check_network(graph, settings),
        *check_memory(summary, settings),
        *check_board(settings),
        *check_transfer(graph, settings),
    ]
    if faults:
        raise CnnspecError(faults)
    dataset = load(graph, settings)
    faults = check_data(graph, settings, dataset)
    if faults:
        raise CnnspecError(faults)
    dataset = with_image_shape(limited(dataset, settings), sample_shape(graph))
    settings = settings.changed(
        target=dataset.target,
        scale=1 / dataset.peak if settings.scale is None else settings.scale,
        augment=_augmentation(graph, settings, dataset),
        metrics=_metrics(graph, settings, dataset),
    )
    training, validation = split(dataset.train, settings)
    plan = Plan(summary, settings, dataset, training, validation)
    _demand_rest(plan)
    _demand_parts(plan)
    return plan


def _demand_rest(plan: Plan) -> None:
    """Raise UsageError where a warm-up takes all steps that there are."""
    warm, steps = plan.settings.steps_of_warmup(plan.steps), plan.settings.epochs * plan.steps
    if warm >= steps:
        message = f"a warm-up of {warm:,} steps leaves none of {steps:,} for what comes behind it"
        raise UsageError.one("E702", message, help="give fewer `--warmup-steps`, or more `--epochs`")


def _demand_parts(plan: Plan) -> None:
    """Raise UsageError where a part of the last batch would be empty, which TensorFlow does not survive."""
    samples, threads = len(plan.training), plan.settings.threads
    last = samples % plan.settings.batch_size
    if threads and 0 < last < parts_of(threads):
        message = f"the last batch has {last} of {samples:,} samples, which `--threads {threads}` cannot divide"
        raise UsageError.one("E702", message, help=f"`--threads {width_of(threads)}` divides none")


def load(graph: Graph, settings: Settings, name: str | None = None, folder: Path | None = None) -> Dataset:
    """Return the data that settings name, or others, as they are."""
    given = folder or settings.data_dir
    where = expanded(str(given)) if given else None
    if where is not None and not where.is_dir():
        message = f"there is no folder `{shorten(where, 80)}`, where the data should be"
        raise CnnspecError.one("E601", message, help="`--data-dir` names a folder")
    outputs, shape = graph[graph.outputs[0]].shape, sample_shape(graph)
    dataset = load_data(
        name or settings.data,
        folder=where,
        offline=settings.offline,
        shape=shape,
        classes=max(outputs[-1], 2),
        seed=settings.seed,
        wanted=Wanted(outputs, settings.loss, settings.target),
        inputs=names_of(graph),
    )
    is_fitting = settings.resize or dataset.shape == shape
    image = graph.inputs[0].shape[:-1]
    return with_output_masks(dataset, image, outputs[:-1]) if dataset.target == MASK and is_fitting else dataset


def limited(dataset: Dataset, settings: Settings) -> Dataset:
    """Return a data set with at most `limit` training and test samples, drawn by the seed and kept in order."""
    if settings.limit is None:
        return dataset
    parts = [_some(part, settings.limit, settings.seed) for part in (dataset.train, dataset.test)]
    return _with_parts(dataset, *parts)


def _some(samples: Samples, most: int, seed: int) -> Samples:
    if len(samples) <= most:
        return samples
    kept = np.sort(np.random.default_rng(seed).permutation(len(samples))[:most])
    return Samples(samples.x[kept], samples.y[kept])


def with_image_shape(dataset: Dataset, shape: tuple[int, ...]) -> Dataset:
    """Return a data set with images of another shape."""
    if dataset.shape == shape:
        return dataset
    parts = [Samples(fit_images(part.x, shape, dataset.peak), part.y) for part in (dataset.train, dataset.test)]
    return _with_parts(dataset, *parts)


def _with_parts(dataset: Dataset, train: Samples, test: Samples) -> Dataset:
    return replace(dataset, train=train, test=test)


def split(samples: Samples, settings: Settings) -> tuple[Samples, Samples | None]:
    """Return training and validation samples, drawn by the seed; None where nothing is kept for validation."""
    count = round(len(samples) * settings.validation_split)
    if not settings.validation_split:
        return samples, None
    if not 0 < count < len(samples):
        message = f"a share of {settings.validation_split} of {len(samples)} samples cannot be kept for validation"
        raise CnnspecError.one("E515", message, help="0.1 keeps a tenth")
    order = np.random.default_rng(settings.seed).permutation(len(samples))
    kept, rest = np.sort(order[:count]), np.sort(order[count:])
    return Samples(samples.x[rest], samples.y[rest]), Samples(samples.x[kept], samples.y[kept])


def _metrics(graph: Graph, settings: Settings, dataset: Dataset) -> tuple[str, ...]:
    """Return what is measured: what stands in the place of an accuracy where nobody asks for one, and there is none."""
    accuracy = TARGETS[dataset.target].accuracy
    is_default = settings.metrics == (ACCURACY,) and "metrics" not in graph.train
    return (accuracy,) if isinstance(accuracy, str) and is_default else settings.metrics


def _augmentation(graph: Graph, settings: Settings, dataset: Dataset) -> tuple[str, ...]:
    """Return the ways in which images are varied; `auto` mirrors them only where the data allow it."""
    if settings.augment and (len(dataset.shape) != 3 or len(graph.inputs) > 1):
        message = "only images (H, W, C) can be varied" + (", one for a sample" if len(graph.inputs) > 1 else "")
        raise CnnspecError.one("E504", message, help="leave out `augment`")
    ways = suitable(mirrors=dataset.mirrors) if settings.augment == (AUTO,) else settings.augment
    if settings.augment == (AUTO,):
        ways = tuple(way for way in ways if way not in unsuitable(dataset))
    return ways
