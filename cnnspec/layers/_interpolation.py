"""How elements between others are made: how many neighbours each way looks at."""

from __future__ import annotations

from typing import Final

NEIGHBOURS: Final = {"nearest": 1, "bilinear": 2, "bicubic": 4, "lanczos3": 6, "lanczos5": 10}
"""Per axis; the kernels of TensorFlow without antialiasing."""
ALIKE: Final = {"nearest": "nearest-exact", "bilinear": "bilinear"}
"""Those that PyTorch computes as TensorFlow does, with PyTorch's word for an output of any size."""


def operations(interpolation: str) -> int:
    """Return the operations per element of an image: one per neighbour, none for copies (fvcore)."""
    count = NEIGHBOURS[interpolation]
    return count * count if count > 1 else 0
