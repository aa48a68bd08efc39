"""One file per kind or close family of kinds; a file is imported when a word of it is looked up.

Which file declares a word is read in the files themselves, at the calls of `kind`, and which ones name a class of a
framework too. Whoever goes through all kinds, or asks for a word that no call names, has all files imported, in the
order of their names.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from threading import RLock
from typing import Final

from cnnspec.ir.layer import ALIASES, KERAS_NAMES, KINDS, TORCH_NAMES, Layer, name_in_frameworks
from cnnspec.ir.vocabulary import FINDERS
from cnnspec.registry import modules_in, text_of

_DECLARATION: Final = re.compile(r"^@kind\(([^)]*)\)", re.MULTILINE)
_CLASS: Final = re.compile(r'"([A-Z]\w*(?:\{rank\}\w+)?)"')
_LOCK: Final = RLock()
_FILES: Final[dict[str, str]] = {}
"""The file of each word that a declaration names; empty until a word is looked up."""


def find(word: str | None) -> None:
    """Import the file that declares a word, or all of them."""
    with _LOCK:
        if not _FILES:
            _FILES.update(declarations())
        if word in _FILES:
            import_module(f"{__name__}.{_FILES[word]}")
        elif find in FINDERS:
            for name in modules_in("layers"):
                import_module(f"{__name__}.{name}")
            _put_in_order()
            FINDERS.remove(find)


def declarations() -> dict[str, str]:
    """Return the file of each word that stands at a call of `kind`."""
    return {
        word: file
        for file in modules_in("layers")
        for words in _DECLARATION.findall(text_of("layers", file))
        for word in re.findall(r'"(\w+)"', words)
    }


def naming(class_name: str) -> list[type[Layer]]:
    """Return the kinds of the files that name a class of a framework, in which a number of axes may be: `Conv2D`."""
    of_rank = re.sub(r"\dD", "{rank}D", class_name)
    files = sorted({*_files_by_class().get(class_name, ()), *_files_by_class().get(of_rank, ())})
    with _LOCK:
        for file in files:
            import_module(f"{__name__}.{file}")
        found = [cls for cls in KINDS.declared().values() if _is_in(files, cls.__module__)]
    return sorted(found, key=lambda cls: cls.__module__)


def _is_in(files: list[str], module: str) -> bool:
    """Tell whether a module is one of some files here, or lies elsewhere, where kinds are imported by who has them."""
    folder, _, file = module.rpartition(".")
    return folder != __name__ or file in files


@cache
def _files_by_class() -> dict[str, set[str]]:
    """Return the files that name each class, as their text has it."""
    found: dict[str, set[str]] = {}
    for file in modules_in("layers"):
        for name in _CLASS.findall(text_of("layers", file)):
            found.setdefault(name, set()).add(file)
    return found


def _put_in_order() -> None:
    """Bring all kinds into the order of their files, whichever of them were imported first."""
    KINDS.sort(lambda pair: pair[1].__module__)
    order = [*KINDS.declared()]
    ALIASES.sort(lambda pair: order.index(pair[1]))
    KERAS_NAMES.declared().clear()
    TORCH_NAMES.declared().clear()
    for cls in KINDS.declared().values():
        name_in_frameworks(cls)


FINDERS.append(find)
