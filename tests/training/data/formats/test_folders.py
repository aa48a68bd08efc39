"""Folders of images: classes, parts, and whatever else lies in folders."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnspec.errors import CnnspecError
from cnnspec.training.data import Dataset, load_data

SHAPE = (6, 4, 3)


def paint(path: Path, level: int = 0, size: tuple[int, int] = (4, 6)) -> None:
    """Write an image of one colour."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (level, level, level)).save(path)


def fill(folder: Path, *classes: str, count: int = 5) -> Path:
    """Write images for classes: the first is of level 0, 1, 2, …, the second of level 50, 51, ….."""
    for number, name in enumerate(classes):
        for place in range(count):
            paint(folder / name / f"{place}.png", 50 * number + place)
    return folder


def load(folder: Path, seed: int = 0) -> Dataset:
    """Return the images of a folder."""
    return load_data(str(folder), shape=SHAPE, seed=seed)


def levels(data: Dataset) -> tuple[list[int], list[int]]:
    """Return the levels of the images for training and for testing."""
    one, other = (part.x[:, 0, 0, 0].tolist() for part in (data.train, data.test))
    return one, other


def error_of(folder: Path) -> str:
    """Return the error about a folder, which is called DIR."""
    with pytest.raises(CnnspecError) as caught:
        load(folder)
    return str(caught.value).replace(str(folder), "DIR")


def test_classes_are_folders_in_natural_order(tmp_path: Path) -> None:
    """class10 comes behind class9, and names are kept as they are."""
    data = load(fill(tmp_path, "class10", "class9", "Class1"))
    assert data.classes == ("Class1", "class9", "class10")
    assert (data.shape, data.peak, data.files, data.train.x.dtype) == (SHAPE, 255.0, (str(tmp_path),), np.uint8)
    assert sorted(levels(data)[0] + levels(data)[1]) == [*range(5), *range(50, 55), *range(100, 105)]
    assert data.train.y.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert data.test.y.tolist() == [0, 1, 2]


def test_one_of_five_is_for_testing_in_each_class(tmp_path: Path) -> None:
    """The seed decides which; each class with two images or more has one."""
    fill(tmp_path, "a", "b", count=10)
    paint(tmp_path / "c" / "only.png", 200)
    data, again, other = load(tmp_path), load(tmp_path), load(tmp_path, seed=7)
    assert (np.bincount(data.train.y).tolist(), np.bincount(data.test.y).tolist()) == ([8, 8, 1], [2, 2])
    assert levels(data) == levels(again)
    assert levels(data) != levels(other)


@pytest.mark.parametrize(
    ("train", "test"), [("train", "test"), ("Training", "Testing"), ("train", "val"), ("train", "validation")]
)
def test_two_parts(tmp_path: Path, train: str, test: str) -> None:
    """Parts by their usual names; what is for testing is not split again, and may lack a class."""
    fill(tmp_path / train, "cat", "dog")
    fill(tmp_path / test, "cat", "dog", count=3)
    (tmp_path / test / "dog" / "2.png").unlink()
    data = load(tmp_path)
    assert (data.train.y.tolist(), data.test.y.tolist()) == ([0] * 5 + [1] * 5, [0] * 3 + [1] * 2)
    assert data.classes == ("cat", "dog")


def test_three_parts(tmp_path: Path) -> None:
    """With all three, the images for validation are for training: no image is lost."""
    fill(tmp_path / "train", "cat", "dog", count=2)
    fill(tmp_path / "val", "dog", "cat", count=1)
    fill(tmp_path / "test", "cat", "dog", count=3)
    assert (len(load(tmp_path).train), len(load(tmp_path).test)) == (6, 6)


def test_a_part_for_training_alone_is_split(tmp_path: Path) -> None:
    """As if its classes lay above."""
    assert (len(load(fill(tmp_path / "train", "a", "b").parent).train), len(load(tmp_path).test)) == (8, 2)


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    """A folder `train` with images is a class, as in CIFAR-100."""
    assert load(fill(tmp_path, "bus", "train")).classes == ("bus", "train")


def test_hidden_files_and_those_of_systems_are_passed_over(tmp_path: Path) -> None:
    """Nobody meant them to be data; a text beside the classes explains them."""
    fill(tmp_path, "a", "b")
    for name in (".DS_Store", "a/.DS_Store", "a/Thumbs.db", "b/desktop.ini", "README.txt"):
        (tmp_path / name).write_text("x")
    (tmp_path / ".git").mkdir()
    (tmp_path / "__MACOSX").mkdir()
    assert load(tmp_path).classes == ("a", "b")
    assert len(load(tmp_path).train) == 8


