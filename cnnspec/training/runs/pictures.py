"""The pictures that a training leaves in its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cnnspec.training.runs.folders import is_file
from cnnspec.training.runs.untrusted import read_text

PICTURES: Final = {
    "curves.svg": "Learning curves",
    "confusion.svg": "Confusion matrix",
    "reliability.svg": "Reliability diagram",
    "mistakes.svg": "Most confident mistakes",
    "activations.svg": "Feature maps of a sample",
}
"""The files of pictures in a run, in the order in which a reader wants them; the last is there where it was drawn."""
LARGEST: Final = 5_000_000


def pictures_of(folder: Path) -> list[tuple[str, str]]:
    """Return titles and SVGs of the pictures that a run holds: show them as images, for a script may be in them."""
    return [(title, read_text(folder / name, LARGEST)) for name, title in PICTURES.items() if is_file(folder / name)]
