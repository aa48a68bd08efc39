"""Hostile data: pickles, archives, arrays and pictures that cost far more than they weigh.

Every command runs in a child process whose memory is limited; what would take hours meets the test's own time limit.
"""

from __future__ import annotations

import bz2
import gzip
import io
import pickle
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from generators import deflated, lie
from limited import GIBIBYTE, Done, python, run
from numpy.lib import format as npy
from small_originals import python2, text

MEBIBYTE: Final = 1 << 20
HALVES: Final = tuple(f"data_batch_{number}" for number in range(1, 6))
NAMES: Final = pickle.dumps({b"label_names": [b"%d" % number for number in range(10)]}, 2)


def number(value: int) -> bytes:
    """Return the step that makes a number of 255 bytes at most."""
    content = value.to_bytes(value.bit_length() // 8 + 1, "little")
    return b"\x8a" + bytes([len(content)]) + content


LARGE: Final = number(1 << 2000)
EMPTY_ARRAY: Final = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
UINT8: Final = b"cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R"
DOUBLED: Final = b"".join(b"q\x01h\x01\x86" for _ in range(100))
"""Steps that put the last value into a pair of itself, and that into a pair, 100 times."""


def array_of(shape: bytes) -> bytes:
    """Return a batch whose array has a shape that these steps make."""
    return b"\x80\x02}(" + text(b"data") + EMPTY_ARRAY + b"(K\x01" + shape + UINT8 + b"\x89U\x01atb" + b"u."


def encoded_again() -> bytes:
    """Return a pickle of 1 MB that would become 20 GB of bytes."""
    once = b"c_codecs\nencode\nq\x01X" + struct.pack("<I", MEBIBYTE) + b"a" * MEBIBYTE + b"q\x02X\x06\x00\x00\x00latin1"
    return b"\x80\x02}]" + once + b"q\x03000" + b"h\x01h\x02h\x03\x86Ra" * 20_000 + b"."


def long_keys() -> bytes:
    """Return a pickle of 2 MB that compares two texts of 1 MB 200,000 times."""
    keys = b"".join(b"T" + struct.pack("<i", MEBIBYTE) + b"a" * MEBIBYTE + b"q" + bytes([at]) for at in (1, 2))
    return b"\x80\x02}q\x000h\x00" + keys + b"00" + b"h\x01Ns" + b"h\x02Ns" * 200_000 + b"."


PICKLES: Final[dict[str, tuple[Callable[[], bytes], str]]] = {
    "deep key": (
        lambda: b"\x80\x02})" + b"\x85" * 200_000 + b"Ns.",
        "a damaged pickle (a name that is no text)",
    ),
    "wide key": (lambda: b"\x80\x02}N" + DOUBLED + b"Ns.", "a damaged pickle (a name that is no text)"),
    "large sizes": (
        lambda: array_of(b"(" + LARGE + b"q\x01" + b"h\x01" * 10_000 + b"t"),
        "an array of 114813069527425452423283320117768198402…",
    ),
    "nested sizes": (lambda: array_of(b"N" + DOUBLED), "a damaged pickle (an array whose sizes are no numbers)"),
    "many arguments": (
        lambda: b"\x80\x02}cnumpy\ndtype\nq\x01(" + b"N" * 100_000 + b"tq\x020" + b"h\x01h\x02R" * 100_000 + b".",
        "a damaged pickle",
    ),
    "encoded again": (encoded_again, "a damaged pickle (it encodes more than there is)"),
    "long keys": (long_keys, "a name of more than 100 characters"),
}


def cifar(folder: Path, batch: bytes, names: bytes = NAMES) -> None:
    """Write a CIFAR-10 whose first batch and names are hostile."""
    small = python2(np.zeros((2, 3072), np.uint8), [0, 1])
    for name in (*HALVES, "test_batch"):
        (folder / name).write_bytes(small)
    (folder / HALVES[0]).write_bytes(batch)
    (folder / "batches.meta").write_bytes(names)


def dry_run(folder: Path, data: str = "cifar10", memory: int = GIBIBYTE) -> Done:
    """Plan a training on data of a folder, in 1 GiB unless less is given."""
    options = ("--data", data, "--data-dir", folder, "--dry-run", "--offline", "--input", "32x32x1")
    return run("train", "lenet5", *options, memory=memory)


def assert_broken(done: Done, found: str) -> None:
    """Assert that a command ended with one diagnostic, which says what was found."""
    assert (done.code, done.stderr.count("error[")) == (1, 1), done.stderr
    assert "error[E513]" in done.stderr
    assert f"= note: found: {found}" in done.stderr


@pytest.mark.parametrize("name", PICKLES)
def test_a_costly_pickle_is_refused(name: str, tmp_path: Path) -> None:
    """Nothing is hashed, multiplied, copied or compared that is larger than what a data file has."""
    make, found = PICKLES[name]
    cifar(tmp_path, make())
    assert_broken(dry_run(tmp_path), found)


@pytest.mark.slow
def test_a_pickle_has_a_bounded_number_of_steps(tmp_path: Path) -> None:
    """30 million empty lists, which take 1.7 GB, lie in a gzip file of 30 kB."""
    cifar(tmp_path, gzip.compress(b"\x80\x02") + gzip.compress(b"]" * MEBIBYTE) * 30)
    assert_broken(dry_run(tmp_path), "a pickle of more than 1,000,000 steps")


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (b"(" + b"h\x01" * 200_000 + b"l", "names of more than 100,000 classes"),
        (b"(" + b"h\x01" * 50_000 + b"l", "a class with a name of more than 200 characters"),
    ],
    ids=["many", "long"],
)
def test_names_are_bounded(names: bytes, found: str, tmp_path: Path) -> None:
    """One name of 1 MB, again and again, is not decoded again and again."""
    name = b"T" + struct.pack("<i", MEBIBYTE) + b"a" * MEBIBYTE + b"q\x010"
    cifar(
        tmp_path,
        python2(np.zeros((2, 3072), np.uint8), [0, 1]),
        b"\x80\x02}" + name + text(b"label_names") + names + b"s.",
    )
    assert_broken(dry_run(tmp_path), found)


