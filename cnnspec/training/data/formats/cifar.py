"""CIFAR in its Python version: batches of images and labels, in a folder or in the archive as it is downloaded."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple, Self

import numpy as np

from cnnspec.training.data.arrays import MOST_CLASSES
from cnnspec.training.data.dataset import Samples
from cnnspec.training.data.files import FaultError, Readable, read_up_to, reading, unpacked
from cnnspec.training.data.formats.pickles import read_pickle
from cnnspec.training.data.original import FileSet, Parts

TORONTO: Final = "https://www.cs.toronto.edu/~kriz/"
"""Where its author gives it away."""
SIDE: Final = 32
MOST_BATCH: Final = 200_000_000
"""The largest batch, the training images of CIFAR-100, has 155 MB."""
MOST_ARCHIVE: Final = 500_000_000
MOST_MEMBERS: Final = 1_000
LONGEST_NAME: Final = 200
"""The most characters of a class's name."""


def read_batch(content: bytes, label_key: str) -> Samples:
    """Return the images (N, 32, 32, 3) and labels of a pickled batch; raise FaultError where it is none."""
    batch = read_pickle(content)
    data, labels = batch.get("data"), batch.get(label_key)
    if not isinstance(data, np.ndarray) or not isinstance(labels, list):
        raise FaultError(f"a batch without `data` or `{label_key}`")
    if data.ndim != 2 or data.shape[1] != 3 * SIDE * SIDE:
        raise FaultError(f"images of {'×'.join(map(str, data.shape[1:]))} values, not of 3×32×32 = 3,072")
    if len(labels) != len(data):
        raise FaultError(f"{len(data):,} images and {len(labels):,} labels")
    if not all(type(label) is int and 0 <= label < MOST_CLASSES for label in labels):
        raise FaultError("labels that are no numbers of classes")
    images = np.ascontiguousarray(data.reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1))
    return Samples(images, np.array(labels, np.int64))


def read_names(content: bytes, key: str) -> tuple[str, ...]:
    """Return the names of the classes in a pickled meta file."""
    names = read_pickle(content).get(key)
    if not isinstance(names, list) or not names or not all(isinstance(name, bytes | str) for name in names):
        raise FaultError(f"a meta file without a list `{key}`")
    if len(names) > MOST_CLASSES:
        raise FaultError(f"names of more than {MOST_CLASSES:,} classes")
    if max(map(len, names)) > LONGEST_NAME:
        raise FaultError(f"a class with a name of more than {LONGEST_NAME} characters")
    return tuple(_readable(name) for name in names)


def _readable(name: bytes | str) -> str:
    """Return a name as text that every file can hold."""
    return (name.encode("utf-8", "replace") if isinstance(name, str) else name).decode("utf-8", "replace")


def read_members(path: Path, names: Iterable[str]) -> dict[str, bytes]:
    """Return files of a tar archive by their last names, in memory; nothing is written to the disk.

    Raises CnnspecError with E513 where the archive is broken, too large, or lacks one of the files.
    """
    wanted = set(names)
    found: dict[str, bytes] = {}
    with reading(path, f"a tar archive with {', '.join(sorted(wanted))}"):
        with unpacked(path) as file, _opened(file) as archive:
            for count, member in enumerate(archive):
                if count >= MOST_MEMBERS:
                    raise FaultError(f"an archive of more than {MOST_MEMBERS:,} files")
                last = member.name.rpartition("/")[2]
                if member.isreg() and last in wanted - found.keys():
                    found[last] = _content(archive, member)
                if found.keys() == wanted:
                    break
        if missing := sorted(wanted - found.keys()):
            raise FaultError(f"an archive without {', '.join(missing)}")
    return found


def _opened(file: Readable) -> tarfile.TarFile:
    stream = _Bounded(file)  # `tarfile` asks no more of a stream than `read`, its types ask for a whole file
    return tarfile.open(fileobj=stream, mode="r|", tarinfo=_PlainMember)  # type: ignore[call-overload,no-any-return]


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    if file is None or not 0 <= member.size <= MOST_BATCH:
        raise FaultError(f"a member of {member.size:,} bytes, more than {MOST_BATCH:,}")
    content = bytes(read_up_to(file, member.size))
    if len(content) != member.size:
        raise EOFError
    return content


def read_whole(path: Path) -> bytes:
    """Return a batch that lies unpacked in a folder."""
    with reading(path, "a pickled batch"), unpacked(path) as file:
        content = bytes(read_up_to(file, MOST_BATCH + 1))
        if len(content) > MOST_BATCH:
            raise FaultError(f"more than {MOST_BATCH:,} bytes")
        return content


class _PlainMember(tarfile.TarInfo):
    """A member as its own header says, in which the name of every file of CIFAR fits.

    Headers that say more of the next member (long names, attributes, holes) are members that nobody asks for: reading
    them costs the square of their size in some releases of Python, and any memory where they tell of holes.
    """

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Return the member that a header of 512 bytes describes."""
        member = super().frombuf(buf, encoding, errors)
        if member.type in _EXTENDED:
            member.type = _UNREAD
        return member


_EXTENDED: Final = frozenset(
    (
        *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
        *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.GNUTYPE_SPARSE),
    )
)
_UNREAD: Final = b"?"
"""No type that `tarfile` knows: it passes over such members."""


class _Bounded:
    """A file of which only so much is read, however much it would expand to."""

    def __init__(self, file: Readable) -> None:
        self.file, self.left = file, MOST_ARCHIVE

    def read(self, size: int, /) -> bytes:
        """Return the next bytes; raise FaultError where the archive is too large."""
        content = self.file.read(size)
        self.left -= len(content)
        if self.left < 0:
            raise FaultError(f"an archive of more than {MOST_ARCHIVE:,} bytes")
        return content


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

    def file_sets(self, folder: str, archive: str) -> tuple[FileSet, ...]:
        """Return unpacked batches, and the archive under its own name and Keras'."""
        packed = (f"{archive}.tar.gz", f"{archive}.tgz", f"{archive}.tar", f"{folder}-target_archive")
        unpacked_files = tuple((name,) for name in self.files)
        return FileSet(unpacked_files, self.read_folder), FileSet((packed,), self.read_archive)
