"""Downloads by Keras' own function, from the addresses and into the cache that Keras itself uses."""

from __future__ import annotations

import gzip
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import Final

from cnnspec.files import temporary_beside
from cnnspec.keras.silence import silent
from cnnspec.training.data.original import Download
from cnnspec.training.data.search_path import keras_home

KERAS: Final = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
"""Where Keras keeps data sets."""
PATIENCE: Final = 60.0
"""Seconds without an answer after which a server is given up."""
_CHUNK: Final = 1 << 20


def fetch(downloads: tuple[Download, ...]) -> tuple[Path, ...]:
    """Return the files after Keras has downloaded those that are not in its cache.

    Raises OSError with the reason where that fails.
    """
    try:
        with silent():
            import keras
    except ImportError:
        raise OSError('Keras, which downloads it, is not installed (`pip install "cnnspec[train]"`)') from None
    with redirect_stdout(sys.stderr), _patience():
        try:
            return tuple(_fetch(keras.utils.get_file, download) for download in downloads)
        except Exception as error:  # noqa: BLE001 - Keras raises a bare Exception where a server does not answer
            raise OSError(f"the download failed: {error}") from None


def _fetch(get_file: Callable[..., str], download: Download) -> Path:
    """Return a file that has its name only once it is whole: whoever looks for it meets no half of it.

    Keras writes under the name that it is given, and leaves there what a kill or a wrong checksum ends.
    """
    file, origin, sha256, folder = download
    name = temporary_beside(Path(file)).name
    expected = keras_home() / folder / name
    expected.unlink(missing_ok=True)  # what is there already Keras takes for the file
    try:
        path = Path(get_file(name, origin=origin, file_hash=sha256, cache_subdir=folder))
        if sha256 is None and path.suffix == ".gz":
            _demand_whole(path)
        return path.replace(path.with_name(file))
    finally:
        with suppress(OSError):
            expected.unlink(missing_ok=True)


def _demand_whole(path: Path) -> None:
    """Raise OSError or EOFError where a packed file ends too early: a server that is cut off may not say so."""
    with gzip.open(path) as file:
        while file.read(_CHUNK):
            pass


@contextmanager
def _patience() -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
