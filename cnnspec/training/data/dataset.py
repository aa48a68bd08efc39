"""What a network is trained on: labelled images in memory, split into training and test data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnspec.language.train.targets import CLASS

Images = NDArray[np.uint8] | NDArray[np.float32]
Labels = NDArray[np.int64]
Targets = NDArray[Any]
Pixels = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Images (N, H, W, C) and what each is: the number of its class (N,), or what another sort of target has."""

    x: Images
    y: Targets

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Training and test samples, the names of the classes, labels or numbers, and what is known of the pictures.

    `peak` is the largest value that a pixel can have: pixels are scaled by 1/peak unless the spec says otherwise.
    `mirrors` tells whether a mirrored picture is still one of its class, as with animals, not with digits.
    `files` are what was read. `whole` tells that they made no difference between training and test data.
    """

    name: str
    train: Samples
    test: Samples
    classes: tuple[str, ...]
    peak: float
    mirrors: bool
    files: tuple[str, ...] = ()
    whole: bool = False
    target: str = CLASS

    def for_testing(self) -> Dataset:
        """Return data of which all samples are for testing, unless their files say which ones are."""
        if not self.whole:
            return self
        test = Samples(np.concatenate([self.train.x, self.test.x]), np.concatenate([self.train.y, self.test.y]))
        return replace(self, test=test)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one image, channels last."""
        return tuple(self.train.x.shape[1:])
