"""Pictures brought to a network's input: size, colour, transparency, direction, and those that cannot be read."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from cnnspec.errors import CnnspecError
from cnnspec.training.data import fit_images, read_image
from cnnspec.training.data.resizing import resized


def named(value: object) -> str | None:
    """Return the name of a case: bytes have none, for those of archives differ from run to run."""
    return "bytes" if isinstance(value, bytes) else None


def save(path: Path, pixels: NDArray[Any] | None = None, mode: str = "RGB", **options: Any) -> Path:
    """Write an image of 200×150 pixels, or one of given pixels."""
    image = Image.new(mode, (200, 150)) if pixels is None else Image.fromarray(pixels)
    image.save(path, **options)
    return path


def error_of(path: Path, shape: tuple[int, ...] = (28, 28, 1)) -> str:
    """Return the error about an image, whose folder is called DIR."""
    with pytest.raises(CnnspecError) as caught:
        read_image(path, shape)
    return str(caught.value).replace(str(path.parent), "DIR")


@pytest.mark.parametrize(
    ("mode", "shape", "statement"),
    [
        ("RGB", (28, 28, 1), "200×150 RGB, turned to grayscale, resized to 28×28"),
        ("RGB", (28, 30, 3), "200×150 RGB, resized to 30×28"),
        ("RGB", (150, 200, 3), "200×150 RGB, as it is"),
        ("L", (150, 200, 1), "200×150 grayscale, as it is"),
        ("L", (150, 200, 3), "200×150 grayscale, turned to RGB"),
        ("1", (8, 8, 1), "200×150 black and white, resized to 8×8"),
        ("P", (8, 8, 3), "200×150 RGB palette, resized to 8×8"),
        (
            "RGBA",
            (8, 8, 1),
            "200×150 RGB with transparency, transparent parts made white, turned to grayscale, resized to 8×8",
        ),
        ("LA", (150, 200, 1), "200×150 grayscale with transparency, transparent parts made white"),
        ("I;16", (8, 8, 1), "200×150 16-bit grayscale, resized to 8×8"),
    ],
)
def test_the_statement_tells_what_was_done(tmp_path: Path, mode: str, shape: tuple[int, ...], statement: str) -> None:
    """Size and colours as they were, then each step."""
    pixels, said = read_image(save(tmp_path / "a.png", mode=mode), shape)
    assert (pixels.shape, pixels.dtype, said) == (shape, np.uint8, statement)


@pytest.mark.parametrize("ending", ["png", "bmp", "gif", "webp"])
def test_all_formats_are_read(tmp_path: Path, ending: str) -> None:
    """What is stored without loss comes back."""
    pixels = np.arange(64, dtype=np.uint8).reshape(8, 8)
    options = {"lossless": True} if ending == "webp" else {}
    read, _ = read_image(save(tmp_path / f"a.{ending}", pixels, **options), (8, 8, 1))
    assert np.array_equal(read[..., 0], pixels)


@pytest.mark.parametrize("ending", ["jpg", "jpeg"])
def test_jpeg_is_read(tmp_path: Path, ending: str) -> None:
    """The colours are nearly those that were written; the format is told by the content, not the name."""
    pixels = np.full((8, 8, 3), (200, 100, 50), np.uint8)
    read, _ = read_image(save(tmp_path / f"a.{ending}", pixels, quality=95), (8, 8, 3))
    assert np.abs(read.astype(int) - (200, 100, 50)).max() <= 3


def test_gray_is_a_sum_of_colours(tmp_path: Path) -> None:
    """ITU-R BT.601: 0.299, 0.587 and 0.114 of 255."""
    pixels = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]], np.uint8)
    read, _ = read_image(save(tmp_path / "a.png", pixels), (1, 4, 1))
    assert read[0, :, 0].tolist() == [76, 150, 29, 255]


def test_transparent_parts_become_white(tmp_path: Path) -> None:
    """A black digit on a transparent ground is black on white, not black on black."""
    pixels = np.array([[[0, 0, 0, 255], [0, 0, 0, 0], [0, 0, 0, 51]]], np.uint8)
    read, _ = read_image(save(tmp_path / "a.png", pixels), (1, 3, 1))
    assert read[0, :, 0].tolist() == [0, 255, 204]


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    """The range is kept, not cut."""
    pixels = np.array([[0, 257, 32896, 65535]], np.uint16)
    read, _ = read_image(save(tmp_path / "a.png", pixels), (1, 4, 1))
    assert read[0, :, 0].tolist() == [0, 1, 128, 255]


def test_a_picture_is_turned_as_the_camera_was(tmp_path: Path) -> None:
    """EXIF's orientation 6: the first row of the file is the right column of the picture."""
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = np.array([[10, 20, 30], [40, 50, 60]], np.uint8)
    read, said = read_image(save(tmp_path / "a.png", pixels, exif=exif), (3, 2, 1))
    assert read[..., 0].tolist() == [[40, 10], [50, 20], [60, 30]]
    assert said == "2×3 grayscale, as it is"


