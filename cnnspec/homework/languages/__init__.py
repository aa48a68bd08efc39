"""The words of homework in other languages than English: one file each; a new file is a new language."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from cnnspec.registry import modules_in

if TYPE_CHECKING:
    from cnnspec.homework.languages._words import Words


@cache
def languages() -> tuple[Words, ...]:
    """Return the words of all languages, in the order of their names."""
    return tuple(import_module(f"{__name__}.{name}").WORDS for name in modules_in("homework", "languages"))
