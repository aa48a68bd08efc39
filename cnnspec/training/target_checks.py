"""What can be known to go wrong between a network and the sort of target that it is to learn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cnnspec.errors import Diagnostic
from cnnspec.ir.graph import Graph
from cnnspec.ir.shapes import show
from cnnspec.language.train.augmentations import MIRRORS
from cnnspec.language.train.losses import LOSSES
from cnnspec.language.train.metrics import METRICS
from cnnspec.language.train.targets import ACCURACY, CLASS, LABELS, MASK, NUMBERS, TARGETS
from cnnspec.source import Span
from cnnspec.training.data.dataset import Dataset
from cnnspec.training.settings import Settings

VECTOR: Final = "end with `gap` or `flatten`, then `dense`"
LAST: Final = "end with a convolution that has a filter for each class"


def wrong_sort(graph: Graph, settings: Settings, target: str, place: Span) -> Iterator[Diagnostic]:
    """Yield what a network's output or a loss has against a sort of target."""
    sort, outputs = TARGETS[target], graph[graph.outputs[0]].shape
    if not sort.suits(outputs):
        message = f"`target: {target}` is {sort.what}, and the output is {show(outputs)}"
        yield Diagnostic("E502", message, place, help=LAST if sort.positions else VECTOR)
    if LOSSES[settings.loss].outputs not in sort.losses:
        fitting = " or ".join(f"`loss: {name}`" for name, loss in LOSSES.items() if loss.outputs in sort.losses)
        message = f"`target: {target}` is {sort.what}, which `{settings.loss}` cannot measure"
        yield Diagnostic("E502", message, help=f"take {fitting}")


def target_faults(graph: Graph, settings: Settings, dataset: Dataset, place: Span) -> Iterator[Diagnostic]:
    """Yield what does not agree between a network's output and targets that are no classes of whole images."""
    outputs, own = graph[graph.outputs[0]].shape, tuple(dataset.train.y.shape[1:])
    sort = TARGETS[dataset.target]
    if not sort.suits(outputs) and settings.target is None:
        message = f"the network's output is {show(outputs)}, and `{dataset.name}` has {sort.what}"
        yield Diagnostic("E503", message, place, help=LAST if sort.positions else VECTOR)
    elif dataset.target in (NUMBERS, LABELS) and own != outputs:
        message = f"the network's output is {show(outputs)}, and `{dataset.name}` has {show(own)} for each image"
        step = f"write `dense: {own[0]}` as the last layer" if len(own) == len(outputs) == 1 else ""
        yield Diagnostic("E503", message, place, help=step)
    if dataset.target == MASK:
        yield from _mask_faults(outputs, own, dataset, place)
    yield from _settings_faults(graph, settings, dataset)


def _mask_faults(outputs: tuple[int, ...], own: tuple[int, ...], dataset: Dataset, place: Span) -> Iterator[Diagnostic]:
    classes, units = len(dataset.classes), outputs[-1]
    if classes > max(units, 2):
        message = f"the network tells {max(units, 2)} classes apart, and the masks of `{dataset.name}` have {classes}"
        yield Diagnostic("E503", message, place, help=f"let the last layer have {classes} filters")
    if own != outputs[:-1] and own != dataset.shape[:-1]:
        message = f"the network's output is {show(outputs)}, and the masks of `{dataset.name}` are {show(own)}"
        yield Diagnostic("E504", message, place, help="masks have the size of their images, or of the output")
    elif own != outputs[:-1] and own == dataset.shape[:-1]:
        message = f"the output {show(outputs)} is not the middle of the images of `{dataset.name}`, {show(own)}"
        yield Diagnostic("E504", message, place, help="save masks of the size of the output")


def _settings_faults(graph: Graph, settings: Settings, dataset: Dataset) -> Iterator[Diagnostic]:
    sort = TARGETS[dataset.target]
    if settings.class_weight and not sort.has_classes:
        message = f"`class_weight` weighs classes, and `{dataset.name}` has {sort.what}"
        yield Diagnostic("E502", message, help="leave out `class_weight`")
    ways = [way for way in settings.augment if way in unsuitable(dataset)]
    if ways:
        message = f"`augment: {', '.join(ways)}` changes images, and not what is to be told at every position"
        yield Diagnostic("E502", message, help="leave out `augment`")
    is_asked = isinstance(sort.accuracy, str) and ("metrics" in graph.train or len(settings.metrics) > 1)
    wrong = [name for name in settings.metrics if not METRICS[name].distance and (name != ACCURACY or is_asked)]
    if dataset.target in (NUMBERS, LABELS) and wrong:
        message = f"`{wrong[0]}` is of classes, and `{dataset.name}` has {sort.what}"
        yield Diagnostic(
            "E502", message, help=f"take `metrics: {sort.accuracy if dataset.target == NUMBERS else ACCURACY}`"
        )


def unsuitable(dataset: Dataset) -> tuple[str, ...]:
    """Return the ways to vary images that their targets do not bear: masks are mirrored with them, and nothing else."""
    if dataset.target == MASK:
        return tuple(way for way, mirrors in MIRRORS.items() if not mirrors)
    return tuple(MIRRORS) if dataset.target != CLASS and dataset.train.y.ndim > 2 else ()
