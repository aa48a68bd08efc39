"""The well-known data sets: in which files and places they are found, and what is said where they are not."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from small_originals import FILES, arrays, idx, write_idx, write_npz

from cnnspec.errors import CnnspecError
from cnnspec.training.data import Dataset, load_data
from cnnspec.training.data.catalogue import ORIGINALS
from cnnspec.training.data.search_path import search_path


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Look for no data but those of the test; return Keras' folder."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv("CNNSPEC_DATA", raising=False)
    monkeypatch.setattr("cnnspec.training.data.original.Original.system_folder", "", raising=False)
    return tmp_path / "keras"


def marker_of(data: Dataset) -> int:
    """Return the first pixel, which tells which of several files was read."""
    return int(data.train.x[0, 0, 0, 0])


def error_of(folder: Path, call: Callable[[], object]) -> str:
    """Return the error of a call; the test's folder is called DIR."""
    with pytest.raises(CnnspecError) as caught:
        call()
    return str(caught.value).replace(str(folder), "DIR")


@pytest.mark.parametrize("below", ["", "mnist", "MNIST/raw", "MNIST"])
@pytest.mark.parametrize(("ending", "sign"), [(".gz", "-"), ("", "-"), ("", "."), (".gz", ".")])
def test_idx_files_are_found(tmp_path: Path, below: str, ending: str, sign: str) -> None:
    """Packed or not, with a hyphen or a dot, in the folder or below it as torchvision has it."""
    write_idx(tmp_path / below, ending, sign=sign)
    data = load_data("mnist", folder=tmp_path, offline=True)
    assert (data.train.x.shape, data.test.x.shape) == ((6, 28, 28, 1), (2, 28, 28, 1))
    assert (data.train.x.dtype, data.train.y.dtype) == (np.uint8, np.int64)
    assert data.train.y.tolist() == [0, 1, 2, 3, 4, 9]
    assert data.test.y.tolist() == [0, 1]
    assert data.train.x[1, 0, :3, 0].tolist() == [16, 17, 18]
    assert (data.name, data.peak, data.mirrors, data.classes) == ("mnist", 255.0, False, tuple("0123456789"))
    assert [Path(file).parent for file in data.files] == [tmp_path / below] * 4


@pytest.mark.parametrize("name", ["fashion_mnist", "fashion-mnist", "Fashion-MNIST"])
def test_fashion_has_names_for_its_classes(tmp_path: Path, name: str) -> None:
    """Both spellings are read, and a label is a piece of clothing."""
    write_idx(tmp_path / "FashionMNIST" / "raw")
    data = load_data(name, folder=tmp_path, offline=True)
    assert (data.name, data.mirrors) == ("fashion_mnist", True)
    assert (data.classes[0], data.classes[9]) == ("T-shirt/top", "Ankle boot")


