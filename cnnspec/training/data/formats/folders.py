"""Folders of images: one folder per class, and above these, where wanted, folders for training and testing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from cnnspec.errors import MOST, CnnspecError, listing
from cnnspec.training.data.arrays import demand_memory, split, unusable
from cnnspec.training.data.dataset import Dataset, Samples
from cnnspec.training.data.files import MOST_BYTES, reading, shown
from cnnspec.training.data.images import (
    ENDINGS,
    ImageFaultError,
    bring_image,
    demand_picture_shape,
    image_shape,
    unreadable,
)

TRAINING: Final = frozenset(("train", "training"))
VALIDATION: Final = frozenset(("val", "valid", "validation"))
TESTING: Final = frozenset(("test", "testing"))
_JUNK: Final = frozenset(("thumbs.db", "desktop.ini", "__macosx", "__pycache__", "icon\r"))
Tree = dict[str, list[Path]]
"""The images of each class."""


class Sorted(NamedTuple):
    """The images of each class for training, and those for testing."""

    train: Tree
    test: Tree
    whole: bool = False


def load_folder(path: Path, name: str, shape: tuple[int, ...] | None, seed: int) -> Dataset:
    """Return the images of a folder, brought to a shape, or to that of the first of them.

    With folders `train` and `test` (or `val`), these are the parts; with all three, `train` and `val` are for
    training. Without, one of five images of each class is for testing. Raises CnnspecError with E515 for files that
    are no images and folders without any, with E516 for all images that cannot be read.
    """
    parts = _sorted(path, seed)
    classes = tuple(parts.train)
    if shape is None:
        shape = _first_shape(next(iter(parts.train.values()))[0])
    demand_picture_shape(shape)
    pairs = [[(file, number) for number, key in enumerate(classes) for file in tree.get(key, [])] for tree in parts[:2]]
    demand_memory(sum(map(len, pairs)), shape, MOST_BYTES)
    train, test = _read(pairs, shape)
    return Dataset(name, train, test, classes, 255.0, mirrors=False, files=(str(path),), whole=parts.whole)


def _first_shape(path: Path) -> tuple[int, ...]:
    try:
        return image_shape(path)
    except ImageFaultError as error:
        raise CnnspecError([unreadable(path, str(error))]) from None


def _read(parts: Iterable[Sequence[tuple[Path, int]]], shape: tuple[int, ...]) -> list[Samples]:
    """Return the images of all parts; raise CnnspecError about all that cannot be read."""
    samples, faults = [], []
    for part in parts:
        x = np.empty((len(part), *shape), np.uint8)
        for place, (path, _) in enumerate(part):
            try:
                x[place], _ = bring_image(path, shape)
            except ImageFaultError as error:
                faults.append(unreadable(path, str(error)))
                if len(faults) == MOST:
                    raise CnnspecError(faults) from None
        samples.append(Samples(x, np.array([number for _, number in part], np.int64)))
    if faults:
        raise CnnspecError(faults)
    return samples


def _sorted(path: Path, seed: int) -> Sorted:
    folders, files = entries(path)
    roles = {role: [folder for folder in folders if folder.name.lower() in role] for role in _ROLES}
    train, validation, test = ([folder for folder in roles[role] if entries(folder)[0]] for role in _ROLES)
    stray = [file for file in files if file.suffix.lower() in ENDINGS]
    if stray:
        raise unusable(f"`{shown(path)}` holds images that belong to no class", some(stray), step=_LAYOUT)
    if not (train or validation or test):
        return _divided(_tree(path), path, seed)
    return _parts(path, folders, train, [validation, test], seed)


_ROLES: Final = (TRAINING, VALIDATION, TESTING)
_LAYOUT: Final = "put the images of each class into a folder that is named as the class"


def _parts(path: Path, folders: list[Path], train: list[Path], others: list[list[Path]], seed: int) -> Sorted:
    used = [*train, *others[0], *others[1]]
    beside = [folder for folder in folders if folder not in used]
    if not train or len(train) > 1 or any(len(other) > 1 for other in others) or beside:
        facts = f"it holds the folders {some(folders)}"
        raise unusable(f"`{shown(path)}` is divided in no known way", facts, "expected: `train`, and `test` or `val`")
    trees = [_tree(part) for part in used]
    if len(trees) == 1:
        return _divided(trees[0], path, seed)
    *training, testing = trees
    known = training[0].keys()
    for part, tree in zip(used[1:], trees[1:], strict=True):
        if more := [key for key in tree if key not in known]:
            there = f"those of `train` are {listing(known, 20)}"
            raise unusable(f"`{shown(part)}` has classes that `train` lacks: {listing(more, 20)}", there)
    return Sorted({key: [file for tree in training for file in tree.get(key, [])] for key in known}, testing)


def _divided(tree: Tree, path: Path, seed: int) -> Sorted:
    """Return four of five images of each class for training, one of five for testing; a single one is for training."""
    generator = np.random.default_rng(seed)
    parts = Sorted({}, {}, whole=True)
    for key, files in tree.items():
        for part, numbers in zip(parts[:2], split(len(files), generator), strict=True):
            part[key] = [files[number] for number in numbers]
    if not any(parts.test.values()):
        raise unusable(f"each class in `{shown(path)}` has a single image", "one of five images is for testing")
    return parts


def _tree(path: Path) -> Tree:
    folders, _ = entries(path)
    if len(folders) < 2:
        found = f"it holds the folder {some(folders)} alone" if folders else "it holds no folders"
        raise unusable(f"`{shown(path)}` has no folders of at least two classes", found, step=_LAYOUT)
    return {folder.name: _images(folder) for folder in folders}


def _images(folder: Path) -> list[Path]:
    folders, files = entries(folder)
    others = [*folders, *(file for file in files if file.suffix.lower() not in ENDINGS)]
    if others:
        kinds = f"images end in {', '.join(sorted(ENDINGS))}"
        step = "convert or remove what is no image"
        raise unusable(f"`{shown(folder)}` holds more than images", f"among them {some(others)}", kinds, step=step)
    if not files:
        raise unusable(f"the class `{shown(folder)}` has no images")
    return files


def entries(path: Path) -> tuple[list[Path], list[Path]]:
    """Return the folders and files in a folder, in natural order, without what systems hide there."""
    with reading(path, "a folder"):
        found = [entry for entry in path.iterdir() if not entry.name.startswith(".")]
    found = sorted((entry for entry in found if entry.name.lower() not in _JUNK), key=_natural)
    return [entry for entry in found if entry.is_dir()], [entry for entry in found if not entry.is_dir()]


def _natural(path: Path) -> tuple[list[str | int], str]:
    """Return what sorts `class10` behind `class9`."""
    parts = re.split(r"(\d+)", path.name.lower())
    return [int(part) if number % 2 else part for number, part in enumerate(parts)], path.name


def some(paths: Sequence[Path]) -> str:
    """Return the names of the first of some files."""
    return listing((f"`{path.name}`" for path in paths), 5)
