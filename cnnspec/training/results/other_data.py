"""Other data than a run's own: whether they go with its network, and how they are brought to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cnnspec.errors import CnnspecError, Diagnostic, listing
from cnnspec.ir.shapes import show
from cnnspec.training.data.dataset import Dataset, Samples
from cnnspec.training.data.inputs import sample_shape, several_faults
from cnnspec.training.data.resizing import fit_images

if TYPE_CHECKING:
    from cnnspec.training.runs.run import Run


def fitted(run: Run, data: Dataset, *, resize: bool = False) -> Dataset:
    """Return the test samples of data for a run's network; raise CnnspecError with all that keeps them from fitting.

    Classes are told apart by their names, wherever both sides have any: numbers in the place of names fit all. Images
    of another shape are resized where that is asked for, now or when the run was trained.
    """
    faults = [*_class_faults(run, data), *_shape_faults(run, data, resize=resize)]
    if faults:
        raise CnnspecError(faults)
    test, shape = data.test, sample_shape(run.graph)
    if data.shape != shape:
        test = Samples(fit_images(test.x, shape, data.peak), test.y)
    if not _is_alike(run, data):
        numbers = np.array([run.classes.index(name) for name in data.classes])
        test = Samples(test.x, numbers[test.y])
    return replace(data, train=Samples(test.x[:0], test.y[:0]), test=test, classes=run.classes)


def scale_for(run: Run, data: Dataset) -> float:
    """Return the factor of the pixels: of other data than the run's own, white becomes what white was in training."""
    scale = run.settings.scale or 1.0
    return scale if data.name.lower() == run.settings.data.lower() else scale * run.peak / data.peak


def _class_faults(run: Run, data: Dataset) -> Iterator[Diagnostic]:
    ours, theirs = len(run.classes), len(data.classes)
    notes = (f"the run knows {listing(run.classes, 12)}", f"`{data.name}` has {listing(data.classes, 12)}")
    if ours != theirs:
        message = f"the network was trained on {ours} classes, and `{data.name}` has {theirs}"
        yield Diagnostic(code="E503", message=message, notes=notes)
    elif not _is_alike(run, data) and sorted(data.classes) != sorted(run.classes):
        message = f"the classes of `{data.name}` are not those that the network was trained on"
        yield Diagnostic(code="E503", message=message, notes=notes)


def _shape_faults(run: Run, data: Dataset, *, resize: bool) -> Iterator[Diagnostic]:
    wanted, had = run.graph.inputs[0].shape, data.shape
    yield from several_faults(run.graph, data, resize=resize or run.settings.resize)
    if wanted == had or resize or run.settings.resize or len(run.graph.inputs) > 1:
        return
    message = f"the network was trained on {show(wanted)}, and the images of `{data.name}` are {show(had)}"
    step = "`--resize` brings the images to the network's input" if len(wanted) == len(had) == 3 else ""
    yield Diagnostic(code="E504", message=message, help=step)


def _is_alike(run: Run, data: Dataset) -> bool:
    """Tell whether the numbers of the classes are the run's own."""
    return data.classes == run.classes or _numbered(data.classes) or _numbered(run.classes)


def _numbered(classes: tuple[str, ...]) -> bool:
    return classes == tuple(map(str, range(len(classes))))
