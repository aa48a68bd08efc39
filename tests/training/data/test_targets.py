"""What a network is to tell: its sort by output, loss and labels, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnspec.errors import CnnspecError
from cnnspec.training.data.dataset import Dataset, Samples
from cnnspec.training.data.loading import load_data
from cnnspec.training.data.masks import with_output_masks
from cnnspec.training.data.targets import Wanted, as_targets

CROSS = "sparse_categorical_crossentropy"
BINARY = "binary_crossentropy"
SQUARED = "mean_squared_error"
NUMBERS = np.array([0.5, 1.5, -2.0])
ROWS = np.array([[0, 1, 1], [1, 0, 1], [0, 0, 0]])
HOT = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]])
PICTURES = np.arange(12).reshape(3, 2, 2) % 2


@pytest.mark.parametrize(
    ("y", "outputs", "loss", "sort", "shape"),
    [
        (np.array([0, 2, 1]), (3,), CROSS, "class", (3,)),
        (HOT, (3,), CROSS, "class", (3,)),
        (HOT, (3,), BINARY, "class", (3,)),
        (ROWS, (3,), BINARY, "labels", (3, 3)),
        (np.array([0, 2, 1]), (3,), SQUARED, "class", (3,)),
        (HOT.astype(float), (3,), SQUARED, "class", (3,)),
        (np.array([0, 2, 1]), (1,), SQUARED, "numbers", (3, 1)),
        (NUMBERS, (1,), SQUARED, "numbers", (3, 1)),
        (NUMBERS, (3,), SQUARED, "numbers", (3, 1)),
        (np.ones((3, 2)) / 2, (2,), SQUARED, "numbers", (3, 2)),
        (ROWS, (3,), SQUARED, "numbers", (3, 3)),
        (np.ones((3, 2, 2, 1)), (2, 2, 1), SQUARED, "numbers", (3, 2, 2, 1)),
        (PICTURES, (2, 2, 2), CROSS, "mask", (3, 2, 2)),
        (PICTURES[..., None], (2, 2, 2), CROSS, "mask", (3, 2, 2)),
        (np.eye(3)[PICTURES], (2, 2, 3), CROSS, "mask", (3, 2, 2)),
        (PICTURES, (2, 2, 1), BINARY, "mask", (3, 2, 2)),
        (PICTURES * 255, (2, 2, 2), CROSS, "mask", (3, 2, 2)),
        (PICTURES.astype(bool), (2, 2, 2), CROSS, "mask", (3, 2, 2)),
    ],
)
def test_output_loss_and_labels_decide(
    y: np.ndarray[Any, Any], outputs: tuple[int, ...], loss: str, sort: str, shape: tuple[int, ...]
) -> None:
    """What could be two sorts of target is classes, as it has always been."""
    found = as_targets(y, 3, Wanted(outputs, loss), "`y`")
    assert (found.target, found.y.shape) == (sort, shape)
    if sort == "mask":
        assert found.y.tolist() == PICTURES.tolist()
        assert found.names == tuple("0123"[: max(outputs[-1], 2)])


def test_a_sort_can_be_told() -> None:
    """One-hot rows are labels that exclude each other by chance, or a class."""
    assert as_targets(HOT, 3, Wanted((3,), BINARY, "labels"), "`y`").target == "labels"
    assert as_targets(HOT, 3, Wanted((3,), SQUARED, "numbers"), "`y`").y.dtype == np.float32


@pytest.mark.parametrize(
    ("y", "wanted", "message"),
    [
        (np.array([[0, 1], [2, 0]]), Wanted((2,), BINARY), "`y` holds 2, and labels are 0 or 1"),
        (np.array([1.0, np.nan]), Wanted((1,), SQUARED), "`y` holds 1 values that are no finite numbers"),
        (np.array([1.0, 2.0, 3.0]), Wanted((1,), SQUARED), "`y` has 3 targets for 2 images"),
        (np.array(["a", "b"]), Wanted((1,), SQUARED), "`y` holds no numbers"),
        (
            np.array([[0.5], [1.5]]),
            Wanted((1,), BINARY, "numbers"),
            "`y` has numbers from 0.5 to 1.5, and `binary_",
        ),
        (np.zeros((2, 2)), Wanted((2, 2, 2), CROSS), "`y` is no list of masks"),
        (np.full((2, 2, 2), 0.5), Wanted((2, 2, 2), CROSS), "`y` holds no integers"),
        (np.full((2, 2, 2), -1), Wanted((2, 2, 2), CROSS), "`y` holds the class -1"),
        (np.array([0.5, 1.5]), Wanted((3,), CROSS), "`loss: mean_squared_error` learns numbers"),
    ],
)
def test_what_is_no_target(y: np.ndarray[Any, Any], wanted: Wanted, message: str) -> None:
    """E515, with what is accepted."""
    with pytest.raises(CnnspecError) as caught:
        as_targets(y, 2, wanted, "`y`")
    assert [fault.code for fault in caught.value.diagnostics] == ["E515"]
    assert message in str(caught.value)


def masked(side: int, own: int) -> Dataset:
    """Return two images of a side, whose masks of another side number their pixels."""
    y = np.arange(own * own).reshape(1, own, own) % 250
    part = Samples(np.zeros((1, side, side, 1), np.uint8), y.astype(np.uint8))
    return Dataset("x", part, part, ("0",), 1.0, mirrors=False, target="mask")


def test_masks_are_cut_to_the_middle_that_the_output_tells() -> None:
    """Of 6 × 6 pixels, the output without padding tells the inner 4 × 4, as in the paper of U-Net."""
    found = with_output_masks(masked(6, 6), (6, 6), (4, 4)).test.y
    assert found[0].tolist() == [[7, 8, 9, 10], [13, 14, 15, 16], [19, 20, 21, 22], [25, 26, 27, 28]]
    assert with_output_masks(masked(6, 4), (6, 6), (4, 4)).test.y.shape == (1, 4, 4)


def test_masks_are_resized_as_their_images() -> None:
    """Each position takes the nearest class, and no class is made up."""
    found = with_output_masks(masked(2, 2), (6, 6), (4, 4)).test.y
    assert found[0].tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 3, 3], [2, 2, 3, 3]]


def test_masks_that_fit_nowhere_stay() -> None:
    """What is checked afterwards says so."""
    assert with_output_masks(masked(6, 5), (6, 6), (4, 4)).test.y.shape == (1, 5, 5)
    assert with_output_masks(masked(6, 6), (6, 6), (3, 3)).test.y.shape == (1, 6, 6)


# Folders of pairs


WANTED = Wanted((4, 4, 2), CROSS)


def pairs(folder: Path, count: int = 5, *, mode: str = "L", white: int = 1) -> Path:
    """Write images whose upper half is bright, and masks in which it is the class 1."""
    image = pytest.importorskip("PIL.Image")
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    mask = np.zeros((4, 4), np.uint8)
    mask[:2] = white
    for number in range(count):
        image.fromarray(mask * (200 // white) + np.uint8(number)).save(folder / "images" / f"{number}.png")
        image.fromarray(mask).convert(mode).save(folder / "masks" / f"{number}.png")
    return folder


@pytest.mark.parametrize(("mode", "white"), [("L", 1), ("L", 255), ("1", 255), ("P", 1)])
def test_pairs_are_read(tmp_path: Path, mode: str, white: int) -> None:
    """Gray values, black and white, and palettes; one of five is for testing."""
    found = load_data(str(pairs(tmp_path, mode=mode, white=white)), shape=(4, 4, 1), wanted=WANTED)
    assert (found.target, found.classes, found.whole) == ("mask", ("0", "1"), True)
    assert (len(found.train), len(found.test)) == (4, 1)
    assert found.train.y[0].tolist() == [[1] * 4, [1] * 4, [0] * 4, [0] * 4]
    assert sorted(int(x[3, 0, 0]) for x in (*found.train.x, *found.test.x)) == [0, 1, 2, 3, 4]


def test_pairs_of_parts_are_read(tmp_path: Path) -> None:
    """What is below `train` and `test` stays there; another size is brought to the input's."""
    pairs(tmp_path / "train", 3)
    pairs(tmp_path / "test", 2)
    found = load_data(str(tmp_path), shape=(8, 8, 1), wanted=Wanted((8, 8, 2), CROSS))
    assert (len(found.train), len(found.test), found.whole) == (3, 2, False)
    assert found.train.y[0].tolist() == [[1] * 8] * 4 + [[0] * 8] * 4


def test_pairs_that_cannot_be_read(tmp_path: Path) -> None:
    """A lonely image, a coloured mask, and a network that tells one class."""

    def error(path: Path, wanted: Wanted = WANTED) -> str:
        with pytest.raises(CnnspecError) as caught:
            load_data(str(path), shape=(4, 4, 1), wanted=wanted)
        return str(caught.value)

    lonely = pairs(tmp_path / "lonely")
    (lonely / "masks" / "3.png").unlink()
    assert "1 files in `" in error(lonely)
    assert "have no mask\n  = note: among them `3.png`" in error(lonely)
    colored = error(pairs(tmp_path / "colored", 2, mode="RGB"))
    assert colored.count("E516") == 2
    assert "it is RGB, and a mask has one number for each pixel" in colored
    assert "the network tells no class of every pixel" in error(pairs(tmp_path / "plain"), Wanted((2,), CROSS))
    (tmp_path / "bare" / "images").mkdir(parents=True)
    assert "lacks `images` or `masks`" in error(tmp_path / "bare")
