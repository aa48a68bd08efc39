"""What a network tells of pictures that is no class: numbers, labels, or the share of each class in a mask."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnspec.errors import Diagnostic
from cnnspec.language.train.targets import LABELS, MASK
from cnnspec.training.results.losses import both_classes
from cnnspec.training.results.prediction import computed

if TYPE_CHECKING:
    from cnnspec.training.runs.run import Run

WORDS: Final = {LABELS: "probability", MASK: "share"}
"""What the values are called; of all other sorts they are values."""


class Values(NamedTuple):
    """What is told of one picture, by the names of the outputs, and how it was brought to the network's input."""

    file: str
    statement: str
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What is told of some pictures; `word` is what the values are."""

    run: str
    network: str
    checkpoint: str
    word: str
    answers: tuple[Values, ...]


def predict(
    run: Run,
    files: Sequence[str],
    *,
    checkpoint: str = "best",
    invert: bool = False,
    keep: Callable[[str, NDArray[np.uint8]], None] | None = None,
) -> tuple[Told, tuple[Diagnostic, ...]]:
    """Return what is told of those pictures that can be read, and what is wrong with the others.

    `keep` is given the mask of each picture.
    """
    sort = run.settings.sort
    answers: list[Values] = []
    faults: list[Diagnostic] = []
    for pictures, outputs in computed(run, files, faults, checkpoint=checkpoint, invert=invert):
        for picture, row in zip(pictures, outputs, strict=True):
            told_of = _mask(row) if sort == MASK else row
            answers.append(Values(picture.file, picture.statement, _values(told_of, run.classes, sort)))
            if keep:
                keep(picture.file, told_of.astype(np.uint8))
    told = Told(str(run.folder), run.graph.name, checkpoint, WORDS.get(sort, "value"), tuple(answers))
    return told, tuple(dict.fromkeys(faults))


def _mask(row: NDArray[Any]) -> NDArray[np.int64]:
    """Return the class of each position of one picture."""
    classes: NDArray[np.int64] = both_classes(row.reshape(-1, row.shape[-1])).argmax(axis=1)
    return classes.reshape(row.shape[:-1])


def _values(row: NDArray[Any], names: Sequence[str], sort: str) -> dict[str, float]:
    """Return the values of one picture; of an image as output, its least, its mean and its largest number."""
    if sort == MASK:
        shares = np.bincount(row.ravel(), minlength=len(names)) / row.size
        return dict(zip(names, shares.tolist(), strict=False))
    if row.ndim > 1:
        return {"least": float(row.min()), "mean": float(row.mean()), "largest": float(row.max())}
    return dict(zip(names, row.tolist(), strict=True))