def test_the_first_place_wins(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The option comes before the variable, the variable before Keras' cache."""
    write_npz(home / "datasets" / "mnist.npz", marker=3)
    assert marker_of(load_data("mnist", offline=True)) == 3
    write_idx(tmp_path / "variable", marker=2)
    monkeypatch.setenv("CNNSPEC_DATA", str(tmp_path / "variable"))
    assert marker_of(load_data("mnist", offline=True)) == 2
    (tmp_path / "option").mkdir()
    assert marker_of(load_data("mnist", folder=tmp_path / "option", offline=True)) == 2
    write_npz(tmp_path / "option" / "mnist.npz", marker=1)
    assert marker_of(load_data("mnist", folder=tmp_path / "option", offline=True)) == 1


def test_debians_folder_comes_last(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fashion-MNIST is a package of Debian, which nothing else is."""
    monkeypatch.undo()
    monkeypatch.setenv("KERAS_HOME", str(home))
    monkeypatch.delenv("CNNSPEC_DATA", raising=False)
    paths = {name: search_path(original, None) for name, original in ORIGINALS.items()}
    assert {name: [str(location.folder) for location in path] for name, path in paths.items()} == {
        "mnist": [f"{home}/datasets"],
        "fashion_mnist": [f"{home}/datasets", "/usr/share/datasets/fashion-mnist"],
        "cifar10": [f"{home}/datasets"],
        "cifar100": [f"{home}/datasets"],
    }


def test_nothing_is_found_offline(tmp_path: Path) -> None:
    """The error lists the files and the places."""
    folder = tmp_path / "data"
    folder.mkdir()
    assert error_of(tmp_path, lambda: load_data("mnist", folder=folder, offline=True)) == (
        "error[E512]: the data set `mnist` was not found\n"
        "  = note: nothing is downloaded with `--offline`\n"
        "  = note: looked for: train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, "
        "t10k-labels-idx1-ubyte, or mnist.npz\n"
        "  = note: looked in: DIR/data, DIR/keras/datasets\n"
        "  = note: `cnnspec train digits-cnn` needs neither data nor a network\n"
        "  = help: run it again without `--offline`, so that the files are downloaded"
    )


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    """A misspelt folder is not passed over."""
    assert error_of(tmp_path, lambda: load_data("mnist", folder=tmp_path / "dta")) == (
        "error[E512]: the folder of data `DIR/dta` is no folder\n"
        "  = note: it does not exist\n"
        "  = note: it was given with --data-dir"
    )


def test_a_part_of_the_files(tmp_path: Path) -> None:
    """Where the user says to look, a missing file is no reason to take others."""
    write_idx(tmp_path / "mnist")
    (tmp_path / "mnist" / f"{FILES[3]}.gz").unlink()
    assert error_of(tmp_path, lambda: load_data("mnist", folder=tmp_path)) == (
        "error[E512]: `DIR/mnist` holds only a part of MNIST\n"
        "  = note: missing: t10k-labels-idx1-ubyte\n"
        "  = note: found: train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz\n"
        "  = help: add the missing files, or remove the others"
    )


def test_images_and_labels_that_do_not_belong_together(tmp_path: Path) -> None:
    """Counts are compared."""
    write_idx(tmp_path)
    (tmp_path / f"{FILES[1]}.gz").write_bytes(idx(np.zeros(5, np.uint8)))
    assert error_of(tmp_path, lambda: load_data("mnist", folder=tmp_path)) == (
        "error[E515]: images and labels do not belong together\n"
        "  = note: `DIR/train-images-idx3-ubyte.gz` has 6 images\n"
        "  = note: `DIR/train-labels-idx1-ubyte.gz` has 5 labels"
    )


def test_labels_beyond_the_classes(tmp_path: Path) -> None:
    """MNIST has ten classes."""
    write_idx(tmp_path)
    (tmp_path / f"{FILES[3]}.gz").write_bytes(idx(np.array([3, 10], np.uint8)))
    assert error_of(tmp_path, lambda: load_data("mnist", folder=tmp_path)) == (
        "error[E515]: `DIR` is not MNIST\n  = note: its labels go up to 10\n  = note: expected: labels of 10 classes"
    )


def test_test_images_of_another_size(tmp_path: Path) -> None:
    """All images have one shape."""
    write_idx(tmp_path)
    (tmp_path / f"{FILES[2]}.gz").write_bytes(idx(np.zeros((2, 8, 8), np.uint8)))
    assert error_of(tmp_path, lambda: load_data("mnist", folder=tmp_path)) == (
        "error[E515]: the images of `DIR` differ in shape\n  = note: training images are 28×28×1, test images 8×8×1"
    )


def test_an_archive_of_scaled_pixels_is_not_mnist(tmp_path: Path) -> None:
    """MNIST has bytes; scaled to 1, they would be scaled twice."""
    x, y, *_ = arrays()
    np.savez(tmp_path / "mnist.npz", x_train=x / 255, y_train=y, x_test=x / 255, y_test=y)
    assert error_of(tmp_path, lambda: load_data("mnist", folder=tmp_path)) == (
        "error[E515]: `DIR/mnist.npz` is not MNIST\n"
        "  = note: its pixels are float32\n"
        "  = note: expected: uint8, 0 to 255"
    )


def known(monkeypatch: pytest.MonkeyPatch, name: str, checksum: int) -> None:
    """Let labels of the small files be those of a data set."""
    labels = property(lambda original: (checksum,) if original.name == name else ())
    monkeypatch.setattr("cnnspec.training.data.original.Original.labels", labels)


def test_files_of_the_other_data_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MNIST and Fashion-MNIST have the same names; their labels tell them apart."""
    write_idx(tmp_path)
    known(monkeypatch, "mnist", zlib.crc32(arrays()[3].tobytes()))
    text = error_of(tmp_path, lambda: load_data("fashion_mnist", folder=tmp_path))
    assert text.replace(", ".join(f"{name}.gz" for name in FILES), "FILES") == (
        "error[E514]: the files in `DIR` are those of MNIST, not of Fashion-MNIST\n"
        "  = note: files: FILES\n"
        "  = note: both data sets use the same file names\n"
        "  = help: ask for `mnist`, or put the files of Fashion-MNIST into a folder `fashion-mnist` beside these"
    )
    assert load_data("mnist", folder=tmp_path).name == "mnist"


def test_an_archive_of_the_other_data_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An .npz file has a name of its own, but who knows who gave it."""
    write_npz(tmp_path / "mnist.npz")
    known(monkeypatch, "fashion_mnist", zlib.crc32(arrays()[1].tobytes()))
    assert error_of(tmp_path, lambda: load_data("mnist", folder=tmp_path)) == (
        "error[E514]: the files in `DIR` are those of Fashion-MNIST, not of MNIST\n"
        "  = note: files: mnist.npz\n"
        "  = note: both data sets use the same file names\n"
        "  = help: ask for `fashion_mnist`, or put the files of MNIST into a folder `mnist` beside these"
    )


def test_a_broken_file_of_keras_is_named(tmp_path: Path, home: Path) -> None:
    """An interrupted download is not passed over, and not downloaded again behind the user's back."""
    write_npz(home / "datasets" / "mnist.npz")
    path = home / "datasets" / "mnist.npz"
    path.write_bytes(path.read_bytes()[:3000])
    assert error_of(tmp_path, lambda: load_data("mnist")) == (
        "error[E513]: `DIR/keras/datasets/mnist.npz` is broken\n"
        "  = note: expected: an archive of NumPy arrays (.npz)\n"
        "  = note: found: no archive, or one that ends too early\n"
        "  = help: delete the file, then download it again"
    )