def test_the_first_of_several_frames_is_read(tmp_path: Path) -> None:
    """An animation is its first picture, and the statement says so."""
    frames = [Image.new("L", (4, 4), level) for level in (0, 100, 200)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    read, said = read_image(tmp_path / "a.gif", (4, 4, 1))
    assert (int(read.max()), said.split(", ")[1]) == (0, "the first of 3 frames")


def test_a_smaller_picture_is_a_mean(tmp_path: Path) -> None:
    """With antialiasing, a checkerboard becomes gray; without, it would be black or white."""
    pixels = np.indices((64, 64)).sum(axis=0).astype(np.uint8) % 2 * 255
    read, _ = read_image(save(tmp_path / "a.png", pixels), (4, 4, 1))
    assert (int(read.min()), int(read.max())) == (127, 128)


def bomb(size: int) -> bytes:
    """Return a small PNG that claims to have as many columns and rows."""
    head = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    chunks = [b"IHDR" + head, b"IDAT" + zlib.compress(bytes(100))]
    parts = [struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def half() -> bytes:
    """Return the first half of a PNG with noise."""
    content = BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (50, 50), np.uint8)).save(content, "PNG")
    return content.getvalue()[:1200]


@pytest.mark.parametrize(
    ("content", "fact"),
    [
        (b"", "it is no PNG, JPEG, BMP, GIF or WebP image, or a damaged one"),
        (b"<html>", "it is no PNG, JPEG, BMP, GIF or WebP image, or a damaged one"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "it is no PNG, JPEG, BMP, GIF or WebP image, or a damaged one"),
        (bomb(10_000), "it has more than 89,478,485 pixels"),
        (bomb(20_000), "it has more than 89,478,485 pixels"),
    ],
    ids=named,
)
def test_an_image_that_cannot_be_read(tmp_path: Path, content: bytes, fact: str) -> None:
    """The file and the reason."""
    (tmp_path / "a.png").write_bytes(content)
    assert error_of(tmp_path / "a.png") == f"error[E516]: the image `DIR/a.png` cannot be read\n  = note: {fact}"


def test_half_an_image(tmp_path: Path) -> None:
    """A file that was cut off is an error, not a picture with a gray half."""
    (tmp_path / "a.png").write_bytes(half())
    assert error_of(tmp_path / "a.png").startswith(
        "error[E516]: the image `DIR/a.png` cannot be read\n  = note: image file is truncated"
    )


def test_no_image(tmp_path: Path) -> None:
    """A file that is not there, and a shape that no picture has."""
    assert error_of(tmp_path / "a.png").endswith("cannot be read\n  = note: there is no such file")
    assert error_of(tmp_path / "a.png", (120,)) == (
        "error[E515]: pictures cannot be brought to the input shape 120\n"
        "  = note: pictures have height, width, and 1 or 3 channels"
    )


