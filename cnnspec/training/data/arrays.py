"""Arrays as samples: what images and labels must be, and how one array is split into training and test data."""

from __future__ import annotations

from math import prod
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cnnspec.errors import CnnspecError
from cnnspec.training.data.dataset import Images, Labels, Pixels, Samples

MOST_CLASSES: Final = 100_000
MOST_SAMPLES: Final = 10_000_000
"""Seven times as many as ImageNet has; the number of a class takes eight bytes for each."""
RANGES: Final = (1, 16, 255, 1023, 4095, 16383, 65535)
"""The largest values of pictures with 1 bit, 4 bits and a bit, 8, 10, 12, 14 and 16 bits."""

_CHUNK: Final = 1 << 22
SMALL: Final = 16
"""What floats do not exceed that were scaled to a mean of 0 or a largest value of 1."""


def unusable(message: str, *notes: str, step: str = "") -> CnnspecError:
    """Return the error about data that were read, but cannot be trained on."""
    return CnnspecError.one("E515", message, notes=notes, help=step)


def as_images(x: Pixels, shape: tuple[int, ...] | None, what: str) -> Images:
    """Return images with a channel axis, as bytes where all values are bytes, else as float32.

    `shape` is the network's input; without its help, three axes are (N, H, W) and not (N, L, C).
    """
    if x.dtype.kind not in "buif":
        raise unusable(f"{what} holds no numbers", f"its type is {x.dtype}")
    if not 2 <= x.ndim <= max(5, len(shape or ()) + 1) or not x.size:
        sizes = "×".join(map(str, x.shape)) or "a single number"
        raise unusable(
            f"{what} is not a list of images", f"its shape is {sizes}", "expected: (N, H, W) or (N, H, W, C)"
        )
    return _typed(x[..., None] if _lacks_channels(x, shape) else x, what)


def _lacks_channels(x: Pixels, shape: tuple[int, ...] | None) -> bool:
    one = tuple(x.shape[1:])
    if shape in (one, (*one, 1)):
        return shape != one
    return x.ndim == 3


def _typed(x: Pixels, what: str) -> Images:
    if x.dtype == np.uint8 or x.dtype.kind == "b" or (x.dtype.kind in "ui" and x.min() >= 0 and x.max() <= 255):
        return np.ascontiguousarray(x, np.uint8)
    with np.errstate(over="ignore"):
        floats: NDArray[np.float32] = np.ascontiguousarray(x, np.float32)
    wrong = int(floats.size - np.count_nonzero(np.isfinite(floats)))
    if wrong:
        raise unusable(f"{what} holds {wrong:,} values that are no finite numbers (NaN or infinite)")
    return floats


def peak_of(*arrays: Pixels) -> float:
    """Return the largest value that pixels of these raw arrays can have.

    Floats that are negative or small have been scaled already; large ones are bytes, or more, that became floats.

    >>> peak_of(np.array([0, 16])), peak_of(np.array([0.25])), peak_of(np.array([200.5]))
    (16.0, 1.0, 255.0)
    """
    kinds = {array.dtype.kind for array in arrays}
    if kinds == {"b"}:
        return 1.0
    if all(array.dtype == np.uint8 for array in arrays):
        return 255.0
    least = min(float(array.min()) for array in arrays)
    most = max(-least, *(float(array.max()) for array in arrays))
    if "f" in kinds and (least < 0 or most <= SMALL):
        return 1.0
    return next((float(top) for top in RANGES if most <= top), most)


def as_labels(y: NDArray[Any], count: int, what: str) -> tuple[Labels, int]:
    """Return the number of each image's class, and the number of classes as far as these labels tell."""
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if not 1 <= y.ndim <= 2 or not y.size:
        sizes = "×".join(map(str, y.shape)) or "a single number"
        raise unusable(f"{what} is not a list of labels", f"its shape is {sizes}", "expected: (N,), (N, 1) or (N, K)")
    if len(y) != count:
        raise unusable(f"{what} has {len(y):,} labels for {count:,} images")
    demand_countable(count, what)
    if y.ndim == 2:
        return _hot(y, what), int(y.shape[1])
    if y.dtype.kind not in "bui":
        is_float = y.dtype.kind == "f"
        facts = (f"its type is {y.dtype}", *(["`loss: mean_squared_error` learns numbers"] if is_float else []))
        step = "save classes as integers: `y.astype('int64')`" if is_float else ""
        if y.dtype.kind in "US":
            step = "save the numbers of the names: `numpy.unique(y, return_inverse=True)[1]`"
        raise unusable(f"{what} holds no integers", *facts, step=step)
    most, least = int(y.max()), int(y.min())
    if least < 0 or most >= MOST_CLASSES:
        wrong = least if least < 0 else most
        raise unusable(f"{what} holds the label {wrong}", f"labels count from 0 and are below {MOST_CLASSES:,}")
    return y.astype(np.int64), most + 1


