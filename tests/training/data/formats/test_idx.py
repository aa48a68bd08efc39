"""Files in the idx format of MNIST: read exactly as they were written, and refused where they are damaged."""

from __future__ import annotations

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cnnspec.errors import CnnspecError
from cnnspec.training.data.formats.idx import read_idx

LABELS: Final = bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9])
"""The labels 7, 8 and 9, byte by byte as the format's description has it."""


def named(value: object) -> str | None:
    """Return the name of a case: bytes have none, for those of archives differ from run to run."""
    return "bytes" if isinstance(value, bytes) else None


def idx(array: NDArray[np.uint8]) -> bytes:
    """Return an array in the idx format."""
    return bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape) + array.tobytes()


def refused(path: Path, content: bytes) -> str:
    """Return the error about a file of labels with this content; the folder's name is left out."""
    path.write_bytes(content)
    with pytest.raises(CnnspecError) as caught:
        read_idx(path, 1)
    return str(caught.value).replace(f"{path.parent}/", "")


def test_a_file_is_read_byte_by_byte(tmp_path: Path) -> None:
    """Magic number, sizes, values."""
    path = tmp_path / "labels"
    path.write_bytes(LABELS)
    assert read_idx(path, 1).tolist() == [7, 8, 9]


@given(st.lists(st.integers(0, 4), min_size=1, max_size=3), st.booleans(), st.randoms(use_true_random=False))
def test_what_is_written_is_read(shape: list[int], packed: bool, random: object) -> None:  # noqa: FBT001
    """An array of any shape comes back, packed or not, whatever the file's name."""
    count = int(np.prod(shape))
    array = np.frombuffer(random.randbytes(count), np.uint8).reshape(shape)  # type: ignore[attr-defined]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(gzip.compress(idx(array)) if packed else idx(array))
        assert np.array_equal(read_idx(path, len(shape)), array)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b"\n<!DOCTYPE html><title>404", "an HTML page, which a server sends in place of a file that it does not have"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS, not the file itself"),
        (b"PK\x03\x04....", "the bytes 50 4b 03 04 at its start"),
        (bytes([0, 0, 8, 3]) + LABELS[4:], "the bytes 00 00 08 03 at its start"),
        (bytes([0, 0, 13, 1]) + LABELS[4:], "the bytes 00 00 0d 01 at its start"),
        (LABELS[:6], "the file ends too early"),
        (LABELS[:-1], "a header that declares 3 values, and 2 of them"),
        (LABELS + b"1", "a header that declares 3 values, and more than 3 of them"),
        (
            bytes([0, 0, 8, 1, 255, 255, 255, 255]),
            "a header that declares 4294967295 values, more than 4,000,000,000 bytes",
        ),
        (gzip.compress(LABELS)[:-6], "the file ends too early"),
        (gzip.compress(LABELS)[:-8] + b"12345678", "compressed data that are damaged"),
        (gzip.compress(b"")[:10] + b"\xff\xff\xff", "compressed data that are damaged"),
        (gzip.compress(b""), "nothing in it"),
        (gzip.compress(LABELS[:-1]), "a header that declares 3 values, and 2 of them"),
    ],
    ids=named,
)
def test_a_broken_file_is_named_with_what_was_found(tmp_path: Path, content: bytes, found: str) -> None:
    """One diagnostic says which file, what was expected, what was found, and what to do."""
    assert refused(tmp_path / "labels.gz", content) == (
        "error[E513]: `labels.gz` is broken\n"
        "  = note: expected: an idx file of bytes with 1 axis (magic number 00 00 08 01)\n"
        f"  = note: found: {found}\n"
        "  = help: delete the file, then download it again"
    )
