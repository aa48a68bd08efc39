"""The `.h5` file of Keras 1 to 3: HDF5, of which the attribute with the configuration alone is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cnnspec.errors import CnnspecError, shorten
from cnnspec.importing.faults import unreadable
from cnnspec.importing.format import PIPED, STANDARD_INPUT, File, Format
from cnnspec.importing.formats.keras_json import read_text

if TYPE_CHECKING:
    from cnnspec.importing.draft import Draft

HDF5: Final = b"\x89HDF\r\n\x1a\n"
ATTRIBUTE: Final = "model_config"


def claims(file: File) -> bool:
    """Tell whether a file begins as HDF5 does."""
    return file.head.startswith(HDF5)


def read(file: File, draft: Draft) -> None:
    """Read the attribute that holds the configuration, by h5py in a process of its own."""
    from pathlib import Path

    from cnnspec.hdf5 import DamagedError, is_there, read_attribute

    if not is_there():
        step = "pip install h5py; or write `model.to_json()` into a file, which needs nothing"
        raise CnnspecError.one("E501", "a file of HDF5 needs h5py", help=step)
    try:
        text = read_attribute(file.content(PIPED) if file.name == STANDARD_INPUT else Path(file.name), ATTRIBUTE)
    except DamagedError as error:
        raise unreadable(file.name, f"it is broken: {shorten(error, 80)}") from None
    if text is None:
        step = "save the model, not its weights alone, or write `model.to_json()` into a file"
        raise unreadable(file.name, "it holds weights, but no configuration", step)
    read_text(text, file, draft)


FORMAT = Format("a Keras file of HDF5", "`.h5`, `.hdf5`: Keras' `model.save()`, read by h5py", 20, claims, read)
