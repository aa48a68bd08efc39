"""What is killed: commands with what they read and write, and what must be true of their files at any moment."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

TEMPORARY: Final = re.compile(r"\.\d+-[0-9a-f]{8}(\.|$)")
"""The names under which files and folders of ours are written before they have their own."""
OWN: Final = ("seconds", "command", "shared_object_id")
Parts = dict[str, Any]
"""What must be the same in two files."""


class Target(NamedTuple):
    """A command that is killed, the command that is given after that, and the names that it writes.

    `prepare` puts into a folder what it reads. `older` says whether each output may be there before, as another file.
    What `grows` may be at any moment a beginning of what it is at the end.
    """

    name: str
    command: tuple[str, ...]
    again: tuple[str, ...]
    prepare: Callable[[Path], None]
    outputs: tuple[str, ...] = ()
    older: bool = False
    grows: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    in_steps: bool = False
    """Whether its files change as it goes: then each is only read to its end at the moment of the kill."""
    enough: tuple[str, ...] = ()
    """Codes of the errors that say that nothing was left to do."""


class Choice(NamedTuple):
    """Targets of one name, of which each moment takes one, and how many of fifty moments fall on them."""

    share: int
    targets: Callable[[], Sequence[Target]]

    def pick(self, random: Random) -> Target:
        """Return one of the targets."""
        return random.choice(self.targets())


def files_in(folder: Path, outputs: Sequence[str]) -> Iterator[Path]:
    """Yield the files below the outputs of a command, without those that have a temporary name."""
    for output in outputs:
        for path in [folder / output, *sorted((folder / output).rglob("*"))]:
            if path.is_file() and not any(TEMPORARY.match(part) for part in path.relative_to(folder).parts):
                yield path


def strays_in(folder: Path) -> list[str]:
    """Return what lies around under a temporary name."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob(".*") if TEMPORARY.match(path.name))


def content(path: Path) -> Parts:
    """Return what must be the same in two files of one command; raises where a file is not whole.

    What tells the time, and what Keras and TensorFlow draw anew for every file, is left out.
    """
    data = path.read_bytes()
    reader = READERS.get(path.name) or READERS.get(path.suffix)
    return reader(path, data) if reader else {path.name: data}


def _keras(path: Path, _: bytes) -> Parts:
    """Return the arrays of a Keras file, and its configuration."""
    import h5py

    found: Parts = {}
    with zipfile.ZipFile(path) as archive:
        if archive.testzip():
            raise ValueError(f"{path} is damaged")
        found["config.json"] = _timeless(json.loads(archive.read("config.json")))
        if "cnnspec.json" in archive.namelist():
            found["state"] = _timeless(json.loads(archive.read("cnnspec.json")))
        with h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
            file.visititems(
                lambda name, item: (
                    found.update({name: (item.dtype.str, item[()].tobytes())})
                    if isinstance(item, h5py.Dataset)
                    else None
                )
            )
    return found


def _timeless(value: Any) -> Any:
    """Return a document without what it says of time, of the command that wrote it, and of Keras' memory."""
    if isinstance(value, dict):
        return {key: _timeless(item) for key, item in value.items() if key not in OWN}
    return [_timeless(item) for item in value] if isinstance(value, list) else value


def _json(path: Path, data: bytes) -> Parts:
    return {path.name: _timeless(json.loads(data))}


def _history(path: Path, data: bytes) -> Parts:
    rows = list(csv.DictReader(data.decode().splitlines()))
    if not data.endswith(b"\n"):
        raise ValueError(f"{path} ends within a line")
    return {path.name: _timeless(rows)}


def _page(path: Path, data: bytes) -> Parts:
    """Return of a page only that it is whole: after going on, it says which students were graded before."""
    if not data.rstrip().endswith(b"</html>"):
        raise ValueError(f"{path} is not whole")
    return {path.name: True}


def _archive(path: Path, _: bytes) -> Parts:
    with zipfile.ZipFile(path) as archive:
        return {member: archive.read(member) for member in archive.namelist()}


def _anything(path: Path, data: bytes) -> Parts:
    return {path.name: bool(data)}


READERS: Final[dict[str, Callable[[Path, bytes], Parts]]] = {
    ".keras": _keras,
    ".json": _json,
    ".zip": _archive,
    "history.csv": _history,
    "review.html": _page,
    "log.txt": lambda path, _: {path.name: True},
    ".lock": lambda path, _: {path.name: True},
    "saved_model.pb": _anything,
    "fingerprint.pb": _anything,
    "variables.index": _anything,
    "variables.data-00000-of-00001": _anything,
}