@given(st.binary(max_size=40), st.integers(0, 1199))
def test_any_damage_is_a_diagnostic(damage: bytes, place: int) -> None:
    """Whatever is in a file, it is an image or an error about it."""
    content = bytearray(half())
    content[place : place + len(damage)] = damage
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.png"
        path.write_bytes(content)
        with pytest.raises(CnnspecError):
            read_image(path, (8, 8, 1))


@pytest.mark.parametrize("shape", [(5, 4, 1), (7, 3, 1), (3, 9, 1), (12, 11, 1), (28, 28, 3)])
def test_arrays_are_resized_as_pictures_are(tmp_path: Path, shape: tuple[int, ...]) -> None:
    """Pillow's resampling of the same image differs by rounding only."""
    pixels = np.random.default_rng(1).integers(0, 256, (12, 11), np.uint8)
    picture, _ = read_image(save(tmp_path / "a.png", pixels), shape)
    (fitted,) = fit_images(pixels[None, :, :, None], shape, 255)
    assert fitted.dtype == np.uint8
    assert np.abs(fitted.astype(int) - picture).max() <= 1


def test_known_sizes_by_hand() -> None:
    """Halves are means; doubles are linear between pixels."""
    row = np.array([0, 100, 200, 100], np.float32).reshape(1, 4, 1)
    assert resized(row, (8,)).ravel().tolist() == [0, 25, 75, 125, 175, 175, 125, 100]
    assert resized(row, (2,)).ravel().tolist() == pytest.approx([500 / 7, 1000 / 7])


def test_colours_of_arrays() -> None:
    """Gray is repeated, RGB is weighed; bytes stay bytes, floats stay floats."""
    x = np.array([255, 0, 0, 0, 255, 0], np.uint8).reshape(1, 1, 2, 3)
    gray = fit_images(x, (1, 2, 1), 255)
    assert (gray.dtype, gray.ravel().tolist()) == (np.uint8, [76, 150])
    assert fit_images(gray, (1, 2, 3), 255).ravel().tolist() == [76, 76, 76, 150, 150, 150]
    floats = fit_images(x.astype(np.float32) / 255, (1, 2, 1), 1.0)
    assert (floats.dtype, floats.ravel().tolist()) == (np.float32, pytest.approx([0.299, 0.587]))


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.integers(0, 16))
def test_an_even_image_stays_even(h: int, w: int, height: int, width: int, level: int) -> None:
    """Weights sum up to 1, whatever the sizes."""
    x = np.full((2, h, w, 1), level, np.uint8)
    fitted = fit_images(x, (height, width, 3), 16)
    assert fitted.shape == (2, height, width, 3)
    assert (fitted == level).all()


def test_many_images_are_resized_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """The result does not depend on the size of the pieces."""
    x = np.random.default_rng(2).integers(0, 256, (20, 6, 6, 1), np.uint8)
    whole = fit_images(x, (4, 5, 1), 255)
    monkeypatch.setattr("cnnspec.training.data.resizing._CHUNK", 100)
    assert np.array_equal(fit_images(x, (4, 5, 1), 255), whole)
    assert np.array_equal(fit_images(x, (6, 6, 1), 255), x)


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (
            (2, 8, 8, 2),
            (8, 8, 3),
            (
                "images of 8×8×2 cannot be resized to 8×8×3\n"
                "  = note: 2 channels cannot be turned to 3, only 1 to 3 and 3 to 1"
            ),
        ),
        (
            (2, 64),
            (8, 8, 1),
            "images of 64 cannot be resized to 8×8×1\n  = note: they have 1 axes, the input has 3",
        ),
        ((2, 64), (32,), "images of 64 cannot be resized to 32\n  = note: they have 1 axes, the input has 1"),
    ],
)
def test_what_cannot_be_resized(before: tuple[int, ...], after: tuple[int, ...], text: str) -> None:
    """Axes are not guessed."""
    with pytest.raises(CnnspecError) as caught:
        fit_images(np.zeros(before, np.uint8), after, 255)
    assert str(caught.value) == f"error[E515]: {text}"
