"""What a trained network takes pictures for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnspec.errors import CnnspecError, Diagnostic, UsageError, listing
from cnnspec.training.data.catalogue import look_up
from cnnspec.training.data.images import read_image
from cnnspec.training.data.inputs import sample_shape
from cnnspec.training.results.losses import are_probabilities, both_classes
from cnnspec.training.results.outputs import PART, as_told, compute_outputs

if TYPE_CHECKING:
    from cnnspec.training.runs.run import Run


class Picture(NamedTuple):
    """An image file, its pixels (H, W, C) in the network's input shape, and how it was brought there.

    Of a network with several inputs it is the files of a sample, with an axis for them in front of the pixels.
    """

    file: str
    pixels: NDArray[np.uint8]
    statement: str


class Guess(NamedTuple):
    """A class, and the probability that the network gives to it."""

    number: int
    name: str
    probability: float


class Answer(NamedTuple):
    """What a picture is taken for, the most probable class first."""

    file: str
    statement: str
    guesses: tuple[Guess, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """The answers for some pictures; `percent` tells that the network's outputs are probabilities."""

    run: str
    network: str
    checkpoint: str
    answers: tuple[Answer, ...]
    percent: bool


def read_pictures(
    run: Run, files: Iterable[str], *, invert: bool = False
) -> tuple[tuple[Picture, ...], tuple[Diagnostic, ...]]:
    """Return those pictures that can be read, and what is wrong with the others.

    For several inputs, as many files as there are inputs make a sample.
    """
    inputs = len(run.graph.inputs)
    pictures: list[Picture] = []
    faults: list[Diagnostic] = []
    for group in _groups(files, inputs):
        parts: list[Picture] = []
        for file in group:
            try:
                pixels, statement = read_image(Path(file), run.graph.inputs[0].shape)
            except CnnspecError as error:
                faults += error.diagnostics
            else:
                parts.append(_picture(run, file, pixels, statement, invert=invert))
        if len(parts) == inputs:
            pictures.append(parts[0] if inputs == 1 else _joined(parts))
    return tuple(pictures), tuple(dict.fromkeys(faults))


def sample_names(run: Run, files: Iterable[str]) -> tuple[str, ...]:
    """Return what samples are called: by their file, or for several inputs by all of theirs.

    Raises UsageError where files are left over.
    """
    names, inputs = list(files), len(run.graph.inputs)
    if len(names) % inputs:
        order = listing(f"`{entry.name}`" for entry in run.graph.inputs)
        message = f"the network looks at {inputs} pictures at once, and {len(names)} cannot be divided into such groups"
        raise UsageError.one("E702", message, notes=(f"its inputs are {order}: give a picture for each in this order",))
    return tuple(map(", ".join, _groups(names, inputs)))


def _groups(files: Iterable[str], size: int) -> Iterator[tuple[str, ...]]:
    return zip(*[iter(files)] * size, strict=False)


def _joined(parts: Sequence[Picture]) -> Picture:
    files, pixels, statements = zip(*parts, strict=True)
    return Picture(", ".join(files), np.stack(pixels), "; ".join(dict.fromkeys(statements)))


def predict(
    run: Run, files: Sequence[str], *, checkpoint: str = "best", top: int = 3, invert: bool = False
) -> tuple[Prediction, tuple[Diagnostic, ...]]:
    """Return the most probable classes of those pictures that can be read, and what is wrong with the others."""
    answers: list[Answer] = []
    faults: list[Diagnostic] = []
    is_percent = True
    for pictures, outputs in computed(run, files, faults, checkpoint=checkpoint, invert=invert):
        is_percent = is_percent and are_probabilities(outputs)
        answers += [
            Answer(picture.file, picture.statement, _guesses(row, run.classes, top))
            for picture, row in zip(pictures, both_classes(outputs), strict=True)
        ]
    prediction = Prediction(str(run.folder), run.graph.name, checkpoint, tuple(answers), is_percent)
    return prediction, tuple(dict.fromkeys(faults))


def computed(
    run: Run, files: Sequence[str], faults: list[Diagnostic], *, checkpoint: str, invert: bool
) -> Iterator[tuple[tuple[Picture, ...], NDArray[Any]]]:
    """Yield pictures with what the network tells of them; put what is wrong with the others to `faults`.

    No more of them are in memory than are computed with at once.
    """
    model, step = None, _at_once(run) * len(run.graph.inputs)
    for start in range(0, len(files), step):
        pictures, wrong = read_pictures(run, files[start : start + step], invert=invert)
        faults += wrong
        if pictures:
            model = model or run.load_model(checkpoint)
            images = network_pixels(run, np.stack([picture.pixels for picture in pictures]))
            outputs = compute_outputs(model, images, run.settings.scale or 1.0, run.settings.batch_size)
            yield pictures, as_told(run.settings, outputs)


def _at_once(run: Run) -> int:
    """Return how many pictures are computed with at once: whole batches."""
    size = run.settings.batch_size
    return max(1, PART // max(1, 4 * prod(sample_shape(run.graph))) // size) * size


def network_pixels(run: Run, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return pixels of 0 to 255 in the range that the training data have."""
    return pixels.astype(np.float32) * np.float32(run.peak / 255)


def _picture(run: Run, file: str, pixels: NDArray[np.uint8], statement: str, *, invert: bool) -> Picture:
    if invert:
        return Picture(file, 255 - pixels, f"{statement}, inverted")
    entry = look_up(run.settings.data)
    if entry and entry.bright_on_dark and _has_bright_edge(pixels):
        statement += f"; its ground is bright and that of {run.settings.data} dark: `--invert` swaps them"
    return Picture(file, pixels, statement)


def _has_bright_edge(pixels: NDArray[np.uint8]) -> bool:
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    return bool(np.median(edge) > 127)


def _guesses(row: NDArray[np.float64], classes: Sequence[str], top: int) -> tuple[Guess, ...]:
    order = np.argsort(-row, kind="stable")[:top]
    return tuple(Guess(int(number), classes[number], float(row[number])) for number in order)
