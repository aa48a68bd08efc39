"""A layer's channels as one picture: each made visible by itself, side by side."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnspec.training.results import pixels

ANCHORS: Final = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))
"""Five colours of matplotlib's viridis, which is even in brightness and seen alike by the colour-blind."""
CONSTANT: Final = 254
EMPTY: Final = 255
"""The last two colours of the palette: a channel with one value only, and the paper between channels."""

Maps = NDArray[np.float64]
Pixels = NDArray[np.uint8]


class Grid(NamedTuple):
    """Channels side by side: the PNG, its size on paper, and how many of the channels have one value only."""

    png: bytes
    width: float
    height: float
    constant: int


def palette() -> list[int]:
    """Return the palette's colours, 256 times red, green and blue."""
    places = np.linspace(0, len(ANCHORS) - 1, CONSTANT)
    mixed = [np.interp(places, range(len(ANCHORS)), channel) for channel in zip(*ANCHORS, strict=True)]
    return [*np.stack(mixed, axis=1).round().astype(int).ravel().tolist(), 0xC9, 0xCE, 0xD6, 0xFF, 0xFF, 0xFF]


def lay_out(maps: Maps, width: float, columns: int, gap: float, *, jointly: bool = False) -> Grid:
    """Return maps (H, W, C) in rows of `columns` tiles that fill a width; `jointly` gives all one scale of colours."""
    side = (width - gap * (columns - 1)) / columns
    levels, constant = colors(shrink(maps, 2 * side), jointly=jointly)
    tiles = [pixels.magnify(levels[:, :, channel], 2 * side) for channel in range(levels.shape[2])]
    between, pixel = _measures(tiles[0], width, columns, gap)
    painted = arrange(tiles, columns, between)
    png = pixels.encode_png(painted, palette(), clear=EMPTY)
    return Grid(png, painted.shape[1] * pixel, painted.shape[0] * pixel, constant)


def _measures(tile: Pixels, width: float, columns: int, gap: float) -> tuple[int, float]:
    """Return how many pixels are between tiles, and the size of a pixel on paper."""
    side = (width - gap * (columns - 1)) / columns
    height, across = tile.shape[:2]
    between = max(1, round(gap * max(height, across) / side))
    return between, min(side / height, width / (columns * across + (columns - 1) * between))


def lay_out_colored(images: NDArray[np.float64], width: float, columns: int, gap: float) -> Grid:
    """Return coloured images (H, W, 3, N) in rows of tiles, each from its own smallest to its own largest value."""
    side = (width - gap * (columns - 1)) / columns
    low, high = (found(images, axis=(0, 1, 2), keepdims=True) for found in (np.min, np.max))
    levels = ((images - low) / np.where(high > low, high - low, 1) * 255).round().astype(np.uint8)
    tiles = [pixels.magnify(np.moveaxis(levels, 3, 0)[index], 2 * side) for index in range(levels.shape[3])]
    between, pixel = _measures(tiles[0], width, columns, gap)
    opaque = [np.concatenate([tile, np.full((*tile.shape[:2], 1), 255, np.uint8)], axis=2) for tile in tiles]
    painted = arrange(opaque, columns, between, 0)
    png = pixels.encode_png(painted)
    return Grid(png, painted.shape[1] * pixel, painted.shape[0] * pixel, int((high <= low).sum()))


def colors(maps: Maps, *, jointly: bool = False) -> tuple[Pixels, int]:
    """Return the palette's numbers for maps, from the smallest to the largest value, and how many are constant."""
    finite = np.where(np.isfinite(maps), maps, np.nan)
    axes = None if jointly else (0, 1)
    low, high = _extreme(np.fmin, finite, axes), _extreme(np.fmax, finite, axes)
    span = np.where(high > low, high - low, 1)
    levels = np.nan_to_num((finite - low) / span * (CONSTANT - 1)).round()
    unknown = np.isnan(finite) | np.broadcast_to(~(high > low), maps.shape)
    constant = int(unknown.all(axis=(0, 1)).sum())
    return np.where(unknown, CONSTANT, levels).astype(np.uint8), constant


def shrink(maps: Maps, side: float) -> Maps:
    """Return maps no longer than a side, by the means of squares of pixels; a remainder at the far edges is cut."""
    times = -(-max(maps.shape[:2]) // max(1, int(side)))
    height, width = (max(1, length // times) for length in maps.shape[:2])
    down, across = (min(times, length) for length in maps.shape[:2])
    whole = maps[: height * down, : width * across]
    means: Maps = whole.reshape(height, down, width, across, -1).mean(axis=(1, 3))
    return means


def arrange(tiles: list[Pixels], columns: int, gap: int, paper: int = EMPTY) -> Pixels:
    """Return tiles of one size in rows, with paper between them."""
    height, width, *channels = tiles[0].shape
    rows, across = -(-len(tiles) // columns), min(columns, len(tiles))
    size = (rows * (height + gap) - gap, across * (width + gap) - gap, *channels)
    sheet = np.full(size, paper, dtype=np.uint8)
    for index, tile in enumerate(tiles):
        top, left = index // columns * (height + gap), index % columns * (width + gap)
        sheet[top : top + height, left : left + width] = tile
    return sheet


def _extreme(choose: np.ufunc, maps: Maps, axes: tuple[int, int] | None) -> Any:
    return choose.reduce(maps, axis=axes, keepdims=True)
