"""What a network is to tell, read from arrays: classes, labels, numbers or masks, as its output and loss need them."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnspec.language.train.losses import CROSS_ENTROPY, LOSSES
from cnnspec.language.train.targets import CLASS, LABELS, MASK, NUMBERS
from cnnspec.layers.activations import Outputs
from cnnspec.training.data.arrays import (
    MOST_CLASSES,
    as_labels,
    demand_countable,
    is_one_hot,
    numbered,
    unusable,
)

WHITE: Final = 255
"""What stands for the second class in masks that are black and white."""


class Wanted(NamedTuple):
    """The output of the network and the loss that decide what labels must be, and the sort of target if it is told."""

    outputs: tuple[int, ...] | None = None
    loss: str = CROSS_ENTROPY
    target: str | None = None

    @property
    def sort(self) -> str | None:
        """The sort of target as far as no data are needed to tell; None where they are."""
        if self.target is not None or self.outputs is None:
            return self.target or CLASS
        needed = LOSSES[self.loss].outputs
        if len(self.outputs) > 1:
            return NUMBERS if needed is Outputs.NUMBERS else MASK
        if needed is Outputs.DISTRIBUTION:
            return CLASS
        return NUMBERS if needed is Outputs.NUMBERS and self.outputs == (1,) else None

    def sort_for(self, y: NDArray[Any]) -> str:
        """Return the sort of target that an array holds."""
        if self.sort is not None:
            return self.sort
        rows = y.ndim == 2 and y.shape[1] > 1 and not is_one_hot(y)
        if LOSSES[self.loss].outputs is Outputs.NUMBERS:
            return NUMBERS if rows or (y.dtype.kind == "f" and y.ndim == 1) else CLASS
        return LABELS if rows else CLASS


class Targets(NamedTuple):
    """What samples are, the names of what is told of them, and the sort of it."""

    y: NDArray[Any]
    names: tuple[str, ...]
    target: str


def as_targets(y: NDArray[Any], count: int, wanted: Wanted, what: str) -> Targets:
    """Return the targets of so many images; raise CnnspecError with E515 where an array holds none."""
    sort = wanted.sort_for(y)
    if sort == CLASS:
        labels, classes = as_labels(y, count, what)
        return Targets(labels, numbered(classes), CLASS)
    if y.dtype.kind not in "buif" or not y.size or y.ndim < 1:
        raise unusable(f"{what} holds no numbers", f"its type is {y.dtype}")
    if len(y) != count:
        raise unusable(f"{what} has {len(y):,} targets for {count:,} images")
    demand_countable(count, what)
    if sort == MASK:
        return Targets(*as_masks(y, wanted, what), MASK)
    y = y[:, None] if y.ndim == 1 else y
    return Targets(_labels(y, what) if sort == LABELS else _numbers(y, wanted, what), numbered(y.shape[-1]), sort)


def _labels(y: NDArray[Any], what: str) -> NDArray[np.uint8]:
    if y.ndim != 2:
        raise unusable(f"{what} is not a list of labels", f"its shape is {_sizes(y)}", "expected: (N, K)")
    other = y[(y != 0) & (y != 1)]
    if other.size:
        raise unusable(f"{what} holds {other[0]:g}, and labels are 0 or 1")
    return y.astype(np.uint8)


def _numbers(y: NDArray[Any], wanted: Wanted, what: str) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        found: NDArray[np.float32] = np.ascontiguousarray(y, np.float32)
    wrong = int(found.size - np.count_nonzero(np.isfinite(found)))
    if wrong:
        raise unusable(f"{what} holds {wrong:,} values that are no finite numbers (NaN or infinite)")
    if LOSSES[wanted.loss].outputs is Outputs.PROBABILITIES and not 0 <= found.min() <= found.max() <= 1:
        least, most = found.min(), found.max()
        raise unusable(f"{what} has numbers from {least:g} to {most:g}, and `{wanted.loss}` takes those from 0 to 1")
    return found


def as_masks(y: NDArray[Any], wanted: Wanted, what: str) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Return the class of every position, and the names of the classes: at least as many as the network tells."""
    rank = len(wanted.outputs or ())
    if y.ndim == rank + 1 and y.shape[-1] == 1:
        y = y[..., 0]
    elif y.ndim == rank + 1 and is_one_hot(y.reshape(-1, y.shape[-1])):
        y = y.argmax(axis=-1)
    if y.ndim != rank:
        axes = ", ".join(("N", *"HWD"[: rank - 1]))
        raise unusable(f"{what} is no list of masks", f"its shape is {_sizes(y)}", f"expected: ({axes})")
    if y.dtype.kind not in "bui":
        raise unusable(f"{what} holds no integers", f"its type is {y.dtype}", step="save the numbers of classes")
    units = max((wanted.outputs or (2,))[-1], 2)
    if units == 2 and y.dtype.kind != "b" and y.max() == WHITE and set(np.unique(y).tolist()) <= {0, WHITE}:
        y = y // WHITE
    most, least = int(y.max()), int(y.min())
    if least < 0 or most >= MOST_CLASSES:
        wrong = least if least < 0 else most
        raise unusable(f"{what} holds the class {wrong}", f"classes count from 0 and are below {MOST_CLASSES:,}")
    return y.astype(np.uint8 if most < 256 else np.int32), numbered(max(units, most + 1))


def _sizes(y: NDArray[Any]) -> str:
    return "×".join(map(str, y.shape))
