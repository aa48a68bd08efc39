"""What lies in a folder of the package: where each file is a kind or a format, the folder is the list of them."""

from __future__ import annotations

from os import listdir
from os.path import dirname, join


def modules_in(*folder: str) -> list[str]:
    """Return the names of the modules in a folder of the package but those that begin with `_`, without importing them.

    >>> modules_in("reports")
    ['csv', 'html', 'json', 'latex', 'markdown', 'table']
    """
    # Neither pkgutil nor pathlib, whose imports every command would pay for.
    files = sorted(listdir(join(dirname(__file__), *folder)))  # noqa: PTH118, PTH120, PTH208 - as above
    return [file.removesuffix(".py") for file in files if file.endswith(".py") and not file.startswith("_")]


def text_of(*path: str) -> str:
    """Return the text of a module of the package, without importing it."""
    with open(join(dirname(__file__), *path) + ".py", encoding="utf-8") as file:  # noqa: PTH118, PTH120, PTH123 - as above
        return file.read()
