"""A network of `keras.applications` by its name, the only way in for which Keras is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cnnspec.importing.format import File, Format
from cnnspec.importing.formats.keras_json import read_text

if TYPE_CHECKING:
    from cnnspec.importing.draft import Draft

PREFIX: Final = "keras.applications:"


def claims(file: File) -> bool:
    """Tell whether a name is that of a network, not of a file."""
    return file.name.startswith(PREFIX)


def read(file: File, draft: Draft) -> None:
    """Let Keras make the network, without weights, and read its configuration."""
    from cnnspec.keras.applications import configuration

    read_text(configuration(file.name.removeprefix(PREFIX)), file, draft)


FORMAT = Format("a network of keras.applications", f"`{PREFIX}ResNet50`: made by Keras", 0, claims, read)
