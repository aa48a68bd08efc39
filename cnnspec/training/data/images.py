"""Pictures in files, brought to the input shape of a network."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnspec.errors import CnnspecError, Diagnostic, shorten
from cnnspec.training.data.arrays import unusable
from cnnspec.training.data.files import shown
from cnnspec.training.data.resizing import fit_images

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = [
    "ENDINGS",
    "ImageFaultError",
    "bring_image",
    "fit_images",
    "image_shape",
    "read_classes",
    "read_image",
    "unreadable",
]

ENDINGS: Final = frozenset((".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"))
FORMATS: Final = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
LONGEST_SIDE: Final = 65_535
"""The most pixels that JPEG has in a row; the weights of resizing take memory for each pixel of a side."""
STRIP: Final = 1 << 20
"""How many pixels are computed with at a time, where a pixel takes far more than its bytes."""
MODES: Final = {1: "L", 3: "RGB"}
_SAID: Final = {
    "1": "black and white",
    "L": "grayscale",
    "LA": "grayscale with transparency",
    "P": "RGB palette",
    "PA": "RGB palette",
    "RGBA": "RGB with transparency",
}
_GRAY: Final = frozenset(("1", "L", "LA"))
_COLORED: Final = frozenset(("RGB", "RGBA", "P", "PA"))


Loaded = TypeVar("Loaded")


class ImageFaultError(ValueError):
    """Why an image cannot be read."""


def read_image(path: Path, shape: tuple[int, ...]) -> tuple[NDArray[np.uint8], str]:
    """Return an image in a network's input shape, and how it was brought there.

    The statement reads `200×150 RGB, turned to grayscale, resized to 28×28`, width before height. Raises CnnspecError
    with E516 where the image cannot be read, with E515 where no image has such a shape.
    """
    demand_picture_shape(shape)
    try:
        return bring_image(path, shape)
    except ImageFaultError as error:
        raise CnnspecError([unreadable(path, str(error))]) from None


def demand_picture_shape(shape: tuple[int, ...]) -> None:
    """Raise CnnspecError unless pictures can have a shape: height, width, and 1 or 3 channels."""
    if len(shape) != 3 or shape[-1] not in MODES:
        fact = "pictures have height, width, and 1 or 3 channels"
        raise unusable(f"pictures cannot be brought to the input shape {'×'.join(map(str, shape))}", fact)


def unreadable(path: Path, fact: str) -> Diagnostic:
    """Return the diagnostic about one image."""
    return Diagnostic(code="E516", message=f"the image `{shown(path)}` cannot be read", notes=(fact,))


def image_shape(path: Path) -> tuple[int, int, int]:
    """Return the shape that an image has by itself, with 1 or 3 channels."""
    image, mode, _ = _opened(path)
    return image.height, image.width, 1 if _is_gray(mode) else 3


def bring_image(path: Path, shape: tuple[int, ...]) -> tuple[NDArray[np.uint8], str]:
    """Return what `read_image` returns; raise ImageFaultError where the image cannot be read."""
    height, width, channels = shape
    image, mode, steps = _opened(path)
    size = f"{image.width}×{image.height} {_SAID.get(mode, '16-bit grayscale' if _is_gray(mode) else mode)}"
    if channels == 1 and not _is_gray(mode):
        steps.append("turned to grayscale")
    elif channels == 3 and mode not in _COLORED:
        steps.append("turned to RGB")
    if image.mode != MODES[channels]:
        image = image.convert(MODES[channels])
    if image.size != (width, height):
        from PIL.Image import Resampling

        steps.append(f"resized to {width}×{height}")
        image = image.resize((width, height), Resampling.BILINEAR)
    pixels = np.asarray(image, np.uint8).reshape(height, width, channels)
    return pixels, ", ".join((size, *(steps or ["as it is"])))


def _is_gray(mode: str) -> bool:
    return mode in _GRAY or mode.startswith("I")


def read_classes(path: Path, size: tuple[int, ...]) -> NDArray[np.int64]:
    """Return the class of each pixel of a mask in a size (H, W): its gray or its place in the palette.

    Raises ImageFaultError where the mask cannot be read, or has colours.
    """
    image = _guarded(path, _classes)
    height, width = size
    if image.size != (width, height):
        from PIL.Image import Resampling

        image = image.resize((width, height), Resampling.NEAREST)
    return np.asarray(image, np.int64)


def _classes(image: Image) -> Image:
    _demand_sides(image)
    image.load()
    if image.mode not in ("1", "L", "P") and not image.mode.startswith("I"):
        raise ImageFaultError(f"it is {_SAID.get(image.mode, image.mode)}, and a mask has one number for each pixel")
    return image.copy()


def _opened(path: Path) -> tuple[Image, str, list[str]]:
    """Return an image with bytes for pixels and nothing transparent, its mode before, and what was done to it."""
    return _guarded(path, _loaded)


def _guarded(path: Path, load: Callable[[Image], Loaded]) -> Loaded:
    """Return what is loaded of an image; raise ImageFaultError where it cannot be."""
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError:
        step = 'pip install "cnnspec[train]"'
        raise CnnspecError.one("E516", "images are read by Pillow, which is missing", help=step) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as image:
                return load(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageFaultError(f"it has more than {Image.MAX_IMAGE_PIXELS:,} pixels") from None
    except UnidentifiedImageError:
        raise ImageFaultError("it is no PNG, JPEG, BMP, GIF or WebP image, or a damaged one") from None
    except FileNotFoundError:
        raise ImageFaultError("there is no such file") from None
    except ImageFaultError:
        raise
    except MemoryError:
        raise ImageFaultError("it does not fit into memory") from None
    except Exception as error:  # noqa: BLE001 - Pillow's readers raise whatever a damaged file makes them stumble on
        raise ImageFaultError(shorten(str(error) or error.__class__.__name__, 120)) from None


def _loaded(image: Image) -> tuple[Image, str, list[str]]:
    from PIL import ImageOps

    _demand_sides(image)
    frames = int(getattr(image, "n_frames", 1))
    image.load()
    mode = image.mode
    ImageOps.exif_transpose(image, in_place=True)
    opaque, steps = _opaque(image)
    return opaque, mode, [*([f"the first of {frames} frames"] if frames > 1 else []), *steps]


def _demand_sides(image: Image) -> None:
    if max(image.size) > LONGEST_SIDE:
        raise ImageFaultError(f"it has a side of more than {LONGEST_SIDE:,} pixels")


def _opaque(image: Image) -> tuple[Image, list[str]]:
    if image.mode.startswith("I"):
        return _in_strips(image, "L", _as_bytes), []
    if not image.has_transparency_data:
        return image, []
    opaque = all(strip.convert("RGBA").getchannel("A").getextrema() == (255, 255) for _, strip in _strips(image))
    return _in_strips(image, "RGB", _on_white), [] if opaque else ["transparent parts made white"]


def _as_bytes(strip: Image) -> Image:
    """Return a part of an image whose 16 bits are 8."""
    from PIL import Image as Pictures

    return Pictures.fromarray((np.clip(np.asarray(strip, np.float64), 0, 65535) / 257).round().astype(np.uint8))


def _on_white(strip: Image) -> Image:
    from PIL import Image as Pictures

    layer = strip.convert("RGBA")
    white = Pictures.new("RGBA", layer.size, "white")
    white.alpha_composite(layer)
    return white


def _in_strips(image: Image, mode: str, change: Callable[[Image], Image]) -> Image:
    """Return an image with a change of its pixels that takes much memory for each: only some at a time have it."""
    from PIL import Image as Pictures

    whole = Pictures.new(mode, image.size)
    for top, strip in _strips(image):
        whole.paste(change(strip), (0, top))
    return whole


def _strips(image: Image) -> Iterator[tuple[int, Image]]:
    """Yield parts of an image from top to bottom, each with the row where it begins."""
    rows = max(1, STRIP // image.width)
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(top + rows, image.height)))