def attributes(size: int) -> bytes:
    """Return a header of attributes that has no `=` in it."""
    member = tarfile.TarInfo("attributes")
    member.type, member.size = tarfile.XHDTYPE, size
    return member.tobuf(tarfile.USTAR_FORMAT)


def holes() -> bytes:
    """Return the header of a file with holes, which says that more holes follow."""
    member = tarfile.TarInfo("holes")
    member.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    header[482] = 1
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\x00 " % sum(header)
    return bytes(header)


MORE_HOLES: Final = (b"00000000001\x0000000000001\x00" * 21 + b"\x01").ljust(512, b"\x00")
TARS: Final[dict[str, Callable[[], bytes]]] = {
    "attributes": lambda: gzip.compress(attributes(3_000_320) + b"1" * 3_000_320),
    "holes": lambda: gzip.compress(holes()) + gzip.compress(MORE_HOLES * 2048) * 200,
}


@pytest.mark.parametrize("name", TARS)
def test_headers_of_an_archive_are_not_read(name: str, tmp_path: Path) -> None:
    """Attributes and holes cost more than they weigh, and say nothing of CIFAR."""
    (tmp_path / "cifar-10-python.tar.gz").write_bytes(TARS[name]())
    done = dry_run(tmp_path)
    assert_broken(done, "an archive without batches.meta, data_batch_1, ")


