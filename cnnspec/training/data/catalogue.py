"""The data sets that have a name: every file of the folder `sets` is one."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

from cnnspec.training.data.entry import Entry, plain
from cnnspec.training.data.original import Original


def _entries() -> dict[str, Entry]:
    files = sorted(Path(__file__).with_name("sets").glob("[!_]*.py"))
    entries: list[Entry] = [import_module(f"cnnspec.training.data.sets.{file.stem}").ENTRY for file in files]
    return {entry.name: entry for entry in entries}


CATALOGUE: Final[Mapping[str, Entry]] = _entries()
ORIGINALS: Final[Mapping[str, Original]] = {
    name: entry.original for name, entry in CATALOGUE.items() if entry.original is not None
}


def look_up(name: str) -> Entry | None:
    """Return the entry of a name, None where it is that of a file or a folder."""
    head, colon, _ = plain(name).partition(":")
    entry = CATALOGUE.get(head)
    return entry if entry and bool(entry.usage) >= bool(colon) else None
