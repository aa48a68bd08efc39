"""Weights in a file of Keras, by the names of their layers: nothing is read but numbers, and these when asked for."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np

from cnnspec.errors import shorten
from cnnspec.hdf5 import demand_sound
from cnnspec.training.runs.checkpoint import FAILURES, WEIGHTS
from cnnspec.training.transfer.sources import unusable

DEEPEST: Final = 12


@dataclass(frozen=True, slots=True)
class Stored:
    """The weights of one layer: of Keras 3 by their numbers, with the layers inside it, of older ones as one list."""

    arrays: Mapping[str, Any]
    inner: Mapping[str, Stored]
    is_flat: bool = False

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the layer's own weights."""
        return {name: tuple(array.shape) for name, array in self.arrays.items()}


@contextmanager
def opened(path: Path) -> Iterator[Mapping[str, Stored]]:
    """Yield the layers of a file; raise CnnspecError where it is damaged, or leads out of itself."""
    library = import_module("h5py")
    try:
        hdf5 = _hdf5(path)
        demand_sound(hdf5)
        with library.File(BytesIO(hdf5) if isinstance(hdf5, bytes) else hdf5, "r") as file:
            layers = dict(_layers(library, file, path))
            if not layers:
                raise unusable(path, "it holds no weights of layers with names")
            yield layers
    except FAILURES as error:
        raise unusable(path, f"it is damaged: {shorten(error, 100)}") from None


def read(array: Any) -> np.ndarray[Any, Any]:
    """Return the numbers of an array, whose shape was found to be the wanted one."""
    return np.asarray(array[()])


def _hdf5(path: Path) -> Path | bytes:
    """Return the HDF5 file itself, or that inside an archive, where it must lie unpacked: then its size is true."""
    if not zipfile.is_zipfile(path):
        return path
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo(WEIGHTS)
        if member.compress_type != zipfile.ZIP_STORED:
            raise unusable(path, f"its `{WEIGHTS}` is packed, which Keras never does")
        return archive.read(member)


def _layers(library: Any, file: Any, path: Path) -> Iterator[tuple[str, Stored]]:
    """Yield the layers of Keras 3's form, or of the older one, which lists them."""
    root = _member(library, file, "model_weights", path) if "model_weights" in file else file
    names = root.attrs.get("layer_names")
    if names is None:
        yield from _of_keras_3(library, file, path, 0)
        return
    for name in map(_text, names):
        group = _member(library, root, name, path)
        words = [_text(word) for word in group.attrs.get("weight_names", ())]
        arrays = {str(place): _member(library, group, word, path) for place, word in enumerate(words)}
        yield name, Stored(arrays, {}, is_flat=True)


def _of_keras_3(library: Any, group: Any, path: Path, depth: int) -> Iterator[tuple[str, Stored]]:
    if "layers" not in group or depth > DEEPEST:
        return
    layers = _member(library, group, "layers", path)
    for key in layers:
        layer = _member(library, layers, key, path)
        name = _text(_member(library, layer, "vars", path).attrs.get("name", "")) if "vars" in layer else ""
        if name:
            yield name, _stored(library, layer, path, 0)
        yield from _of_keras_3(library, layer, path, depth + 1)


def _stored(library: Any, group: Any, path: Path, depth: int) -> Stored:
    own = _member(library, group, "vars", path) if "vars" in group else {}
    inner = [key for key in group if key not in ("vars", "layers", "seed_generator")] if depth < DEEPEST else []
    arrays = {key: _member(library, own, key, path) for key in own}
    members = {key: _member(library, group, key, path) for key in inner}
    parts = {key: _stored(library, part, path, depth + 1) for key, part in members.items() if hasattr(part, "keys")}
    return Stored(arrays, parts)


def _member(library: Any, group: Any, name: str, path: Path) -> Any:
    """Return what a name stands for, unless it stands elsewhere than in the file itself."""
    here = group
    for word in name.split("/"):
        if not isinstance(here.get(word, getlink=True), library.HardLink):
            raise unusable(path, f"its `{shorten(name)}` leads out of the file")
        here = here[word]
    if isinstance(here, library.Dataset) and (here.external or here.is_virtual):
        raise unusable(path, f"the numbers of its `{shorten(name)}` are in another file")
    return here


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
