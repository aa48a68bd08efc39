"""Masks that a network tells as PNG files, whose pixels are numbers of classes with a colour for each."""

from __future__ import annotations

import os
from collections.abc import Sequence
from colorsys import hsv_to_rgb
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cnnspec.errors import CnnspecError, Diagnostic, UsageError, shorten
from cnnspec.files import demand_free, write_whole
from cnnspec.ir.shapes import show
from cnnspec.language.train.targets import MASK
from cnnspec.training.runs.run import Run

MOST: Final = 256
"""How many classes a palette has."""
STEP: Final = 0.618034
"""The golden ratio: hues this far apart stay far from all before."""


class MaskFiles:
    """Where the mask of each picture goes: a file of its name in a folder."""

    def __init__(self, run: Run, pictures: Sequence[str], folder: Path, *, force: bool) -> None:
        """Raise CnnspecError for all that keeps masks from being written, before any is computed."""
        outputs = run.graph[run.graph.outputs[0]].shape
        if run.settings.sort != MASK or len(outputs) != 3 or len(run.classes) > MOST:
            message = f"`--masks` writes a class of at most {MOST} for every pixel, and the output is {show(outputs)}"
            raise UsageError.one("E702", message, help="leave out `--masks`")
        self._paths: dict[str, Path] = {}
        used: dict[Path, str] = {}
        faults: list[Diagnostic] = []
        for picture in dict.fromkeys(pictures):
            path = folder / f"{Path(picture).stem}.png"
            if path in used:
                message = f"the masks of `{shorten(used[path], 80)}` and `{shorten(picture, 80)}` have one name"
                faults.append(Diagnostic("E702", message, help="give the folders one after the other"))
            used[path] = picture
            self._paths[picture] = path
            try:
                if os.path.lexists(path):
                    demand_free(path, force=force)
            except CnnspecError as error:
                faults += error.diagnostics
        if faults:
            raise CnnspecError(faults)
        with suppress(OSError):  # that nothing can be written there is said of the files
            folder.mkdir(parents=True, exist_ok=True)

    def write(self, picture: str, classes: NDArray[np.uint8]) -> None:
        """Write the mask of a picture."""
        from PIL import Image

        image = Image.fromarray(classes)
        image.putpalette([value for number in range(MOST) for value in colour(number)])
        content = BytesIO()
        image.save(content, "PNG")
        write_whole(self._paths[picture], content.getvalue())


def colour(number: int) -> tuple[int, int, int]:
    """Return the colour of a class; the first one, the ground in most masks, is black.

    >>> colour(0), colour(1)
    ((0, 0, 0), (61, 242, 114))
    """
    if not number:
        return 0, 0, 0
    red, green, blue = hsv_to_rgb(1 - STEP * number % 1, 0.75, 0.95)
    return round(255 * red), round(255 * green), round(255 * blue)
