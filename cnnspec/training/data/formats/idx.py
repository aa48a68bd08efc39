"""The idx format of MNIST: a magic number, the sizes of the axes, then one byte per value."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cnnspec.training.data.arrays import as_images, demand_countable, unusable
from cnnspec.training.data.dataset import Samples
from cnnspec.training.data.files import MOST_BYTES, FaultError, Readable, read_up_to, reading, shown, unpacked
from cnnspec.training.data.original import FileSet, Parts, Spellings

UNSIGNED_BYTE: Final = 0x08


def declared_count(path: Path, rank: int) -> int:
    """Return how many images or labels an idx file declares, before they are read."""
    with reading(path, _expected(rank)), unpacked(path) as file:
        return _shape(file, rank)[0]


def read_idx(path: Path, rank: int) -> NDArray[np.uint8]:
    """Return the array of an idx file, packed by gzip or not; raise CnnspecError with E513 where it is broken."""
    with reading(path, _expected(rank)):
        with unpacked(path) as file:
            shape = _shape(file, rank)
            count = prod(shape)
            values = read_up_to(file, count + 1)
        if len(values) != count:
            several = f"{len(values):,}" if len(values) < count else f"more than {count:,}"
            raise FaultError(f"a header that declares {_times(shape)} values, and {several} of them")
        return np.frombuffer(values, np.uint8).reshape(shape)


def _expected(rank: int) -> str:
    magic = f"00 00 08 {rank:02x}"
    return f"an idx file of bytes with {rank} {'axes' if rank > 1 else 'axis'} (magic number {magic})"


def _shape(file: Readable, rank: int) -> tuple[int, ...]:
    header = bytes(read_up_to(file, 4 + 4 * rank))
    if header[:4] != bytes([0, 0, UNSIGNED_BYTE, rank]):
        raise FaultError(f"the bytes {header[:4].hex(' ')} at its start" if header else "nothing in it")
    if len(header) < 4 + 4 * rank:
        raise EOFError
    shape = tuple(int.from_bytes(header[at : at + 4], "big") for at in range(4, len(header), 4))
    if prod(shape) > MOST_BYTES:
        raise FaultError(f"a header that declares {_times(shape)} values, more than {MOST_BYTES:,} bytes")
    return shape


def _times(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


def _read_files(paths: Sequence[Path]) -> Parts:
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


def _idx_names(stem: str, axes: int) -> Spellings:
    return tuple(f"{stem}{sign}idx{axes}-ubyte{suffix}" for sign in "-." for suffix in ("", ".gz"))


FILES: Final = FileSet(
    tuple(
        _idx_names(f"{part}-{content}", axes)
        for part in ("train", "t10k")
        for content, axes in (("images", 3), ("labels", 1))
    ),
    _read_files,
)
"""MNIST's four files: images and labels for training, then for testing."""
