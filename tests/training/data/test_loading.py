"""What `--data` may be: names, made-up data, and paths; and what is said of everything else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cnnspec.errors import CnnspecError
from cnnspec.training.data import Dataset, load_data

ACCEPTED = (
    "  = note: accepted: cifar10, cifar100, digits, fashion_mnist, mnist, synthetic:N, an .npz file, or a folder with "
    "a folder of images for each class"
)


def error_of(name: str, folder: Path | None = None) -> str:
    """Return the error about a name."""
    with pytest.raises(CnnspecError) as caught:
        load_data(name, folder=folder)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("mnits", "\n  = help: did you mean `mnist`?"),
        ("cifar", "\n  = help: did you mean `cifar10`?"),
        ("sythetic:10", "\n  = help: did you mean `synthetic`?"),
        ("imagenet", ""),
        ("", ""),
        ("a\0b", ""),
    ],
)
def test_an_unknown_name(name: str, step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All names are listed, and a near one is suggested."""
    monkeypatch.chdir(tmp_path)
    shown = name.replace("\0", "�")
    assert error_of(name) == f"error[E511]: the data set `{shown}` is unknown\n{ACCEPTED}{step}"


@pytest.mark.parametrize(
    "name", ["synthetic", "synthetic:", "synthetic:0", "synthetic:-3", "synthetic:1e3", "synthetic:²"]
)
def test_made_up_data_need_a_number(name: str) -> None:
    """The form is shown."""
    assert error_of(name) == (
        f"error[E511]: the data set `{name}` is unknown\n"
        "  = note: expected: a positive number of images behind the colon\n"
        "  = help: `synthetic:1000`, say"
    )


def test_a_path_that_leads_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What looks like a path is looked for here and in the folder of data."""
    monkeypatch.chdir(tmp_path)
    assert error_of("pets.npz", Path("data")) == (
        "error[E512]: there is no file or folder `pets.npz`\n"
        f"  = note: looked for: {tmp_path}/pets.npz, {tmp_path}/data/pets.npz"
    )


def test_the_home_of_nobody() -> None:
    """A `~` in front of no user's name is a letter like others."""
    assert error_of("~nobody-of-this-name/x").startswith(
        "error[E512]: there is no file or folder `~nobody-of-this-name/x`\n"
    )


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    """Only .npz files are read."""
    path = tmp_path / "data.csv"
    path.write_text("1,2\n")
    assert error_of(str(path)) == (
        f"error[E511]: the data set `{path}` is unknown\n  = note: `{path}` is no .npz file and no folder\n{ACCEPTED}\n"
        '  = help: make one with `numpy.savez("data.npz", x=images, y=labels)`, or name a folder of images'
    )


def test_a_path_is_also_looked_for_in_the_folder_of_data(tmp_path: Path) -> None:
    """A relative path may start there."""
    np.savez(tmp_path / "pets.npz", x=np.zeros((10, 4, 4), np.uint8), y=np.arange(10))
    assert load_data("pets.npz", folder=tmp_path).files == (str(tmp_path / "pets.npz"),)


def test_the_folder_of_a_data_set_with_a_name(tmp_path: Path) -> None:
    """A folder with MNIST's files is no folder of images; the error tells how to read it."""
    for part in ("train", "t10k"):
        for content in ("images-idx3", "labels-idx1"):
            (tmp_path / f"{part}-{content}-ubyte").touch()
    assert error_of(str(tmp_path)) == (
        f"error[E511]: the data set `{tmp_path}` is unknown\n"
        f"  = note: `{tmp_path}` holds files of `fashion_mnist` or `mnist`\n"
        "  = help: ask for `fashion_mnist` or `mnist`, and give the folder with `--data-dir`"
    )


def made_up(name: str = "synthetic:100", seed: int = 0) -> Dataset:
    """Return made-up images of 9×7×3 in 4 classes."""
    return load_data(name, shape=(9, 7, 3), classes=4, seed=seed)


def test_made_up_images_have_the_shape_and_classes_of_the_network() -> None:
    """As many as asked for, a fifth of them for testing, the classes alike often."""
    data = made_up()
    assert (data.train.x.shape, data.test.x.shape, data.train.x.dtype) == ((100, 9, 7, 3), (20, 9, 7, 3), np.uint8)
    assert np.bincount(data.train.y).tolist() == [25, 25, 25, 25]
    assert np.bincount(data.test.y).tolist() == [5, 5, 5, 5]
    assert (data.name, data.classes, data.peak, data.files) == ("synthetic:100", ("0", "1", "2", "3"), 255.0, ())


@pytest.mark.parametrize(
    ("name", "counts"), [("synthetic:1", (1, 1)), ("synthetic:4", (4, 1)), ("synthetic:1_000", (1000, 200))]
)
def test_how_many_are_made_up(name: str, counts: tuple[int, int]) -> None:
    """There is always something to test with."""
    data = load_data(name)
    assert (len(data.train), len(data.test)) == counts
    assert data.shape == (28, 28, 1)


@pytest.mark.parametrize("shape", [(5,), (20, 2), (6, 5, 4, 1), (1, 1, 1)])
def test_made_up_data_of_any_rank(shape: tuple[int, ...]) -> None:
    """A network may read signals and volumes."""
    assert load_data("synthetic:7", shape=shape, classes=1).shape == shape
    assert load_data("synthetic:7", shape=shape, classes=1).classes == ("0", "1")


def test_the_seed_makes_the_data() -> None:
    """The same seed gives the same images, another one others."""
    assert np.array_equal(made_up(seed=3).train.x, made_up(seed=3).train.x)
    assert not np.array_equal(made_up(seed=3).train.x, made_up(seed=4).train.x)


def test_made_up_classes_can_be_learned() -> None:
    """The nearest mean of the training images of a class finds the class of nearly all test images."""
    data = load_data("synthetic:500", shape=(16, 16, 1), classes=10)
    x, y = data.train.x.reshape(500, -1).astype(float), data.train.y
    means = np.stack([x[y == number].mean(axis=0) for number in range(10)])
    tests = data.test.x.reshape(100, -1).astype(float)
    guesses = ((tests[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    assert (guesses == data.test.y).mean() > 0.95
    assert 0 < data.train.x.std() < 80


def test_more_than_fits_into_memory() -> None:
    """Sizes are computed before anything is made."""
    with pytest.raises(CnnspecError) as caught:
        load_data("synthetic:100000000", shape=(224, 224, 3))
    assert str(caught.value) == (
        "error[E515]: 120,000,000 images of 224×224×3 do not fit into memory\n"
        "  = note: they take 18,063,360,000,000 bytes, of at most 4,000,000,000"
    )
