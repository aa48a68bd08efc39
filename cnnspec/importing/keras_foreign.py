"""Classes of a Keras file that no kind stands for: programs, and what programs of others define."""

from __future__ import annotations

from typing import Final

from cnnspec.errors import shorten
from cnnspec.importing.keras_functions import composition
from cnnspec.importing.keras_layers import is_known
from cnnspec.importing.keras_records import Record

CODE: Final = ("Lambda",)
"""The class that holds a program."""


def is_foreign(record: Record) -> bool:
    """Tell whether a class is none of Keras' own that a kind stands for."""
    is_own = record.module and not record.module.startswith("keras")
    return composition(record) is None and (bool(is_own) or not is_known(record.class_name))


def foreign(record: Record) -> str:
    """Return what a class is that no kind stands for."""
    name = shorten(record.class_name)
    if record.class_name in CODE:
        return f"`{name}` holds a program, which is not run"
    if record.module and not record.module.startswith("keras"):
        return f"`{name}` is a class of `{shorten(record.module)}`, whose program is not in the file"
    return f"no kind stands for the class `{name}`"