def demand_countable(count: int, what: str) -> None:
    """Raise CnnspecError for more samples than are read."""
    if count > MOST_SAMPLES:
        raise unusable(f"{what} holds {count:,} samples, more than {MOST_SAMPLES:,}")


def _hot(y: NDArray[Any], what: str) -> Labels:
    if not is_one_hot(y):
        notes = (f"its shape is {'×'.join(map(str, y.shape))}", "expected: a single 1 in each row, all else 0")
        raise unusable(f"{what} is not one-hot", *notes)
    labels: Labels = np.argmax(y, axis=1).astype(np.int64)
    return labels


def is_one_hot(y: NDArray[Any]) -> bool:
    """Tell whether each row of an array (N, K) has a single 1, and all else is 0."""
    rows = max(1, _CHUNK // max(y.shape[1], 1))
    return y.dtype.kind in "buif" and all(_is_hot(y[at : at + rows]) for at in range(0, len(y), rows))


def _is_hot(y: NDArray[Any]) -> bool:
    return bool(np.all(((y == 0) | (y == 1)) & (y.sum(axis=1) == 1)[:, None]))


def paired(train: Pixels, test: Pixels, what: str) -> None:
    """Raise CnnspecError unless training and test images are of one shape and one sort of numbers."""
    if train.shape[1:] != test.shape[1:]:
        one, other = ("×".join(map(str, x.shape[1:])) for x in (train, test))
        raise unusable(f"the images of {what} differ in shape", f"training images are {one}, test images {other}")
    if (train.dtype.kind == "f") != (test.dtype.kind == "f"):
        types = f"training images are {train.dtype}, test images {test.dtype}"
        raise unusable(f"the images of {what} differ in type", types)


def split(count: int, generator: np.random.Generator) -> tuple[Labels, Labels]:
    """Return which of so many samples are for training and which for testing: four of five, and one.

    Two samples are the fewest that can be split; of one, none is for testing.
    """
    test = max(1, count // 5) if count > 1 else 0
    order = generator.permutation(count)
    return np.sort(order[test:]), np.sort(order[:test])


def split_samples(samples: Samples, seed: int, what: str) -> tuple[Samples, Samples]:
    """Return training and test samples of data that come in one piece, which are not needed any more.

    The training images stay where all images lay: a second copy of them might not fit into memory.
    """
    if len(samples) < 2:
        raise unusable(f"{what} has a single image, which cannot be split into training and test data")
    train, test = split(len(samples), np.random.default_rng(seed))
    held_out = Samples(samples.x[test], samples.y[test])
    return Samples(_moved_up(samples.x, train), samples.y[train]), held_out


def _moved_up(x: Images, places: Labels) -> Images:
    """Return the images at ascending places, moved to the front of the array."""
    step = max(1, _CHUNK // max(1, x[0].nbytes))
    for start in range(0, len(places), step):
        chunk = places[start : start + step]
        x[start : start + len(chunk)] = x[chunk]
    return x[: len(places)]


def numbered(count: int) -> tuple[str, ...]:
    """Return the names of classes that are only numbers."""
    return tuple(map(str, range(count)))


def demand_memory(count: int, shape: tuple[int, ...], most: int) -> None:
    """Raise CnnspecError if so many images of bytes are more than may be held in memory."""
    if count * prod(shape) > most:
        sizes = f"{count:,} images of {'×'.join(map(str, shape))}"
        raise unusable(
            f"{sizes} do not fit into memory", f"they take {count * prod(shape):,} bytes, of at most {most:,}"
        )
