"""Small files in the formats of the originals: MNIST's idx and Keras' .npz, CIFAR's pickles of Python 2."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

FILES: Final = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def idx(array: NDArray[np.uint8]) -> bytes:
    """Return an array in the idx format."""
    return bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape) + array.tobytes()


def arrays(marker: int = 1) -> tuple[NDArray[np.uint8], ...]:
    """Return 6 images and labels for training and 2 for testing; the marker is the first pixel."""
    x = np.arange(8 * 28 * 28, dtype=np.uint8).reshape(8, 28, 28)
    x[0, 0, 0] = marker
    y = np.array([0, 1, 2, 3, 4, 9, 0, 1], np.uint8)
    return x[:6], y[:6], x[6:], y[6:]


def write_idx(folder: Path, ending: str = ".gz", marker: int = 1, sign: str = "-") -> None:
    """Write the four files of a small MNIST."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in zip(FILES, arrays(marker), strict=True):
        content = gzip.compress(idx(array)) if ending == ".gz" else idx(array)
        (folder / f"{name.replace('-idx', f'{sign}idx')}{ending}").write_bytes(content)


def write_npz(path: Path, marker: int = 1) -> None:
    """Write a small MNIST as Keras keeps it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **dict(zip(("x_train", "y_train", "x_test", "y_test"), arrays(marker), strict=True)))


def text(content: bytes) -> bytes:
    """Return the step that a pickle of Python 2 makes a text with."""
    return b"T" + struct.pack("<i", len(content)) + content


def python2(data: np.ndarray[Any, Any], labels: list[int], key: bytes = b"labels") -> bytes:
    """Return a batch as Python 2 and its NumPy wrote it, step by step as in the files that are given away."""
    shape = b"M" + struct.pack("<H", data.shape[0]) + b"M" + struct.pack("<H", data.shape[1]) + b"\x86"
    dtype = b"cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    empty = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
    array = empty + b"(K\x01" + shape + dtype + b"\x89" + text(data.tobytes()) + b"tb"
    numbers = b"](" + b"".join(b"K" + bytes([label]) for label in labels) + b"e"
    return b"\x80\x02}q\x01(" + text(b"data") + array + text(key) + b"q\x02" + numbers + b"u."