def zeros(path: Path, shape: tuple[int, ...], labels: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> None:
    """Write an .npz file whose `x` is a large array of zeros, which is packed once and repeated, and `y` its labels."""
    head = io.BytesIO()
    npy.write_array_header_1_0(head, {"descr": "|u1", "fortran_order": False, "shape": shape})
    crc = zlib.crc32(head.getvalue())
    for _ in range(prod(shape) // MEBIBYTE):
        crc = zlib.crc32(bytes(MEBIBYTE), crc)
    size = len(head.getvalue()) + prod(shape)
    lie(path, "x.npy", deflated(prod(shape), head.getvalue()), zipfile.ZIP_DEFLATED, size, crc)
    with zipfile.ZipFile(path, "a") as archive, archive.open("y.npy", "w") as file:
        npy.write_array(file, labels)


@pytest.mark.slow
def test_arrays_are_in_memory_once(tmp_path: Path) -> None:
    """256 MB of images are split into training and test data where all of 640 MiB is what a process has."""
    zeros(tmp_path / "large.npz", (1 << 18, 32, 32), np.arange(1 << 18, dtype=np.int64) % 10)
    done = dry_run(tmp_path, "large.npz", 640 * MEBIBYTE)
    assert (done.code, done.stderr) == (0, "")
    assert "209,716 training and 52,428 test images 32×32×1, 10 classes" in done.stdout


def test_arrays_that_do_not_fit_are_one_diagnostic(tmp_path: Path) -> None:
    """1 GB of images in half a GiB, after 1 MB of file."""
    zeros(tmp_path / "large.npz", (1 << 20, 32, 32), np.zeros(1 << 20, np.int64))
    assert_broken(dry_run(tmp_path, "large.npz", GIBIBYTE // 2), "more than fits into memory")


def header(length: int) -> bytes:
    """Return the beginning of an array whose header has so many bytes."""
    return b"\x93NUMPY\x02\x00" + struct.pack("<I", length)


ARRAYS: Final[dict[str, tuple[Callable[[Path], None], str]]] = {
    "bzip2": (
        lambda path: lie(path, "x.npy", bz2.compress(bytes(MEBIBYTE)), zipfile.ZIP_BZIP2, 1000),
        "an array `x` that cannot be read: it is packed in an unusual way, neither stored nor deflated",
    ),
    "lzma": (
        lambda path: lie(path, "x.npy", b"\x09\x14\x05\x00\x5d\xff\xff\xff\xff" + bytes(40), zipfile.ZIP_LZMA, 1000),
        "an array `x` that cannot be read: it is packed in an unusual way, neither stored nor deflated",
    ),
    "header": (
        lambda path: lie(path, "x.npy", deflated(2_200_000_000, header(2_200_000_000)), 8, 2_200_000_012),
        "an array `x` with a damaged header",
    ),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_that_lie_are_refused(name: str, tmp_path: Path) -> None:
    """What an archive or a header declares is not believed."""
    write, found = ARRAYS[name]
    write(tmp_path / "x.npz")
    with zipfile.ZipFile(tmp_path / "x.npz", "a") as archive:
        archive.writestr("y.npy", b"")
    assert_broken(dry_run(tmp_path, "x.npz"), found)


def idx(*sizes: int) -> bytes:
    """Return the header of an idx file."""
    return bytes([0, 0, 8, len(sizes)]) + b"".join(size.to_bytes(4, "big") for size in sizes)


def mnist(folder: Path, count: int, side: int, labels: int) -> None:
    """Write an MNIST whose training images are so many zeros."""
    block = gzip.compress(bytes(MEBIBYTE))
    (folder / "train-images-idx3-ubyte.gz").write_bytes(
        gzip.compress(idx(count, side, side)) + block * (count * side * side >> 20)
    )
    (folder / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels)) + block * (labels >> 20))
    (folder / "t10k-images-idx3-ubyte").write_bytes(idx(1, side, side) + bytes(side * side))
    (folder / "t10k-labels-idx1-ubyte").write_bytes(idx(1) + b"\0")


def test_images_are_not_read_before_their_number_is_that_of_the_labels(tmp_path: Path) -> None:
    """4 MB hold 3.9 GB of zeros, and there are 60,000 labels."""
    mnist(tmp_path, 3_800_000, 32, 60_000)
    done = dry_run(tmp_path, "mnist")
    assert (done.code, done.stderr.count("error[")) == (1, 1)
    assert "error[E515]: images and labels do not belong together" in done.stderr


def test_the_number_of_samples_is_bounded(tmp_path: Path) -> None:
    """A label takes eight bytes, so 400 MB of them 3.2 GB."""
    mnist(tmp_path, 400 << 20, 1, 400 << 20)
    done = dry_run(tmp_path, "mnist")
    assert (done.code, done.stderr.count("error[")) == (1, 1)
    assert "holds 419,430,400 samples, more than 10,000,000" in done.stderr


def png(path: Path, size: tuple[int, int], depth: int, color: int) -> None:
    """Write a picture of zeros, of a depth in bits and in one of PNG's types of color."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    width, height = size
    length = height * (1 + width * {0: 1, 4: 2, 6: 4}[color] * depth // 8)
    adler = length % 65521 << 16 | 1
    data = b"\x78\x01" + deflated(length, bytes(length % MEBIBYTE)) + adler.to_bytes(4, "big")
    head = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b""))


READ: Final = """
import sys
from pathlib import Path
from cnnspec.training.data import read_image
print(read_image(Path(sys.argv[1]), (28, 28, 3))[1])
"""
PICTURES: Final = {
    "16 bits": ((6000, 6000), 16, 0, "6000×6000 16-bit grayscale, turned to RGB, resized to 28×28"),
    "transparent": (
        (6000, 6000),
        8,
        6,
        "6000×6000 RGB with transparency, transparent parts made white, resized to 28×28",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PICTURES)
def test_a_large_picture_is_read_in_half_a_gibibyte(name: str, tmp_path: Path) -> None:
    """36 million pixels, three numbers of eight bytes each, are computed with a million at a time."""
    size, depth, color, said = PICTURES[name]
    png(tmp_path / "large.png", size, depth, color)
    done = python("-c", READ, tmp_path / "large.png", memory=GIBIBYTE // 2)
    assert (done.code, done.stdout, done.stderr) == (0, f"{said}\n", "")


def test_the_sides_of_a_picture_are_bounded(tmp_path: Path) -> None:
    """The weights of a side of 60 million pixels take a gigabyte."""
    png(tmp_path / "long.png", (60_000_000, 1), 16, 0)
    done = python("-c", READ, tmp_path / "long.png", memory=GIBIBYTE)
    assert "cannot be read\n  = note: it has a side of more than 65,535 pixels" in done.stderr
