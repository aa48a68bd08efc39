"""The folders of runs by their names: `runs/NAME/N`; nothing but the standard library is needed to find one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

ROOT: Final = "runs"
SPEC: Final = "spec.yaml"
CONFIG: Final = "config.json"
OTHERS: Final = "networks"
"""The folder of the specs that the spec of a run names as networks."""
CHECKPOINTS: Final = ("best.keras", "last.keras")
LONGEST: Final = 100
"""The most bytes of a network's name that the name of its folder has."""


def find(text: str | Path, root: Path = Path(ROOT), *, by_name: bool = True, trained: bool = True) -> Path | None:
    """Return the folder of a run that a user names, None where there is none.

    It is named by its path, by `NAME/N` below the folder of runs, or by the folder of a network's runs, which stands
    for the newest of them; with `by_name` also by the network alone. `trained` looks for the newest with a checkpoint.
    """
    places = [Path(text), root / text]
    for folder in places:
        if is_run(folder):
            return folder
    if not by_name and not any(sign in str(text) for sign in "/\\") and not isinstance(text, Path):
        return None
    if by_name:
        places.append(folder_of(root, str(text)))
    return next((found for folder in places if (found := newest(folder, trained=trained))), None)


def is_run(folder: Path) -> bool:
    """Tell whether a folder is that of a run."""
    return is_file(folder / CONFIG)


def newest(folder: Path, *, trained: bool = False) -> Path | None:
    """Return the run with the highest number in a folder of runs; with `trained`, one with a checkpoint if any has."""
    runs = [folder / str(number) for number in sorted(numbers(folder), reverse=True)]
    runs = [run for run in runs if is_run(run)]
    with_checkpoint = [run for run in runs if any(is_file(run / name) for name in CHECKPOINTS)] if trained else []
    return next(iter(with_checkpoint or runs), None)


def numbers(folder: Path) -> list[int]:
    """Return the numbers that are names in a folder."""
    try:
        return [int(path.name) for path in folder.iterdir() if re.fullmatch(r"[1-9][0-9]{0,17}", path.name)]
    except (OSError, ValueError):
        return []


def folder_of(root: Path, network: str) -> Path:
    """Return the folder where the runs of a network lie."""
    return root / folder_name(network)


def folder_name(name: str) -> str:
    """Return a network's name as the name of one folder.

    >>> folder_name("../My net.yaml")
    'My-net'
    """
    plain = re.sub(r"[^\w.-]+", "-", name.removesuffix(".yaml")).strip(".-")
    return plain.encode(errors="ignore")[:LONGEST].decode(errors="ignore").strip(".-") or "network"


def is_file(path: Path) -> bool:
    """Tell whether a path is that of a file: no folder, no pipe, and nothing that may not be looked at."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
