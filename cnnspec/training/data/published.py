"""Published data sets as entries: their files are looked for, or downloaded, read and checked."""

from __future__ import annotations

from functools import partial

from cnnspec.errors import shorten
from cnnspec.training.data.dataset import Dataset
from cnnspec.training.data.downloads import fetch
from cnnspec.training.data.entry import Entry, Request
from cnnspec.training.data.original import Original
from cnnspec.training.data.search_path import Found, find, missing, search_path


def published(original: Original, *, bright_on_dark: bool = False) -> Entry:
    """Return the entry of a data set with published files."""
    return Entry(original.name, partial(_load, original), bright_on_dark=bright_on_dark, original=original)


def _load(original: Original, request: Request) -> Dataset:
    found = _found(original, request)
    return original.load(found.files, found.paths)


def _found(original: Original, request: Request) -> Found:
    where = search_path(original, request.folder)
    found = find(original, where)
    if found is not None:
        return found
    elsewhere = f"put the files of {original.title} into a folder, and name it with `--data-dir`"
    if request.offline:
        step = "run it again without `--offline`, so that the files are downloaded"
        raise missing(original, where, "nothing is downloaded with `--offline`", step)
    try:
        paths = fetch(original.downloads)
    except OSError as error:
        raise missing(original, where, shorten(error, 300), elsewhere) from None
    return Found(next(files for files in original.file_sets if files.fits(paths)), paths)
