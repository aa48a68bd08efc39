"""CIFAR's pickles: read as they are given away, without anything in them being run."""

from __future__ import annotations

import builtins
import io
import os
import pickle
import tarfile
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from small_originals import python2

from cnnspec.errors import CnnspecError
from cnnspec.training.data import load_data

CIFAR10: Final = (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch", "batches.meta")
PIXELS: Final = np.arange(2 * 3072, dtype=np.uint16).astype(np.uint8).reshape(2, 3072)
NAMES_100: Final = [f"class {number}".encode() for number in range(100)]


def named(value: object) -> str | None:
    """Return the name of a case: bytes have none, for those of archives differ from run to run."""
    return "bytes" if isinstance(value, bytes) else None


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Look for no data but those of the test; return Keras' folder."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv("CNNSPEC_DATA", raising=False)
    return tmp_path / "keras"


def cifar10() -> dict[str, bytes]:
    """Return the files of a small CIFAR-10."""
    batches = {name: python2(PIXELS, [number, 9]) for number, name in enumerate(CIFAR10[:6])}
    names = [b"airplane", b"automobile", b"bird", b"cat", b"deer", b"dog", b"frog", b"horse", b"ship", b"truck"]
    return {**batches, "batches.meta": pickle.dumps({b"label_names": names}, protocol=2)}


def cifar100() -> dict[str, bytes]:
    """Return the files of a small CIFAR-100."""
    meta = pickle.dumps({b"fine_label_names": NAMES_100}, protocol=2)
    train, test = (python2(PIXELS, labels, b"fine_labels") for labels in ([99, 0], [50, 50]))
    return {"train": train, "test": test, "meta": meta}


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Write files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def tar(files: dict[str, bytes], folder: str = "cifar-10-batches-py", mode: str = "w:gz") -> bytes:
    """Return an archive with files in a folder, among others."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in {"readme.html": b"<p>", **files}.items():
            member = tarfile.TarInfo(f"{folder}/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return content.getvalue()


def error_of(folder: Path, name: str = "cifar10") -> str:
    """Return the error about the data in a folder, which is called DIR."""
    with pytest.raises(CnnspecError) as caught:
        load_data(name, folder=folder, offline=True)
    return str(caught.value).replace(str(folder), "DIR")


@pytest.mark.parametrize(
    "below",
    ["", "cifar-10-batches-py", "cifar-10-batches-py-target/cifar-10-batches-py", "cifar10/cifar-10-batches-py"],
)
def test_unpacked_batches_are_read(tmp_path: Path, below: str) -> None:
    """Red, green and blue come one behind the other, and become the last axis."""
    write(tmp_path / below, cifar10())
    data = load_data("cifar10", folder=tmp_path, offline=True)
    assert (data.train.x.shape, data.test.x.shape, data.train.x.dtype) == ((10, 32, 32, 3), (2, 32, 32, 3), np.uint8)
    assert data.train.y.tolist() == [0, 9, 1, 9, 2, 9, 3, 9, 4, 9]
    assert data.test.y.tolist() == [5, 9]
    assert data.train.x[0, 0, 5].tolist() == [5, 5, 5]
    assert data.train.x[1, 31, 31].tolist() == [255, 255, 255]
    assert data.train.x[0, 1, 0].tolist() == [32, 32, 32]
    assert (data.classes[0], data.classes[9], data.mirrors, data.peak) == ("airplane", "truck", True, 255.0)


def test_planes_become_channels(tmp_path: Path) -> None:
    """The first 1,024 values are red."""
    planes = np.repeat(np.array([10, 20, 30], np.uint8), 1024)[None].repeat(2, axis=0)
    write(tmp_path, {**cifar10(), "test_batch": python2(planes, [0, 1])})
    data = load_data("cifar10", folder=tmp_path, offline=True)
    assert np.unique(data.test.x.reshape(-1, 3), axis=0).tolist() == [[10, 20, 30]]


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("cifar-10-python.tar.gz", "w:gz"),
        ("cifar-10-python.tar", "w"),
        ("cifar-10-python.tar.gz", "w"),
        ("keras/datasets/cifar-10-batches-py-target_archive", "w:gz"),
    ],
)
def test_an_archive_is_read_in_memory(tmp_path: Path, name: str, mode: str) -> None:
    """As it was downloaded, by hand or by Keras; nothing is unpacked to the disk."""
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(tar(cifar10(), mode=mode))
    data = load_data("cifar10", folder=path.parent, offline=True)
    assert data.train.y.tolist() == [0, 9, 1, 9, 2, 9, 3, 9, 4, 9]
    assert data.files == (str(path),)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_cifar100_names_its_fine_classes(tmp_path: Path) -> None:
    """The meta file has the names."""
    write(tmp_path / "cifar-100-python", cifar100())
    data = load_data("cifar100", folder=tmp_path, offline=True)
    assert (data.train.y.tolist(), data.test.y.tolist()) == ([99, 0], [50, 50])
    assert (len(data.classes), data.classes[99]) == (100, "class 99")


class Run:
    """An object whose pickle calls a function when it is read."""

    def __init__(self, function: object, *arguments: object) -> None:
        """Keep the call."""
        self.call = (function, arguments)

    def __reduce__(self) -> Any:
        return self.call


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4])
@pytest.mark.parametrize(
    ("function", "argument", "name"),
    [
        (os.system, "touch {}", "posix.system"),
        (builtins.eval, "open({!r}, 'w')", "builtins.eval"),
        (builtins.open, "{}", "open"),
        (getattr, "{}", "builtins.getattr"),
        (np.load, "{}", "numpy.load"),
    ],
    ids=["system", "eval", "open", "getattr", "numpy.load"],
)
def test_a_hostile_pickle_does_not_run(tmp_path: Path, protocol: int, function: Any, argument: str, name: str) -> None:
    """Whatever a file names, it is not looked up, and no marker appears."""
    marker = tmp_path / "marker"
    hostile = pickle.dumps({b"data": Run(function, argument.format(str(marker)), "w")}, protocol)
    write(tmp_path / "data", {**cifar10(), "data_batch_3": hostile})
    found = error_of(tmp_path / "data")
    assert not marker.exists()
    assert "a pickle that holds `" in found
    assert name.rpartition(".")[2] in found
    assert found.endswith(
        "which a data file does not need; it was not run\n  = help: delete the file, then download it again"
    )


def test_a_hostile_pickle_is_named(tmp_path: Path) -> None:
    """The whole text of the error."""
    write(tmp_path, {**cifar10(), "data_batch_3": b"cos\nsystem\n(S'echo'\ntR."})
    assert error_of(tmp_path) == (
        "error[E513]: `DIR/data_batch_3` is broken\n"
        "  = note: expected: pickled batches of images and labels\n"
        "  = note: found: a pickle that holds `os.system`, which a data file does not need; it was not run\n"
        "  = help: delete the file, then download it again"
    )


@pytest.mark.parametrize(
    ("batch", "found"),
    [
        (pickle.dumps([1], 2), "a pickle without a dictionary"),
        (pickle.dumps({1: 2}, 2), "a damaged pickle (a name that is no text)"),
        (pickle.dumps({b"labels": [1]}, 2), "a batch without `data` or `labels`"),
        (python2(PIXELS, [1, 2], b"fine_labels"), "a batch without `data` or `labels`"),
        (python2(PIXELS, [1]), "2 images and 1 labels"),
        (python2(PIXELS[:, :1024], [1, 2]), "images of 1024 values, not of 3×32×32 = 3,072"),
        (pickle.dumps({b"data": PIXELS, b"labels": [1, -2]}, 2), "labels that are no numbers of classes"),
        (pickle.dumps({b"data": PIXELS, b"labels": [1, "a"]}, 2), "labels that are no numbers of classes"),
        (python2(PIXELS, [1, 2])[:-900], "a damaged pickle"),
        (b"", "an empty file"),
        (b"<html>", "an HTML page, which a server sends in place of a file that it does not have"),
    ],
    ids=named,
)
def test_a_broken_batch(tmp_path: Path, batch: bytes, found: str) -> None:
    """The batch is named, and what it holds instead."""
    write(tmp_path, {**cifar10(), "test_batch": batch})
    first, expected, there, step = error_of(tmp_path).splitlines()
    assert first == "error[E513]: `DIR/test_batch` is broken"
    assert expected == "  = note: expected: pickled batches of images and labels"
    assert there.startswith(f"  = note: found: {found}")
    assert step == "  = help: delete the file, then download it again"


def test_labels_beyond_the_classes(tmp_path: Path) -> None:
    """CIFAR-10 has ten classes."""
    write(tmp_path, {**cifar10(), "test_batch": python2(PIXELS, [1, 10])})
    assert error_of(tmp_path) == (
        "error[E515]: `DIR` is not CIFAR-10\n  = note: its labels go up to 10\n  = note: expected: labels of 10 classes"
    )


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (tar(cifar10())[:600], "the file ends too early"),
        (tar(cifar10(), mode="w")[:9000], "no archive, or one that ends too early"),
        (tar({**cifar10(), "test_batch": b""}), "a damaged pickle"),
        (tar({"data_batch_1": b""}), "an archive without batches.meta, data_batch_2, "),
        (tar(cifar100(), "cifar-100-python"), "an archive without batches.meta, data_batch_1, "),
        (b"\x1f\x8b" + bytes(50), "compressed data that are damaged"),
        (b"PK\x03\x04" + bytes(2000), "no archive, or one that ends too early"),
        (b"<html>404", "an HTML page, which a server sends in place of a file that it does not have"),
    ],
    ids=named,
)
def test_a_broken_archive(tmp_path: Path, content: bytes, found: str) -> None:
    """The archive is named, and what is wrong with it."""
    (tmp_path / "cifar-10-python.tar.gz").write_bytes(content)
    first, _, there, step = error_of(tmp_path).splitlines()
    assert first == "error[E513]: `DIR/cifar-10-python.tar.gz` is broken"
    assert there.startswith(f"  = note: found: {found}")
    assert step == "  = help: delete the file, then download it again"


def test_an_archive_that_expands_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is unpacked in memory is bounded, member by member and as a whole."""
    monkeypatch.setattr("cnnspec.training.data.formats.cifar.MOST_BATCH", 10_000)
    (tmp_path / "cifar-10-python.tar.gz").write_bytes(tar({**cifar10(), "data_batch_1": bytes(20_000)}))
    assert "= note: found: a member of 20,000 bytes, more than 10,000\n" in error_of(tmp_path)
    monkeypatch.setattr("cnnspec.training.data.formats.cifar.MOST_ARCHIVE", 100_000)
    (tmp_path / "cifar-10-python.tar.gz").write_bytes(tar({"big": bytes(1_000_000), **cifar10()}))
    assert "= note: found: an archive of more than 100,000 bytes\n" in error_of(tmp_path)
    monkeypatch.setattr("cnnspec.training.data.formats.cifar.MOST_MEMBERS", 3)
    (tmp_path / "cifar-10-python.tar.gz").write_bytes(tar(cifar10()))
    assert "= note: found: an archive of more than 3 files\n" in error_of(tmp_path)


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_an_archive_that_was_packed_again(tmp_path: Path, form: int) -> None:
    """Times with fractions of seconds, long names and comments stand in headers of their own, which are passed over."""
    content = io.BytesIO()
    comment = {"comment": "packed again"} if form == tarfile.PAX_FORMAT else None
    with tarfile.open(fileobj=content, mode="w:gz", format=form, pax_headers=comment) as archive:
        for name, data in {**({} if form == tarfile.USTAR_FORMAT else {"a" * 300: b""}), **cifar10()}.items():
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size, member.mtime = len(data), 1234567890.5 if form == tarfile.PAX_FORMAT else 1234567890
            archive.addfile(member, io.BytesIO(data))
    (tmp_path / "cifar-10-python.tar.gz").write_bytes(content.getvalue())
    assert load_data("cifar10", folder=tmp_path, offline=True).train.y.tolist() == [0, 9, 1, 9, 2, 9, 3, 9, 4, 9]


def test_links_in_an_archive_are_not_followed(tmp_path: Path) -> None:
    """A member that is a link is no batch."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        member = tarfile.TarInfo("data_batch_1")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(member)
    (tmp_path / "cifar-10-python.tar.gz").write_bytes(content.getvalue())
    assert "found: an archive without batches.meta, data_batch_1, " in error_of(tmp_path)
