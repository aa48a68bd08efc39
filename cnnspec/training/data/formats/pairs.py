"""Folders of pairs: `images` and `masks`, with a mask of the same name for each image."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnspec.errors import MOST, CnnspecError, Diagnostic
from cnnspec.language.train.targets import MASK
from cnnspec.training.data.arrays import demand_memory, split, unusable
from cnnspec.training.data.dataset import Dataset, Samples
from cnnspec.training.data.entry import Request
from cnnspec.training.data.files import MOST_BYTES, shown
from cnnspec.training.data.formats.folders import TESTING, TRAINING, VALIDATION, entries, some
from cnnspec.training.data.images import (
    ENDINGS,
    ImageFaultError,
    bring_image,
    demand_picture_shape,
    image_shape,
    read_classes,
    unreadable,
)
from cnnspec.training.data.targets import as_masks

IMAGES: Final = "images"
MASKS: Final = "masks"
LAYOUT: Final = f"put images into `{IMAGES}` and a mask of the same name for each into `{MASKS}`"


class Pair(NamedTuple):
    """The files of an image and its mask."""

    image: Path
    mask: Path


def are_pairs(path: Path) -> bool:
    """Tell whether a folder, or its folder for training, holds a folder of images and one of masks."""
    folders = entries(path)[0]
    parts = [path, *(folder for folder in folders if folder.name.lower() in TRAINING)]
    return any({IMAGES, MASKS} <= {folder.name.lower() for folder in entries(part)[0]} for part in parts)


def load_pairs(path: Path, request: Request) -> Dataset:
    """Return the images of a folder and their masks, both at the network's input size.

    With folders `train` and `test` (or `val`), each with its pairs, these are the parts; else one of five pairs is for
    testing. A pixel of a mask has the number of its class; where there are two, 255 stands for the second one too.
    """
    if request.wanted.sort != MASK:
        message = f"`{shown(path)}` holds pairs of images and masks, and the network tells no class of every pixel"
        raise unusable(message, "its output has no height and width")
    parts, whole = _parts(path, request.seed)
    shape = request.shape or image_shape(parts[0][0].image)
    demand_picture_shape(shape)
    demand_memory(sum(map(len, parts)), (*shape[:-1], shape[-1] + 8), MOST_BYTES)
    samples = _read(parts, shape)
    masks, names = as_masks(np.concatenate([y for _, y in samples]), request.wanted, f"`{MASKS}` of `{shown(path)}`")
    count = len(parts[0])
    train, test = Samples(samples[0][0], masks[:count]), Samples(samples[1][0], masks[count:])
    files = (str(path),)
    return Dataset(request.name, train, test, names, 255.0, mirrors=False, files=files, whole=whole, target=MASK)


def _parts(path: Path, seed: int) -> tuple[list[list[Pair]], bool]:
    """Return the pairs for training and those for testing, and whether their folders made no difference."""
    folders = {folder.name.lower(): folder for folder in entries(path)[0]}
    roles = [[folders[name] for name in sorted(role & folders.keys())] for role in (TRAINING, VALIDATION, TESTING)]
    train, *others = (folder for role in roles for folder in role) if roles[0] else [path]
    if len(others) == 2:
        parts = [_pairs(train) + _pairs(others[0]), _pairs(others[1])]
    else:
        parts = [_pairs(train), *map(_pairs, others)]
    if len(parts) == 2:
        return parts, False
    if len(parts) > 2:
        raise unusable(f"`{shown(path)}` is divided in no known way", "expected: `train`, and `test` or `val`")
    (pairs,) = parts
    if len(pairs) < 2:
        raise unusable(f"`{shown(path)}` has a single pair, which cannot be split into training and test data")
    numbers = split(len(pairs), np.random.default_rng(seed))
    return [[pairs[number] for number in part] for part in numbers], True


def _pairs(path: Path) -> list[Pair]:
    folders = {folder.name.lower(): folder for folder in entries(path)[0]}
    if not {IMAGES, MASKS} <= folders.keys():
        had = some(list(folders.values())) if folders else "no folders"
        raise unusable(f"`{shown(path)}` lacks `{IMAGES}` or `{MASKS}`", f"it holds {had}", step=LAYOUT)
    images, masks = (_by_name(folders[name]) for name in (IMAGES, MASKS))
    for one, other, what in ((images, masks, "mask"), (masks, images, "image")):
        if lonely := [file for name, file in one.items() if name not in other]:
            raise unusable(f"{len(lonely):,} files in `{shown(path)}` have no {what}", f"among them {some(lonely)}")
    if not images:
        raise unusable(f"`{shown(path)}` has no images", step=LAYOUT)
    return [Pair(image, masks[name]) for name, image in images.items()]


def _by_name(folder: Path) -> dict[str, Path]:
    inner, files = entries(folder)
    others = [*inner, *(file for file in files if file.suffix.lower() not in ENDINGS)]
    if others:
        step = "convert or remove what is no image"
        raise unusable(f"`{shown(folder)}` holds more than images", f"among them {some(others)}", step=step)
    found: dict[str, Path] = {}
    for file in files:
        if file.stem in found:
            raise unusable(f"`{shown(folder)}` has `{found[file.stem].name}` and `{file.name}`: two of one name")
        found[file.stem] = file
    return found


def _read(parts: Sequence[Sequence[Pair]], shape: tuple[int, ...]) -> list[tuple[NDArray[np.uint8], NDArray[Any]]]:
    """Return the images and masks of all parts; raise CnnspecError about all that cannot be read."""
    found, faults = [], list[Diagnostic]()
    for part in parts:
        x, y = np.empty((len(part), *shape), np.uint8), np.empty((len(part), *shape[:-1]), np.int64)
        for place, pair in enumerate(part):
            for path, into in ((pair.image, x), (pair.mask, y)):
                try:
                    into[place] = bring_image(path, shape)[0] if into is x else read_classes(path, shape[:2])
                except ImageFaultError as error:
                    faults.append(unreadable(path, str(error)))
        if len(faults) >= MOST:
            break
        found.append((x, y))
    if faults:
        raise CnnspecError(faults[:MOST])
    return found
