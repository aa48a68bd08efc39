"""The pictures that a user names: files, and folders of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from cnnspec.errors import CnnspecError, Diagnostic, listing
from cnnspec.training.data.files import shown
from cnnspec.training.data.formats.folders import entries
from cnnspec.training.data.images import ENDINGS


class Found(NamedTuple):
    """The files of pictures, how many files of folders are none, and what is wrong with folders."""

    files: tuple[str, ...]
    others: int
    faults: tuple[Diagnostic, ...]


def find_pictures(names: Iterable[str]) -> Found:
    """Return the files that are named, and those in and below a folder that is, each folder in natural order.

    A folder that is a link is not gone into from another one, so that nothing is found twice.
    """
    files: list[str] = []
    faults: list[Diagnostic] = []
    others = 0
    for name in names:
        if not _is_folder(name):
            files.append(name)
            continue
        try:
            below = list(_below(Path(name)))
        except CnnspecError as error:
            faults += error.diagnostics
            continue
        pictures = [str(file) for file in below if file.suffix.lower() in ENDINGS]
        files += pictures
        others += len(below) - len(pictures)
        if not pictures:
            notes = (f"names of pictures end in {listing(sorted(ENDINGS))}",)
            faults.append(Diagnostic("E516", f"the folder `{shown(Path(name))}` holds no pictures", notes=notes))
    return Found(tuple(files), others, tuple(faults))


def _is_folder(name: str) -> bool:
    try:
        return Path(name).is_dir()
    except (OSError, ValueError):
        return False


def _below(folder: Path) -> Iterator[Path]:
    """Yield the files in and below a folder, those of a folder before those of the folders in it."""
    waiting = [folder]
    while waiting:
        folders, files = entries(waiting.pop())
        yield from files
        waiting += [each for each in reversed(folders) if not each.is_symlink()]
