"""Masks at the size of a network's output: resized as its images are, and cut to the part that it tells."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnspec.training.data.dataset import Dataset, Samples

Axes = tuple[int, ...]


def with_output_masks(dataset: Dataset, inputs: Axes, outputs: Axes) -> Dataset:
    """Return a data set whose masks are as large as the output; where they cannot be, they stay as they are.

    Masks of whole images are cut to their middle: a network without padding tells what is there (Ronneberger et al.).
    """
    parts = [Samples(part.x, _fitted(part, inputs, outputs)) for part in (dataset.train, dataset.test)]
    return replace(dataset, train=parts[0], test=parts[1])


def _fitted(samples: Samples, inputs: Axes, outputs: Axes) -> NDArray[Any]:
    y, image = samples.y, samples.x.shape[-1 - len(inputs) : -1]
    if y.shape[1:] == outputs or y.shape[1:] != image or not is_middle(inputs, outputs):
        return y
    return middle(nearest(y, inputs), outputs)


def is_middle(inputs: Axes, outputs: Axes) -> bool:
    """Tell whether outputs can be the middle of inputs, as far from each end of every axis as from the other.

    >>> is_middle((572, 572), (388, 388)), is_middle((572, 572), (387, 387))
    (True, False)
    """
    return len(inputs) == len(outputs) and all(
        outer >= inner and (outer - inner) % 2 == 0 for outer, inner in zip(inputs, outputs, strict=True)
    )


def nearest(y: NDArray[Any], axes: Axes) -> NDArray[Any]:
    """Return masks (N, …) with other sizes of the axes behind the first; every position has the nearest one's class."""
    for axis, size in enumerate(axes, start=1):
        if y.shape[axis] != size:
            places = ((np.arange(size) + 0.5) * y.shape[axis] / size).astype(np.int64)
            y = y.take(places, axis=axis)
    return y


def middle(y: NDArray[Any], axes: Axes) -> NDArray[Any]:
    """Return the middle of masks."""
    starts = [(outer - inner) // 2 for outer, inner in zip(y.shape[1:], axes, strict=True)]
    cut = y[(slice(None), *(slice(start, start + size) for start, size in zip(starts, axes, strict=True)))]
    return np.ascontiguousarray(cut)
