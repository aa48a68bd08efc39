"""Downloads by Keras' own function, from the addresses and into the cache that Keras itself uses."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Final

from cnnspec.training.data.original import Download

KERAS: Final = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
"""Where Keras keeps data sets."""
PATIENCE: Final = 60.0
"""Seconds without an answer after which a server is given up."""


def fetch(downloads: tuple[Download, ...]) -> tuple[Path, ...]:
    """Return the files after Keras has downloaded those that are not in its cache.

    Raises OSError with the reason where that fails.
    """
    try:
        import keras
    except ImportError:
        raise OSError('Keras, which downloads it, is not installed (`pip install "cnnspec[train]"`)') from None
    with redirect_stdout(sys.stderr), _patience():
        try:
            return tuple(_fetch(keras.utils.get_file, download) for download in downloads)
        except Exception as error:  # noqa: BLE001 - Keras raises a bare Exception where a server does not answer
            raise OSError(f"the download failed: {error}") from None


def _fetch(get_file: Callable[..., str], download: Download) -> Path:
    file, origin, sha256, folder = download
    return Path(get_file(file, origin=origin, file_hash=sha256, cache_subdir=folder))


@contextmanager
def _patience() -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
