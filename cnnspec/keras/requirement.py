"""What the extra `train` installs, looked for without importing it."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from typing import Final

from cnnspec.errors import CnnspecError

MODULES: Final = {"tensorflow": "TensorFlow", "keras": "Keras", "numpy": "NumPy", "PIL": "Pillow"}


def require(modules: Iterable[str] = MODULES) -> None:
    """Raise CnnspecError where a library that training needs, or one of those that a part of it needs, is missing."""
    missing = [MODULES[module] for module in modules if not _is_there(module)]
    if missing:
        step = 'pip install "cnnspec[train]"'
        names = " and ".join(filter(None, (", ".join(missing[:-1]), missing[-1])))
        raise CnnspecError.one("E501", f"this command needs {names}", help=step)


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False
