"""Made-up targets for made-up images: numbers, labels or masks that belong to the pattern of an image."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnspec.language.train.targets import LABELS, MASK
from cnnspec.training.data.arrays import numbered
from cnnspec.training.data.dataset import Dataset, Samples

_PATCH = 4
"""How many patches a made-up mask has along each axis."""


def with_made_up_targets(dataset: Dataset, outputs: tuple[int, ...], target: str, seed: int) -> Dataset:
    """Return made-up images with targets of another sort: for each pattern, numbers from 0 to 1, labels or a mask."""
    random = np.random.default_rng((seed, 1))
    used = 1 + max(int(part.y.max()) for part in (dataset.train, dataset.test))
    values = _of_patterns(used, outputs, target, random)
    train, test = (Samples(part.x, values[part.y]) for part in (dataset.train, dataset.test))
    units = max(outputs[-1], 2) if target == MASK else outputs[-1]
    return replace(dataset, train=train, test=test, classes=numbered(units), target=target)


def _of_patterns(patterns: int, outputs: tuple[int, ...], target: str, random: np.random.Generator) -> NDArray[Any]:
    if target == LABELS:
        return random.integers(0, 2, (patterns, *outputs), dtype=np.uint8)
    if target != MASK:
        return random.random((patterns, *outputs), dtype=np.float32)
    axes, classes = outputs[:-1], max(outputs[-1], 2)
    masks = random.integers(0, classes, (patterns, *[_PATCH] * len(axes))).astype(np.int32)
    for axis, size in enumerate(axes, start=1):
        masks = masks.take(np.arange(size) * _PATCH // size, axis=axis)
    return masks
