"""The data sets that have a name: their classes, the files they come in, and where Keras downloads them from."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from cnnspec.errors import CnnspecError
from cnnspec.training.data.arrays import numbered, paired, unusable
from cnnspec.training.data.dataset import Dataset
from cnnspec.training.data.files import shown
from cnnspec.training.data.forms import CIFAR10, CIFAR100, IDX, Form, Parts, cifar_forms, keras_archive


class Download(NamedTuple):
    """A file as Keras downloads it, so that both share one cache."""

    file: str
    origin: str
    sha256: str | None = None
    folder: str = "datasets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A data set with a name; `folders` are those that it is usually kept in, below the place for all data."""

    name: str
    title: str
    classes: tuple[str, ...]
    mirrors: bool
    folders: tuple[str, ...]
    forms: tuple[Form, ...]
    downloads: tuple[Download, ...]
    system_folder: str = ""

    def load(self, form: Form, paths: Sequence[Path]) -> Dataset:
        """Return the data set in files of one of its forms.

        Raises CnnspecError where they are those of another data set (E514) or do not go together (E515).
        """
        parts = form.read(paths)
        self._check(parts, paths)
        files = tuple(map(str, paths))
        return Dataset(self.name, parts.train, parts.test, parts.classes or self.classes, 255.0, self.mirrors, files)

    def _check(self, parts: Parts, paths: Sequence[Path]) -> None:
        where = f"`{shown(paths[0])}`" if len(paths) == 1 else f"`{shown(paths[0].parent)}`"
        for x, y in ((part.x, part.y) for part in (parts.train, parts.test)):
            owner = LABELS.get(zlib.crc32(y.astype(np.uint8).tobytes()), self.name)
            if owner != self.name:
                raise _foreign(self, ORIGINALS[owner], paths)
            if not len(y) or int(y.max()) >= len(parts.classes or self.classes):
                found = f"its labels go up to {int(y.max())}" if len(y) else "it has no images"
                raise unusable(
                    f"{where} is not {self.title}", found, f"expected: labels of {len(self.classes)} classes"
                )
            if x.dtype != np.uint8:
                raise unusable(f"{where} is not {self.title}", f"its pixels are {x.dtype}", "expected: uint8, 0 to 255")
        paired(parts.train.x, parts.test.x, where)


def _foreign(wanted: Original, owner: Original, paths: Sequence[Path]) -> CnnspecError:
    folder = shown(paths[0].parent)
    message = f"the files in `{folder}` are those of {owner.title}, not of {wanted.title}"
    notes = (f"files: {', '.join(path.name for path in paths)}", "both data sets use the same file names")
    step = (
        f"ask for `{owner.name}`, or put the files of {wanted.title} into a folder `{wanted.folders[0]}` beside these"
    )
    return CnnspecError.one("E514", message, notes=notes, help=step)


KERAS: Final = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
TORONTO: Final = "https://www.cs.toronto.edu/~kriz/"
LABELS: Final = {
    0xBA07E8EF: "mnist",
    0xEE8604D9: "mnist",
    0x2ED6E46A: "fashion_mnist",
    0x242BC73F: "fashion_mnist",
}
"""The CRC-32 of labels, one byte each, that tell whose files they are; subsets of a data set have others."""

MNIST: Final = Original(
    name="mnist",
    title="MNIST",
    classes=numbered(10),
    mirrors=False,
    folders=("mnist", "MNIST", "MNIST/raw", "mnist/raw"),
    forms=(IDX, keras_archive("mnist.npz")),
    downloads=(
        Download(
            "mnist.npz",
            f"{KERAS}mnist.npz",
            "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
        ),
    ),
)
FASHION_MNIST: Final = Original(
    name="fashion_mnist",
    title="Fashion-MNIST",
    classes=(
        *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
        *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    ),
    mirrors=True,
    folders=("fashion-mnist", "fashion_mnist", "FashionMNIST/raw", "FashionMNIST"),
    forms=(IDX, keras_archive("fashion_mnist.npz"), keras_archive("fashion-mnist.npz")),
    downloads=tuple(
        Download(f"{stem}-ubyte.gz", f"{KERAS}{stem}-ubyte.gz", folder="datasets/fashion-mnist")
        for stem in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    ),
    system_folder="/usr/share/datasets/fashion-mnist",
)
CIFAR_10: Final = Original(
    name="cifar10",
    title="CIFAR-10",
    classes=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    mirrors=True,
    folders=(
        *("cifar-10-batches-py", "cifar-10-batches-py-target/cifar-10-batches-py"),
        *("cifar10", "cifar10/cifar-10-batches-py", "cifar-10", "cifar-10/cifar-10-batches-py"),
    ),
    forms=cifar_forms(CIFAR10, "cifar-10-batches-py", "cifar-10-python"),
    downloads=(
        Download(
            "cifar-10-batches-py-target_archive",
            f"{TORONTO}cifar-10-python.tar.gz",
            "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
        ),
    ),
)
CIFAR_100: Final = Original(
    name="cifar100",
    title="CIFAR-100",
    classes=numbered(100),
    mirrors=True,
    folders=(
        *("cifar-100-python", "cifar-100-python-target/cifar-100-python"),
        *("cifar100", "cifar100/cifar-100-python", "cifar-100", "cifar-100/cifar-100-python"),
    ),
    forms=cifar_forms(CIFAR100, "cifar-100-python", "cifar-100-python"),
    downloads=(
        Download(
            "cifar-100-python-target_archive",
            f"{TORONTO}cifar-100-python.tar.gz",
            "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
        ),
    ),
)
ORIGINALS: Final = {original.name: original for original in (MNIST, FASHION_MNIST, CIFAR_10, CIFAR_100)}
