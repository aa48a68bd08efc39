"""Data sets by their names: well-known ones, made-up ones, files and folders."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cnnspec.errors import CnnspecError, shorten, suggest
from cnnspec.training.data.arrays import unusable
from cnnspec.training.data.dataset import Dataset
from cnnspec.training.data.digits import load_digits
from cnnspec.training.data.downloads import fetch
from cnnspec.training.data.files import shown
from cnnspec.training.data.folders import load_folder
from cnnspec.training.data.npz import load_npz
from cnnspec.training.data.originals import ORIGINALS, Original
from cnnspec.training.data.places import Place, expanded, find, missing, places
from cnnspec.training.data.synthetic import load_synthetic

DIGITS: Final = "digits"
SYNTHETIC: Final = "synthetic"
NAMES: Final = (DIGITS, *ORIGINALS, SYNTHETIC)
ACCEPTED: Final = (
    f"accepted: {DIGITS}, {', '.join(ORIGINALS)}, {SYNTHETIC}:N, an .npz file, or a folder with a folder of images "
    "for each class"
)


def load_data(
    name: str,
    *,
    folder: Path | None = None,
    offline: bool = False,
    shape: tuple[int, ...] | None = None,
    classes: int | None = None,
    seed: int = 0,
) -> Dataset:
    """Return a data set: `mnist`, `synthetic:500`, the path of an .npz file or of a folder of images, ….

    `folder` is where files are looked for first. `shape` is the input of the network: pictures from files are brought
    to it, and made-up ones have it; `classes` are its output units, for made-up data. `seed` draws what is random.
    Raises CnnspecError with a code from E511 to E516.
    """
    try:
        return _load(name, folder, shape, classes, seed, offline=offline)
    except MemoryError:
        raise unusable(f"the data `{shorten(name, 80)}` do not fit into memory") from None


def _load(
    name: str, folder: Path | None, shape: tuple[int, ...] | None, classes: int | None, seed: int, *, offline: bool
) -> Dataset:
    known = name.lower().replace("-", "_")
    if known in ORIGINALS:
        return _load_original(ORIGINALS[known], folder, offline=offline)
    if known == DIGITS:
        return load_digits()
    if known.partition(":")[0] == SYNTHETIC:
        return load_synthetic(_count(name), shape, classes, seed)
    path = _path(name, folder)
    if path.is_dir():
        _demand_images(path, name)
        return load_folder(path, name, shape, seed)
    return load_npz(path, name, shape, seed)


def _load_original(original: Original, folder: Path | None, *, offline: bool) -> Dataset:
    where = places(original, folder)
    found = find(original, where)
    if found is not None:
        return original.load(found.form, found.paths)
    elsewhere = f"put the files of {original.title} into a folder, and name it with `--data-dir`"
    if offline:
        step = "run it again without `--offline`, so that the files are downloaded"
        raise missing(original, where, "nothing is downloaded with `--offline`", step)
    try:
        paths = fetch(original.downloads)
    except OSError as error:
        raise missing(original, where, shorten(error, 300), elsewhere) from None
    form = next(form for form in original.forms if len(form.files) == len(paths) and _fits(form.files, paths))
    return original.load(form, paths)


def _fits(files: tuple[tuple[str, ...], ...], paths: tuple[Path, ...]) -> bool:
    return all(path.name in spellings for path, spellings in zip(paths, files, strict=True))


def _count(name: str) -> int:
    number = name.partition(":")[2].replace("_", "").replace(",", "")
    if not (number.isascii() and number.isdigit() and len(number) <= 12 and int(number) > 0):
        note = "expected: a positive number of images behind the colon"
        raise _unknown(name, (note,), f"`{SYNTHETIC}:1000`, say")
    return int(number)


def _path(name: str, folder: Path | None) -> Path:
    """Return the file or folder of a name, seen from here or from the folder of data."""
    tried = [expanded(name), *([folder / name] if folder is not None else [])]
    for path in tried:
        if name and _exists(path):
            if path.is_dir() or path.suffix.lower() == ".npz":
                return path
            raise _unknown(name, (f"`{shown(path)}` is no .npz file and no folder", ACCEPTED), "")
    if any(sign in name for sign in "/\\.~"):
        places_tried = ", ".join(shown(path.absolute()) for path in tried)
        notes = (f"looked for: {places_tried}",)
        raise CnnspecError.one("E512", f"there is no file or folder `{shorten(name, 200)}`", notes=notes)
    raise _unknown(name, (ACCEPTED,), suggest(name.partition(":")[0], NAMES))


def _demand_images(path: Path, name: str) -> None:
    """Raise CnnspecError where a folder plainly holds the files of a well-known data set, which has a name."""
    owners = [original.name for original in ORIGINALS.values() if find(original, [Place(path)])]
    if owners:
        notes = (f"`{shown(path)}` holds files of {' or '.join(f'`{owner}`' for owner in owners)}",)
        raise _unknown(name, notes, f"ask for `{owners[0]}`, and give the folder with `--data-dir`")


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _unknown(name: str, notes: tuple[str, ...], step: str) -> CnnspecError:
    return CnnspecError.one("E511", f"the data set `{shorten(name, 80)}` is unknown", notes=notes, help=step)
