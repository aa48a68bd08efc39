"""Arrays as the pixels of a PNG."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray


def encode_png(pixels: NDArray[np.uint8], palette: Sequence[int] | None = None, *, clear: int | None = None) -> bytes:
    """Return the PNG of grey (H, W) or coloured (H, W, 3 or 4) pixels, or of numbers of a palette's colours.

    Through the colour of the number `clear` the paper is seen.
    """
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(pixels))
    if palette is not None:
        image = image.convert("L")
        image.putpalette(list(palette))
    file = BytesIO()
    image.save(file, "PNG", optimize=True, **({} if clear is None else {"transparency": clear}))
    return file.getvalue()


def visible(image: NDArray[Any], peak: float = 255) -> NDArray[np.uint8]:
    """Return an image (H, W, C) as pixels that a PNG can hold; of unusual channels the mean is shown."""
    levels = np.clip(np.nan_to_num(np.asarray(image, dtype=np.float64)) * (255 / peak), 0, 255).round().astype(np.uint8)
    if levels.shape[2] in {3, 4}:
        return levels
    return levels[:, :, 0] if levels.shape[2] == 1 else levels.mean(axis=2).round().astype(np.uint8)


def magnify(pixels: NDArray[Any], side: float) -> NDArray[Any]:
    """Return pixels repeated until about as many as a side is long: programs that smooth pictures keep them sharp."""
    times = max(1, int(side / max(pixels.shape[:2])))
    return pixels.repeat(times, axis=0).repeat(times, axis=1)