def test_without_a_shape_the_first_image_has_it(tmp_path: Path) -> None:
    """Height, width, and channels as in the file."""
    assert load_data(str(fill(tmp_path, "a", "b"))).shape == (6, 4, 3)


def test_all_sizes_are_brought_to_one(tmp_path: Path) -> None:
    """Images differ in size."""
    fill(tmp_path, "a", "b")
    paint(tmp_path / "a" / "wide.jpg", 7, size=(90, 30))
    assert load(tmp_path).train.x.shape == (9, 6, 4, 3)


def test_all_broken_images_are_named(tmp_path: Path) -> None:
    """At most 20 are shown, and how many more there are."""
    fill(tmp_path, "a", "b")
    for number in range(22):
        (tmp_path / "b" / f"broken{number}.png").write_bytes(b"no image")
    text = error_of(tmp_path)
    fact = "  = note: it is no PNG, JPEG, BMP, GIF or WebP image, or a damaged one"
    assert text.count(f"cannot be read\n{fact}\n") == 20
    assert "error[E516]: the image `DIR/b/broken9.png` cannot be read" in text
    assert text.endswith("\n\n… and 2 more")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            ["a/1.png", "a/2.tif", "a/notes.txt", "b/1.png"],
            (
                "`DIR/a` holds more than images\n  = note: among them `2.tif`, `notes.txt`\n"
                "  = note: images end in .bmp, .gif, .jpeg, .jpg, .png, .webp\n"
                "  = help: convert or remove what is no image"
            ),
        ),
        (
            ["a/1.png", "a/more/1.png", "b/1.png"],
            (
                "`DIR/a` holds more than images\n  = note: among them `more`\n"
                "  = note: images end in .bmp, .gif, .jpeg, .jpg, .png, .webp\n"
                "  = help: convert or remove what is no image"
            ),
        ),
        (
            ["a/1.png", "b/1.png", "2.PNG"],
            (
                "`DIR` holds images that belong to no class\n  = note: `2.PNG`\n"
                "  = help: put the images of each class into a folder that is named as the class"
            ),
        ),
        (
            ["README"],
            (
                "`DIR` has no folders of at least two classes\n  = note: it holds no folders\n"
                "  = help: put the images of each class into a folder that is named as the class"
            ),
        ),
        (
            ["pets/a/1.png", "pets/b/1.png"],
            (
                "`DIR` has no folders of at least two classes\n  = note: it holds the folder `pets` alone\n"
                "  = help: put the images of each class into a folder that is named as the class"
            ),
        ),
        (["a/1.png", "b/.hidden"], "the class `DIR/b` has no images"),
        (
            ["a/1.png", "b/1.png"],
            "each class in `DIR` has a single image\n  = note: one of five images is for testing",
        ),
        (
            ["test/a/1.png", "test/b/1.png"],
            (
                "`DIR` is divided in no known way\n  = note: it holds the folders `test`\n"
                "  = note: expected: `train`, and `test` or `val`"
            ),
        ),
        (
            ["train/a/1.png", "train/b/1.png", "test/a/1.png", "test/b/1.png", "extra/a/1.png"],
            (
                "`DIR` is divided in no known way\n  = note: it holds the folders `extra`, `test`, `train`\n"
                "  = note: expected: `train`, and `test` or `val`"
            ),
        ),
        (
            ["train/a/1.png", "train/b/1.png", "test/a/1.png", "test/c/1.png"],
            "`DIR/test` has classes that `train` lacks: c\n  = note: those of `train` are a, b",
        ),
    ],
)
def test_folders_that_are_not_clear(tmp_path: Path, files: list[str], expected: str) -> None:
    """Nothing is guessed and nothing is left out in silence."""
    for name in files:
        path = tmp_path / name
        if path.suffix.lower() == ".png":
            paint(path)
        else:
            path.parent.mkdir(exist_ok=True)
            path.touch()
    assert error_of(tmp_path) == f"error[E515]: {expected}"


def test_no_shape_of_pictures(tmp_path: Path) -> None:
    """A network that reads vectors reads no pictures."""
    fill(tmp_path, "a", "b")
    with pytest.raises(CnnspecError) as caught:
        load_data(str(tmp_path), shape=(120,))
    assert str(caught.value) == (
        "error[E515]: pictures cannot be brought to the input shape 120\n"
        "  = note: pictures have height, width, and 1 or 3 channels"
    )


def test_pillow_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named with the command that installs it, once and not for each image."""
    fill(tmp_path, "a", "b")
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert error_of(tmp_path) == (
        'error[E516]: images are read by Pillow, which is missing\n  = help: pip install "cnnspec[train]"'
    )
