"""How the window of a layer slides."""

from __future__ import annotations

from typing import NamedTuple


class Window(NamedTuple):
    """How a window slides over an input: its numbers along each axis, the padding in elements before and after.

    That of a transposed convolution is `spread`: it slides over the output, from which the rows of `padding` are taken
    away; negative ones are added.
    """

    size: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    spread: bool = False
