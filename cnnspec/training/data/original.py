"""Data sets whose files their authors have published: what is known of them, and of the files."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cnnspec.errors import CnnspecError
from cnnspec.training.data.arrays import paired, unusable
from cnnspec.training.data.dataset import Dataset, Samples
from cnnspec.training.data.files import shown

Spellings = tuple[str, ...]
"""The names under which one and the same file is found."""


class Parts(NamedTuple):
    """What files hold: both parts, and the names of the classes where the files tell them."""

    train: Samples
    test: Samples
    classes: tuple[str, ...] = ()


class FileSet(NamedTuple):
    """Files that together hold a data set, each under one of some names, and what reads them."""

    files: tuple[Spellings, ...]
    read: Callable[[Sequence[Path]], Parts]

    def fits(self, paths: Sequence[Path]) -> bool:
        """Tell whether these are the files, each under one of its names."""
        return len(paths) == len(self.files) and all(
            path.name in spellings for path, spellings in zip(paths, self.files, strict=True)
        )


class Download(NamedTuple):
    """A file as Keras downloads it, so that both share one cache."""

    file: str
    origin: str
    sha256: str | None = None
    folder: str = "datasets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A data set with a name; `folders` are those that it is usually kept in, below the place for all data.

    `labels` are the CRC-32 of its labels, one byte each, by which files under the same names are told apart.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    mirrors: bool
    folders: tuple[str, ...]
    file_sets: tuple[FileSet, ...]
    downloads: tuple[Download, ...]
    system_folder: str = ""
    labels: tuple[int, ...] = ()

    def load(self, files: FileSet, paths: Sequence[Path]) -> Dataset:
        """Return the data set in one of its sets of files; raise CnnspecError (E515) where they do not go together."""
        parts = files.read(paths)
        self._check(parts, paths)
        return Dataset(
            self.name,
            parts.train,
            parts.test,
            parts.classes or self.classes,
            255.0,
            self.mirrors,
            tuple(map(str, paths)),
        )

    def _check(self, parts: Parts, paths: Sequence[Path]) -> None:
        where = f"`{shown(paths[0])}`" if len(paths) == 1 else f"`{shown(paths[0].parent)}`"
        for x, y in ((part.x, part.y) for part in (parts.train, parts.test)):
            if not len(y) or int(y.max()) >= len(parts.classes or self.classes):
                found = f"its labels go up to {int(y.max())}" if len(y) else "it has no images"
                raise unusable(
                    f"{where} is not {self.title}", found, f"expected: labels of {len(self.classes)} classes"
                )
            if x.dtype != np.uint8:
                raise unusable(f"{where} is not {self.title}", f"its pixels are {x.dtype}", "expected: uint8, 0 to 255")
        paired(parts.train.x, parts.test.x, where)

    def demand_own(self, dataset: Dataset, others: Iterable[Original]) -> None:
        """Raise CnnspecError (E514) where data that were read as this data set are another one."""
        for part in (dataset.train, dataset.test):
            found = zlib.crc32(part.y.astype(np.uint8).tobytes())
            for other in others:
                if other.name != self.name and found in other.labels:
                    raise _foreign(self, other, [Path(file) for file in dataset.files])


def _foreign(wanted: Original, owner: Original, paths: Sequence[Path]) -> CnnspecError:
    folder = shown(paths[0].parent)
    message = f"the files in `{folder}` are those of {owner.title}, not of {wanted.title}"
    notes = (f"files: {', '.join(path.name for path in paths)}", "both data sets use the same file names")
    step = (
        f"ask for `{owner.name}`, or put the files of {wanted.title} into a folder `{wanted.folders[0]}` beside these"
    )
    return CnnspecError.one("E514", message, notes=notes, help=step)
