"""What stands in a file of the folder `sets`: a data set with a name, and how it is loaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from cnnspec.errors import CnnspecError, shorten
from cnnspec.training.data.dataset import Dataset
from cnnspec.training.data.original import Original
from cnnspec.training.data.targets import Wanted


class Request(NamedTuple):
    """What is asked for: a name, the folder to look in first, and what a network and its settings want.

    `shape` is the network's input, `classes` its output units; `seed` draws what is random. `wanted` decides what is
    to be told of a sample. `inputs` are the names of the network's inputs where it has several.
    """

    name: str
    folder: Path | None = None
    offline: bool = False
    shape: tuple[int, ...] | None = None
    classes: int | None = None
    seed: int = 0
    wanted: Wanted = Wanted()
    inputs: tuple[str, ...] = ()


class Entry(NamedTuple):
    """A data set with a name; `usage` is how it is written where the name is not all of it.

    `bright_on_dark` tells that its pictures are bright on a dark ground. `original` are its published files, if any.
    """

    name: str
    load: Callable[[Request], Dataset]
    usage: str = ""
    bright_on_dark: bool = False
    original: Original | None = None


def unknown(name: str, notes: tuple[str, ...], step: str) -> CnnspecError:
    """Return the error about a name that no data have."""
    return CnnspecError.one("E511", f"the data set `{shorten(name, 80)}` is unknown", notes=notes, help=step)


def plain(name: str) -> str:
    """Return a name in the one of its spellings that the catalogue has; a count behind it has digits only.

    >>> plain("Fashion-MNIST"), plain("synthetic:1,000")
    ('fashion_mnist', 'synthetic:1000')
    """
    head, colon, count = name.lower().partition(":")
    return head.replace("-", "_") + colon + count.replace("_", "").replace(",", "")
