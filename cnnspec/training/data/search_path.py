"""Where the files of a well-known data set are looked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cnnspec.errors import CnnspecError, listing
from cnnspec.training.data.files import shown
from cnnspec.training.data.original import FileSet, Original


class Location(NamedTuple):
    """A folder that data sets are kept in, and the option or variable by which the user chose it, if any."""

    folder: Path
    chosen_by: str = ""


class Found(NamedTuple):
    """A set of files of a data set, and where they are, in the order in which they are read."""

    files: FileSet
    paths: tuple[Path, ...]


def search_path(original: Original, folder: Path | None) -> list[Location]:
    """Return the folders to look in, in order: what the user says, then the caches of other tools."""
    variable = os.environ.get("CNNSPEC_DATA")
    chosen = [Location(folder, "--data-dir")] if folder is not None else []
    chosen += [Location(expanded(variable), "CNNSPEC_DATA")] if variable else []
    system = [Location(Path(original.system_folder))] if original.system_folder else []
    return [*chosen, Location(keras_home() / "datasets"), *system]


def keras_home() -> Path:
    """Return the folder of Keras' cache."""
    return expanded(os.environ.get("KERAS_HOME") or "~/.keras")


def expanded(text: str) -> Path:
    """Return a path whose `~` is the user's home; the path as it is where there is no such user."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def find(original: Original, where: list[Location]) -> Found | None:
    """Return the first complete set of files.

    Raises CnnspecError with E512 for a chosen place that does not exist or lacks some of the files: the user means
    these, not others that are found elsewhere.
    """
    for place in where:
        if place.chosen_by and not place.folder.is_dir():
            raise _no_folder(place)
        lacking: CnnspecError | None = None
        for folder, files in _candidates(original, place):
            paths = [_first(folder, spellings) for spellings in files.files]
            there = tuple(path for path in paths if path is not None)
            if len(there) == len(paths):
                return Found(files, there)
            if there and lacking is None:
                missing = [names[0] for names, path in zip(files.files, paths, strict=True) if path is None]
                lacking = _incomplete(original, folder, there, missing)
        if place.chosen_by and lacking is not None:
            raise lacking
    return None


def _candidates(original: Original, place: Location) -> Iterator[tuple[Path, FileSet]]:
    for name in (*original.folders, ""):
        for files in original.file_sets:
            yield place.folder / name, files


def _first(folder: Path, spellings: tuple[str, ...]) -> Path | None:
    return next((path for name in spellings if (path := folder / name).is_file()), None)


def _no_folder(place: Location) -> CnnspecError:
    fact = "it is a file" if place.folder.exists() else "it does not exist"
    message = f"the folder of data `{shown(place.folder)}` is no folder"
    notes = (fact, f"it was given with {place.chosen_by}")
    return CnnspecError.one("E512", message, notes=notes)


def _incomplete(original: Original, folder: Path, there: tuple[Path, ...], missing: list[str]) -> CnnspecError:
    message = f"`{shown(folder)}` holds only a part of {original.title}"
    notes = (f"missing: {listing(missing)}", f"found: {listing(path.name for path in there)}")
    step = "add the missing files, or remove the others"
    return CnnspecError.one("E512", message, notes=notes, help=step)


def missing(original: Original, where: list[Location], fact: str, step: str) -> CnnspecError:
    """Return the error about a data set that is nowhere, with all names and places that were tried."""
    names = ", or ".join(listing(spellings[0] for spellings in files.files) for files in original.file_sets)
    other = "`cnnspec train digits-cnn` needs neither data nor a network"
    notes = (fact, f"looked for: {names}", f"looked in: {', '.join(shown(place.folder) for place in where)}", other)
    message = f"the data set `{original.name}` was not found"
    return CnnspecError.one("E512", message, notes=notes, help=step)
