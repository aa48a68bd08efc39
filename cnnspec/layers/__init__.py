"""One file per kind or close family of kinds; importing this package registers them all."""

from importlib import import_module
from os import listdir

# Not pkgutil, whose import would take longer than that of all kinds.
for _file in sorted(listdir(__path__[0])):  # noqa: PTH208 - pathlib gains nothing here
    if _file.endswith(".py") and not _file.startswith("_"):
        import_module(f"{__name__}.{_file.removesuffix('.py')}")
