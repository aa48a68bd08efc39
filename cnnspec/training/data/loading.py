"""Data by their names: data sets of the catalogue, files and folders."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cnnspec.errors import CnnspecError, shorten, suggest
from cnnspec.language.train.targets import MASK
from cnnspec.training.data.arrays import unusable
from cnnspec.training.data.catalogue import CATALOGUE, ORIGINALS, look_up
from cnnspec.training.data.dataset import Dataset
from cnnspec.training.data.entry import Request, unknown
from cnnspec.training.data.files import shown
from cnnspec.training.data.formats.folders import load_folder
from cnnspec.training.data.formats.npz import load_npz
from cnnspec.training.data.formats.pairs import are_pairs, load_pairs
from cnnspec.training.data.search_path import Location, expanded, find
from cnnspec.training.data.targets import Wanted

ACCEPTED: Final = (
    f"accepted: {', '.join(entry.usage or name for name, entry in CATALOGUE.items())}, an .npz file, or a folder with "
    "a folder of images for each class"
)
ANYTHING: Final = Wanted()


def load_data(
    name: str,
    *,
    folder: Path | None = None,
    offline: bool = False,
    shape: tuple[int, ...] | None = None,
    classes: int | None = None,
    seed: int = 0,
    wanted: Wanted = ANYTHING,
    inputs: tuple[str, ...] = (),
) -> Dataset:
    """Return a data set: `mnist`, `synthetic:500`, the path of an .npz file or of a folder of images, ….

    `folder` is where files are looked for first. `shape` is the input of the network: pictures from files are brought
    to it, and made-up ones have it; `classes` are its output units, for made-up data. `seed` draws what is random.
    `wanted` decides whether the targets are classes, labels, numbers or masks. `inputs` names several inputs: each may
    have an array of its own in an .npz file.
    Raises CnnspecError with a code from E511 to E516.
    """
    try:
        return _load(Request(name, folder, offline, shape, classes, seed, wanted, inputs))
    except MemoryError:
        raise unusable(f"the data `{shorten(name, 80)}` do not fit into memory") from None


def _load(request: Request) -> Dataset:
    name, shape, seed = request.name, request.shape, request.seed
    entry = look_up(name)
    if entry is not None:
        dataset = entry.load(request)
        if entry.original is not None:
            entry.original.demand_own(dataset, ORIGINALS.values())
        return dataset
    path = _path(name, request.folder)
    if path.is_dir():
        _demand_images(path, name)
        if are_pairs(path) or request.wanted.sort == MASK:
            return load_pairs(path, request)
        return load_folder(path, name, shape, seed)
    return load_npz(path, name, shape, seed, request.wanted, request.inputs)


def _path(name: str, folder: Path | None) -> Path:
    """Return the file or folder of a name, seen from here or from the folder of data."""
    tried = [expanded(name), *([folder / name] if folder is not None else [])]
    for path in tried:
        if name and _exists(path):
            if path.is_dir() or path.suffix.lower() == ".npz":
                return path
            step = 'make one with `numpy.savez("data.npz", x=images, y=labels)`, or name a folder of images'
            raise unknown(name, (f"`{shown(path)}` is no .npz file and no folder", ACCEPTED), step)
    if any(sign in name for sign in "/\\.~"):
        notes = (f"looked for: {', '.join(shown(path.absolute()) for path in tried)}",)
        raise CnnspecError.one("E512", f"there is no file or folder `{shorten(name, 200)}`", notes=notes)
    raise unknown(name, (ACCEPTED,), suggest(name.partition(":")[0], CATALOGUE))


def _demand_images(path: Path, name: str) -> None:
    """Raise CnnspecError where a folder plainly holds the files of a well-known data set, which has a name."""
    owners = " or ".join(f"`{owner}`" for owner, original in ORIGINALS.items() if find(original, [Location(path)]))
    if owners:
        notes = (f"`{shown(path)}` holds files of {owners}",)
        raise unknown(name, notes, f"ask for {owners}, and give the folder with `--data-dir`")


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
