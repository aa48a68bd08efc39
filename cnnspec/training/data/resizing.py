"""Whole arrays of images brought to another size or another number of channels."""

from __future__ import annotations

from math import prod
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cnnspec.training.data.arrays import demand_memory, unusable
from cnnspec.training.data.dataset import Images
from cnnspec.training.data.files import MOST_BYTES

LUMA: Final = (0.299, 0.587, 0.114)
"""The share of red, green and blue in gray, by ITU-R BT.601, as Pillow has it too."""
_CHUNK: Final = 1 << 22


def fit_images(x: Images, shape: tuple[int, ...], peak: float) -> Images:
    """Return images (N, H, W, C) in another shape (H, W, C), with pixels of the same type and at most the same peak.

    Gray becomes RGB and RGB gray; sizes change with antialiasing. Raises CnnspecError with E515 for other changes.

    >>> fit_images(np.full((2, 8, 8, 3), 7, np.uint8), (4, 6, 1), 255).shape
    (2, 4, 6, 1)
    """
    one = tuple(x.shape[1:])
    if one == shape:
        return x
    _demand_possible(one, shape)
    demand_memory(len(x), shape, MOST_BYTES // x.dtype.itemsize)
    fitted = np.empty((len(x), *shape), x.dtype)
    step = max(1, _CHUNK // max(prod(one), prod(shape)))
    for start in range(0, len(x), step):
        chunk = resized(_recolored(x[start : start + step].astype(np.float32), shape[-1]), shape[:-1])
        fitted[start : start + step] = np.clip(np.rint(chunk), 0, peak) if x.dtype == np.uint8 else chunk
    return fitted


def resized(x: NDArray[np.float32], axes: tuple[int, ...]) -> NDArray[np.float32]:
    """Return images with other sizes of the axes behind the first: linear between pixels, antialiased if smaller."""
    for axis, size in enumerate(axes, start=1):
        if x.shape[axis] != size:
            x = np.moveaxis(np.moveaxis(x, axis, -1) @ _weights(x.shape[axis], size), -1, axis)
    return np.ascontiguousarray(x)


def _weights(before: int, after: int) -> NDArray[np.float32]:
    """Return the share of each pixel before in each pixel after: a triangle around its centre, which sums up to 1."""
    scale = before / after
    centres = (np.arange(after) + 0.5) * scale - 0.5
    distances = np.abs(np.arange(before)[:, None] - centres[None, :]) / max(scale, 1.0)
    triangles = np.maximum(0.0, 1.0 - distances)
    weights: NDArray[np.float32] = (triangles / triangles.sum(axis=0)).astype(np.float32)
    return weights


def _recolored(x: NDArray[np.float32], channels: int) -> NDArray[np.float32]:
    if x.shape[-1] == channels:
        return x
    if channels == 1:
        return (x @ np.array(LUMA, np.float32))[..., None]
    return np.repeat(x, channels, axis=-1)


def _demand_possible(before: tuple[int, ...], after: tuple[int, ...]) -> None:
    one, other = ("×".join(map(str, shape)) for shape in (before, after))
    message = f"images of {one} cannot be resized to {other}"
    if len(before) != len(after) or len(after) < 2:
        raise unusable(message, f"they have {len(before)} axes, the input has {len(after)}")
    if before[-1] != after[-1] and {before[-1], after[-1]} != {1, 3}:
        raise unusable(message, f"{before[-1]} channels cannot be turned to {after[-1]}, only 1 to 3 and 3 to 1")
