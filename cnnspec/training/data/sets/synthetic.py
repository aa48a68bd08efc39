"""Made-up images: each class has a smooth pattern of its own, each image is its pattern with noise."""

from __future__ import annotations

from math import prod
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cnnspec.language.train.targets import CLASS
from cnnspec.training.data.arrays import demand_memory, numbered, unusable
from cnnspec.training.data.dataset import Dataset, Samples
from cnnspec.training.data.entry import Entry, Request, plain, unknown
from cnnspec.training.data.files import MOST_BYTES
from cnnspec.training.data.made_up import with_made_up_targets
from cnnspec.training.data.resizing import resized

STANDARD_SHAPE: Final = (28, 28, 1)
STANDARD_CLASSES: Final = 10
GRID: Final = 4
"""How many independent values a pattern has along each axis."""
NOISE: Final = 32.0
_CHUNK: Final = 1 << 22


def _load(request: Request) -> Dataset:
    number = plain(request.name).partition(":")[2]
    if not (number.isascii() and number.isdigit() and len(number) <= 12 and int(number) > 0):
        note = "expected: a positive number of images behind the colon"
        raise unknown(request.name, (note,), "`synthetic:1000`, say")
    made = load_synthetic(int(number), request.shape, request.classes, request.seed)
    outputs, target = request.wanted.outputs, request.wanted.sort or CLASS
    return made if target == CLASS or outputs is None else with_made_up_targets(made, outputs, target, request.seed)


ENTRY: Final = Entry("synthetic", _load, usage="synthetic:N")


def load_synthetic(count: int, shape: tuple[int, ...] | None, classes: int | None, seed: int) -> Dataset:
    """Return so many training images and a fifth as many for testing; a network with one output has two classes.

    >>> load_synthetic(100, (8, 8, 3), 5, seed=0).train.x.shape
    (100, 8, 8, 3)
    """
    shape = shape or STANDARD_SHAPE
    classes = max(2, classes or STANDARD_CLASSES)
    tests = max(1, count // 5)
    demand_memory(count + tests, shape, MOST_BYTES)
    if min(classes, count) * prod(shape) > MOST_BYTES // 8:
        raise unusable(f"{classes:,} made-up patterns of {'×'.join(map(str, shape))} do not fit into memory")
    generator = np.random.default_rng(seed)
    patterns = _patterns(classes, shape, generator, max(count, tests))
    train, test = (_samples(patterns, number, generator) for number in (count, tests))
    return Dataset(f"synthetic:{count}", train, test, numbered(classes), 255.0, mirrors=False)


def _patterns(classes: int, shape: tuple[int, ...], generator: np.random.Generator, most: int) -> NDArray[np.float32]:
    """Return a pattern of values from 64 to 192 for each class that is used: a coarse grid of random values, smooth."""
    axes = shape[:-1] or shape
    coarse = tuple(min(size, GRID) for size in axes) + (shape[-1:] if len(shape) > 1 else ())
    grid = generator.uniform(64, 192, (classes, *coarse)).astype(np.float32)
    return resized(grid[:most], axes)


def _samples(patterns: NDArray[np.float32], count: int, generator: np.random.Generator) -> Samples:
    y = generator.permutation(np.arange(count, dtype=np.int64) % len(patterns))
    x = np.empty((count, *patterns.shape[1:]), np.uint8)
    step = max(1, _CHUNK // prod(patterns.shape[1:]))
    for start in range(0, count, step):
        chunk = patterns[y[start : start + step]]
        noise = generator.normal(0, NOISE, chunk.shape)
        x[start : start + step] = np.clip(np.rint(chunk + noise), 0, 255)
    return Samples(x, y)
