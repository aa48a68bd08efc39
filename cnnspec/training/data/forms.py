"""The forms in which the well-known data sets are kept: which files belong together, and how they are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from cnnspec.training.data.arrays import as_images, demand_countable, unusable
from cnnspec.training.data.cifar import read_batch, read_members, read_names, read_whole
from cnnspec.training.data.dataset import Samples
from cnnspec.training.data.files import reading, shown
from cnnspec.training.data.idx import declared_count, read_idx
from cnnspec.training.data.npz import SPLIT, read_npz, read_parts

Spellings = tuple[str, ...]
"""The names under which one and the same file is found."""


class Parts(NamedTuple):
    """What files hold: both parts, and the names of the classes where the files tell them."""

    train: Samples
    test: Samples
    classes: tuple[str, ...] = ()


class Form(NamedTuple):
    """One form in which a data set is kept: files, each under one of some names, and what reads them."""

    files: tuple[Spellings, ...]
    read: Callable[[Sequence[Path]], Parts]


def read_idx_files(paths: Sequence[Path]) -> Parts:
    """Return MNIST's four files: images and labels for training, then for testing."""
    train, test = (_idx_samples(*pair) for pair in (paths[:2], paths[2:]))
    return Parts(train, test)


def _idx_samples(images: Path, labels: Path) -> Samples:
    count, others = declared_count(images, 3), declared_count(labels, 1)
    if count != others:
        facts = (f"`{shown(images)}` has {count:,} images", f"`{shown(labels)}` has {others:,} labels")
        raise unusable("images and labels do not belong together", *facts)
    demand_countable(count, f"`{shown(images)}`")
    y = read_idx(labels, 1)
    return Samples(as_images(read_idx(images, 3), None, f"`{shown(images)}`"), y.astype(np.int64))


def read_keras_archive(paths: Sequence[Path]) -> Parts:
    """Return what Keras keeps in one .npz file."""
    (path,) = paths
    train, test, _ = read_parts(read_npz(path, SPLIT), path, None)
    return Parts(train, test)


class Batched(NamedTuple):
    """How a version of CIFAR is cut into batches, and under which keys they hold what is wanted."""

    train: tuple[str, ...]
    test: str
    meta: str
    labels: str
    names: str

    @property
    def files(self) -> tuple[str, ...]:
        """All files, in the order in which they are read."""
        return (*self.train, self.test, self.meta)

    def read_archive(self, paths: Sequence[Path]) -> Parts:
        """Return what the archive holds that its authors give away."""
        (path,) = paths
        members = read_members(path, self.files)
        return self._parts([(path, members[name]) for name in self.files])

    def read_folder(self, paths: Sequence[Path]) -> Parts:
        """Return what the unpacked files hold."""
        return self._parts([(path, read_whole(path)) for path in paths])

    def _parts(self, contents: Sequence[tuple[Path, bytes]]) -> Parts:
        *batches, (meta_path, meta) = contents
        *train, test = [self._batch(path, content) for path, content in batches]
        with reading(meta_path, "a pickled list of the names of the classes"):
            names = read_names(meta, self.names)
        x, y = np.concatenate([part.x for part in train]), np.concatenate([part.y for part in train])
        return Parts(Samples(x, y), test, names)

    def _batch(self, path: Path, content: bytes) -> Samples:
        with reading(path, "pickled batches of images and labels"):
            return read_batch(content, self.labels)


def _idx_names(stem: str, axes: int) -> Spellings:
    return tuple(f"{stem}{sign}idx{axes}-ubyte{suffix}" for sign in "-." for suffix in ("", ".gz"))


CIFAR10: Final = Batched(
    tuple(f"data_batch_{number}" for number in range(1, 6)), "test_batch", "batches.meta", "labels", "label_names"
)
CIFAR100: Final = Batched(("train",), "test", "meta", "fine_labels", "fine_label_names")
IDX: Final = Form(
    tuple(
        _idx_names(f"{part}-{content}", axes)
        for part in ("train", "t10k")
        for content, axes in (("images", 3), ("labels", 1))
    ),
    read_idx_files,
)


def keras_archive(name: str) -> Form:
    """Return the form of a single .npz file."""
    return Form(((name,),), read_keras_archive)


def cifar_forms(batched: Batched, folder: str, archive: str) -> tuple[Form, ...]:
    """Return the forms of a version of CIFAR: unpacked batches, and its archive under its own and Keras' name."""
    packed = (f"{archive}.tar.gz", f"{archive}.tgz", f"{archive}.tar", f"{folder}-target_archive")
    return (
        Form(tuple((name,) for name in batched.files), batched.read_folder),
        Form((packed,), batched.read_archive),
    )
