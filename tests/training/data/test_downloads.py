"""Downloads: Keras' function is asked for Keras' files, and a failure tells what to do."""

from __future__ import annotations

import gzip
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest
from small_originals import FILES, write_idx, write_npz

from cnnspec.errors import CnnspecError
from cnnspec.files import temporary_beside
from cnnspec.training.data import load_data
from cnnspec.training.data.downloads import fetch
from cnnspec.training.data.original import Download


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Look for no data but those of the test; return Keras' folder."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv("CNNSPEC_DATA", raising=False)
    monkeypatch.setattr("cnnspec.training.data.original.Original.system_folder", "", raising=False)
    return tmp_path / "keras"


def error_of(folder: Path, call: Callable[[], object]) -> str:
    """Return the error of a call; the test's folder is called DIR."""
    with pytest.raises(CnnspecError) as caught:
        call()
    return str(caught.value).replace(str(folder), "DIR")


def pretend_keras(monkeypatch: pytest.MonkeyPatch, get_file: Callable[..., str]) -> None:
    """Put a Keras in place that has one function."""
    monkeypatch.setitem(sys.modules, "keras", SimpleNamespace(utils=SimpleNamespace(get_file=get_file)))


def test_a_download_asks_keras_for_its_own_files(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Names, addresses and hashes are Keras' own; progress does not go to standard output."""
    asked = []

    def get_file(fname: str, **options: Any) -> str:
        asked.append((fname, options))
        print("Downloading data")
        write_npz(home / "datasets" / fname)
        return str(home / "datasets" / fname)

    pretend_keras(monkeypatch, get_file)
    assert len(load_data("mnist").train) == 6
    ((name, options),) = asked
    assert (name[0], name[-4:]) == (".", ".npz")
    assert [path.name for path in (home / "datasets").iterdir()] == ["mnist.npz"]
    assert options == (
        {
            "origin": "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
            "file_hash": "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
            "cache_subdir": "datasets",
        }
    )
    assert capsys.readouterr() == ("", "Downloading data\n")
    assert len(load_data("mnist").train) == 6
    assert len(asked) == 1
    assert socket.getdefaulttimeout() is None


def test_four_files_are_downloaded_in_the_order_in_which_they_are_read(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fashion-MNIST comes in four files, which Keras keeps in a folder of their own."""

    def get_file(fname: str, *, origin: str, file_hash: str | None, cache_subdir: str) -> str:
        address, _, name = origin.rpartition("/")
        assert address == "https://storage.googleapis.com/tensorflow/tf-keras-datasets"
        assert (file_hash, cache_subdir) == (None, "datasets/fashion-mnist")
        write_idx(tmp_path)
        (home / cache_subdir).mkdir(parents=True, exist_ok=True)
        return str((tmp_path / name).rename(home / cache_subdir / fname))

    pretend_keras(monkeypatch, get_file)
    data = load_data("fashion_mnist")
    assert [Path(file).name for file in data.files] == [f"{name}.gz" for name in FILES]
    assert data.train.y.tolist() == [0, 1, 2, 3, 4, 9]


def test_a_download_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason, the names and the places are told."""

    def get_file(*_: object, **__: object) -> str:
        raise Exception("URL fetch failure on https://x: None -- no route to host")  # noqa: TRY002 - as Keras does

    pretend_keras(monkeypatch, get_file)
    assert error_of(tmp_path, lambda: load_data("cifar10")) == (
        "error[E512]: the data set `cifar10` was not found\n"
        "  = note: the download failed: URL fetch failure on https://x: None -- no route to host\n"
        "  = note: looked for: data_batch_1, data_batch_2, data_batch_3, data_batch_4, data_batch_5, test_batch, "
        "batches.meta, or cifar-10-python.tar.gz\n"
        "  = note: looked in: DIR/keras/datasets\n"
        "  = note: `cnnspec train digits-cnn` needs neither data nor a network\n"
        "  = help: put the files of CIFAR-10 into a folder, and name it with `--data-dir`"
    )


PACKED: Final = gzip.compress(bytes(range(256)) * 2000, mtime=0)
ANSWERS: Final = {
    "whole": (len(PACKED), PACKED, ""),
    "half of it": (len(PACKED), PACKED[:900], "retrieval incomplete: got only 900 out of "),
    "a length that is none": (900, PACKED, "Compressed file ended before the end-of-stream marker was reached"),
    "no length": (None, PACKED[:900], "Compressed file ended before the end-of-stream marker was reached"),
    "a wrong checksum": (len(PACKED), PACKED, "Incomplete or corrupted file detected."),
    "nothing": (None, b"", "timed out"),
    "silence after a while": (len(PACKED), PACKED[:900], "timed out"),
}


@contextmanager
def serving(name: str) -> Iterator[str]:
    """Yield the address of a server that gives one answer, and is silent then where that is its answer."""
    length, content, _ = ANSWERS[name]
    over = threading.Event()
    is_silent = "timed out" in ANSWERS[name][2]

    def answer(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            if content:
                size = "" if length is None else f"Content-Length: {length}\r\n"
                connection.sendall(f"HTTP/1.0 200 OK\r\n{size}\r\n".encode() + content)
            if is_silent:
                over.wait(60)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, args=(server,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/data.gz"
        finally:
            over.set()
            thread.join()


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
@pytest.mark.parametrize("name", ANSWERS)
def test_a_file_is_there_whole_or_not_at_all(name: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras' own function and a server that is cut off, lies or falls silent; a killed download lies there already."""
    monkeypatch.setattr("keras.src.utils.file_utils.config.keras_home", lambda: str(home))
    monkeypatch.setattr("cnnspec.training.data.downloads.PATIENCE", 0.5)
    (home / "datasets").mkdir(parents=True)
    temporary_beside(home / "datasets" / "data.gz").write_bytes(PACKED[:100])
    reason = ANSWERS[name][2]
    with serving(name) as address:
        download = Download("data.gz", address, "0" * 64 if name == "a wrong checksum" else None)
        if not reason:
            assert fetch((download,)) == (home / "datasets" / "data.gz",)
        else:
            with pytest.raises(OSError, match=reason):
                fetch((download,))
    there = {path.name: path.read_bytes() for path in (home / "datasets").iterdir()}
    assert there == ({} if reason else {"data.gz": PACKED})


def test_what_is_logged_while_keras_is_imported_is_not_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Who downloads needs no remarks on the processor; TensorFlow's libraries write them past Python."""
    (tmp_path / "keras.py").write_text("import os\nos.write(2, b'oneDNN custom operations are on')\nutils = None\n")
    pretend_keras(monkeypatch, str)
    del sys.modules["keras"]
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(OSError, match="has no attribute 'get_file'"):
        fetch((Download("mnist.npz", "https://localhost/mnist.npz"),))
    assert capfd.readouterr().err == ""


def test_a_download_without_keras(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is named, and nothing is imported at the top."""
    monkeypatch.setitem(sys.modules, "keras", None)
    text = error_of(tmp_path, lambda: load_data("mnist"))
    assert '= note: Keras, which downloads it, is not installed (`pip install "cnnspec[train]"`)' in text
