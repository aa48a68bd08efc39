"""NumPy's .npz archives: read without pickles, and not before their sizes are known to be true."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from cnnspec.archives import MemberError, demand_bounded
from cnnspec.errors import CnnspecError, listing
from cnnspec.training.data.arrays import as_images, paired, peak_of, split_samples, unusable
from cnnspec.training.data.dataset import Dataset, Samples
from cnnspec.training.data.files import AGAIN, MOST_BYTES, FaultError, reading, shown
from cnnspec.training.data.original import FileSet, Parts
from cnnspec.training.data.targets import Wanted, as_targets

SPLIT: Final = ("x_train", "y_train", "x_test", "y_test")
WHOLE: Final = ("x", "y")
_PARTS: Final = ("_train", "_test")
CLASSES: Final = Wanted()
Arrays = dict[str, NDArray[Any]]
MOST_HEADER: Final = 20_000
"""More than NumPy takes for a header; what declares a longer one is not read on."""
_HEADERS: Final = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
"""Version 3.0 is for fields with names, which images do not have."""


def load_npz(
    path: Path,
    name: str,
    shape: tuple[int, ...] | None,
    seed: int,
    wanted: Wanted = CLASSES,
    inputs: tuple[str, ...] = (),
) -> Dataset:
    """Return the data set in an .npz file with x_train, y_train, x_test and y_test, or with x and y.

    In the place of an array of images may be one for each of several inputs, under its name or its number.
    """
    each = [own for own in (inputs, numbered_inputs(len(inputs))) if own and "y" not in own]
    choices = [*(_keys(own, parts) for own in each for parts in (_PARTS, ("",))), SPLIT, WHOLE]
    arrays = read_npz(path, *choices, step="write the file anew with `numpy.savez_compressed`")
    for own in each:
        arrays = _together(arrays, own, path)
    whole = "x" in arrays
    if whole:
        samples, names, target = _samples(arrays, "", path, shape, wanted)
        peak = peak_of(arrays.pop("x"))
        train, test = split_samples(samples, seed, f"`{shown(path)}`")
    else:
        train, test, names, target = read_parts(arrays, path, shape, wanted)
        peak = peak_of(arrays["x_train"], arrays["x_test"])
    files = (str(path),)
    return Dataset(name, train, test, names, peak, mirrors=False, files=files, whole=whole, target=target)


def numbered_inputs(count: int) -> tuple[str, ...]:
    """Return what inputs are called by their numbers: `x1`, `x2`."""
    return tuple(f"x{number}" for number in range(1, count + 1))


def _keys(names: tuple[str, ...], parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{name}{part}" for part in parts for name in (*names, "y"))


def _together(arrays: Arrays, names: tuple[str, ...], path: Path) -> Arrays:
    """Return arrays with one of all images, where there was one for each input."""
    for part in (*_PARTS, ""):
        keys = [f"{name}{part}" for name in names]
        if not {*keys} <= {*arrays}:
            continue
        each = [arrays[key] for key in keys]
        for key, array in zip(keys, each, strict=True):
            if array.dtype.kind not in "buif":
                raise unusable(f"`{key}` of `{shown(path)}` holds no numbers", f"its type is {array.dtype}")
        if len({array.shape for array in each}) > 1 or not each[0].ndim:
            sizes = " and ".join("×".join(map(str, array.shape)) or "a single number" for array in each)
            message = f"{' and '.join(f'`{key}`' for key in keys)} of `{shown(path)}` differ in shape"
            raise unusable(message, f"their shapes are {sizes}")
        arrays = {key: array for key, array in arrays.items() if key not in keys} | {f"x{part}": np.stack(each, axis=1)}
    return arrays


def read_parts(
    arrays: Arrays, path: Path, shape: tuple[int, ...] | None, wanted: Wanted = CLASSES
) -> tuple[Samples, Samples, tuple[str, ...], str]:
    """Return training and test samples in x_train, y_train, x_test and y_test, the names of what is told, its sort."""
    paired(arrays["x_train"], arrays["x_test"], f"`{shown(path)}`")
    train, names, target = _samples(arrays, "_train", path, shape, wanted)
    test, others, _ = _samples(arrays, "_test", path, shape, wanted._replace(target=target))
    if train.y.shape[1:] != test.y.shape[1:]:
        sizes = ("×".join(map(str, part.y.shape[1:])) for part in (train, test))
        message = f"`y_train` and `y_test` of `{shown(path)}` differ in shape"
        raise unusable(message, " and ".join(f"{size} for each image" for size in sizes))
    if train.x.dtype != test.x.dtype:
        train, test = (Samples(part.x.astype(np.float32), part.y) for part in (train, test))
    return train, test, max(names, others, key=len), target


def _samples(
    arrays: Arrays, part: str, path: Path, shape: tuple[int, ...] | None, wanted: Wanted
) -> tuple[Samples, tuple[str, ...], str]:
    x = as_images(arrays[f"x{part}"], shape, f"`x{part}` of `{shown(path)}`")
    y, names, target = as_targets(arrays[f"y{part}"], len(x), wanted, f"`y{part}` of `{shown(path)}`")
    return Samples(x, y), names, target


def read_npz(path: Path, *choices: tuple[str, ...], step: str = AGAIN) -> Arrays:
    """Return the arrays of the first choice of keys that the archive holds.

    Raises CnnspecError where the archive is broken (E513) or lacks keys (E515).
    """
    with reading(path, "an archive of NumPy arrays (.npz)", step), zipfile.ZipFile(path) as archive:
        there = [name.removesuffix(".npy") for name in archive.namelist()]
        keys = next((keys for keys in choices if {*keys} <= {*there}), None)
        if keys is None:
            raise _lacking(path, there, choices)
        return {key: _array(archive, key) for key in keys}


def _lacking(path: Path, there: list[str], choices: tuple[tuple[str, ...], ...]) -> CnnspecError:
    nearest = max(choices, key=lambda keys: len({*keys} & {*there}))
    missing = listing(f"`{key}`" for key in nearest if key not in there)
    expected = ", or ".join(", ".join(keys) for keys in choices)
    facts = (f"it holds {listing(sorted(there), 20) or 'nothing'}", f"expected: {expected}")
    return unusable(f"`{shown(path)}` lacks {missing}", *facts)


def _array(archive: zipfile.ZipFile, key: str) -> NDArray[Any]:
    member = archive.getinfo(f"{key}.npy")
    try:
        demand_bounded(member)
    except MemberError as error:
        raise FaultError(f"an array `{key}` that cannot be read: {error}") from None
    with archive.open(member) as file:
        shape, dtype, start = _header(file.read(MOST_HEADER), key)
    if dtype.hasobject:
        raise FaultError(f"Python objects in `{key}`, which a data file does not need; they were not run")
    size = prod(shape) * dtype.itemsize
    if size > MOST_BYTES or member.file_size > MOST_BYTES:
        raise FaultError(f"an array `{key}` of {max(size, member.file_size):,} bytes, more than {MOST_BYTES:,}")
    if start + size != member.file_size:
        raise FaultError(f"an array `{key}` that declares {size:,} bytes, and {member.file_size - start:,} of them")
    with archive.open(member) as file:
        array: NDArray[Any] = npy.read_array(file, allow_pickle=False)
    return array


def _header(content: bytes, key: str) -> tuple[tuple[int, ...], np.dtype[Any], int]:
    """Return the shape and the type of an array, and where its values begin."""
    file = io.BytesIO(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read = _HEADERS[npy.read_magic(file)]
            shape, _, dtype = read(file)
            is_whole = all(type(size) is int and size >= 0 for size in shape)
    except Exception:  # noqa: BLE001 - a header is a literal of Python, and can be damaged in all ways that a text can
        is_whole = False
    if not is_whole:  # NumPy takes True for an integer, and does not reshape by it
        raise FaultError(f"an array `{key}` with a damaged header")
    return shape, dtype, file.tell()


def keras_archive(name: str) -> FileSet:
    """Return the only file of a data set as Keras keeps it."""
    return FileSet(((name,),), _read_archive)


def _read_archive(paths: Sequence[Path]) -> Parts:
    """Return what Keras keeps in one .npz file."""
    (path,) = paths
    train, test, *_ = read_parts(read_npz(path, SPLIT), path, None)
    return Parts(train, test)
