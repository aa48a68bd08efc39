"""Arrays in .npz files: what is read, and what is refused and why."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cnnspec.errors import CnnspecError
from cnnspec.training.data import load_data
from cnnspec.training.data.formats.npz import read_npz

X = np.arange(10 * 4 * 4, dtype=np.uint8).reshape(10, 4, 4)
Y = np.arange(10) % 3


def named(value: object) -> str | None:
    """Return the name of a case: bytes have none, for those of archives differ from run to run."""
    return "bytes" if isinstance(value, bytes) else None


def save(folder: Path, **arrays: Any) -> str:
    """Write an archive and return its path."""
    path = folder / "data.npz"
    np.savez(path, **{key: np.asarray(value) for key, value in arrays.items()})
    return str(path)


def error_of(path: str | Path, shape: tuple[int, ...] | None = None) -> str:
    """Return the error about a file, whose folder is called DIR."""
    with pytest.raises(CnnspecError) as caught:
        load_data(str(path), shape=shape)
    return str(caught.value).replace(str(Path(path).parent), "DIR")


def test_four_arrays_are_training_and_test_data(tmp_path: Path) -> None:
    """Keras' keys."""
    path = save(tmp_path, x_train=X, y_train=Y, x_test=X[:2], y_test=[4, 1])
    data = load_data(path)
    assert (data.train.x.shape, data.test.x.shape, data.shape) == ((10, 4, 4, 1), (2, 4, 4, 1), (4, 4, 1))
    assert (data.train.y.tolist(), data.test.y.tolist()) == ([0, 1, 2, 0, 1, 2, 0, 1, 2, 0], [4, 1])
    assert (data.name, data.files, data.classes) == (path, (path,), ("0", "1", "2", "3", "4"))
    assert (data.peak, data.mirrors, data.train.y.dtype) == (255.0, False, np.int64)


def test_two_arrays_are_split_by_the_seed(tmp_path: Path) -> None:
    """Four of five for training, the same at each time, others with another seed; nothing is lost."""
    path = save(tmp_path, x=X, y=np.arange(10))
    data, again, other = (load_data(path, seed=seed) for seed in (1, 1, 2))
    assert (len(data.train), len(data.test)) == (8, 2)
    assert sorted([*data.train.y, *data.test.y]) == list(range(10))
    assert data.test.y.tolist() == again.test.y.tolist() != other.test.y.tolist()
    assert all(data.train.x[place, 0, 0, 0] == 16 * label for place, label in enumerate(data.train.y))


@pytest.mark.parametrize(
    ("x", "shape", "expected"),
    [
        ((10, 6), None, (6,)),
        ((10, 6), (6,), (6,)),
        ((10, 6), (6, 1), (6, 1)),
        ((10, 4, 5), None, (4, 5, 1)),
        ((10, 4, 5), (4, 5), (4, 5)),
        ((10, 4, 5), (4, 5, 1), (4, 5, 1)),
        ((10, 4, 5), (9, 9, 3), (4, 5, 1)),
        ((10, 4, 5, 3), None, (4, 5, 3)),
        ((10, 4, 5, 6), (4, 5, 6, 1), (4, 5, 6, 1)),
        ((10, 4, 5, 6, 2), None, (4, 5, 6, 2)),
    ],
)
def test_channels_are_added_where_they_lack(
    tmp_path: Path, x: tuple[int, ...], shape: tuple[int, ...] | None, expected: tuple[int, ...]
) -> None:
    """Images without channels get one; what is an image, the network's input tells."""
    assert load_data(save(tmp_path, x=np.zeros(x, np.uint8), y=Y), shape=shape).shape == expected


@pytest.mark.parametrize(
    ("x", "dtype", "peak"),
    [
        (np.array([0, 7], np.uint8), np.uint8, 255.0),
        (np.array([0, 1], bool), np.uint8, 1.0),
        (np.array([0, 16], np.int64), np.uint8, 16.0),
        (np.array([3, 200], np.int32), np.uint8, 255.0),
        (np.array([0, 4000], np.uint16), np.float32, 4095.0),
        (np.array([0, 65535], np.uint16), np.float32, 65535.0),
        (np.array([-1000, 900], np.int16), np.float32, 1023.0),
        (np.array([0, 100000], np.int32), np.float32, 100000.0),
        (np.array([0.0, 0.5]), np.float32, 1.0),
        (np.array([0.0, 3.5]), np.float32, 1.0),
        (np.array([0.0, 200.5]), np.float32, 255.0),
        (np.array([-2.5, 300.0], np.float16), np.float32, 1.0),
    ],
)
def test_types_and_peaks(tmp_path: Path, x: NDArray[Any], dtype: type, peak: float) -> None:
    """Bytes stay bytes, all else becomes float32; a peak is the largest value of a usual range."""
    data = load_data(save(tmp_path, x=x.reshape(2, 1, 1, 1).repeat(5, axis=0), y=Y))
    assert (data.train.x.dtype, data.peak) == (dtype, peak)
    assert {float(value) for value in np.unique(data.train.x)} == {float(value) for value in x}


def test_both_parts_have_one_type(tmp_path: Path) -> None:
    """If one part needs floats, the other has them too."""
    x = X.astype(np.int64)
    data = load_data(save(tmp_path, x_train=x, y_train=Y, x_test=x + 200, y_test=Y))
    assert (data.train.x.dtype, data.test.x.dtype, data.peak) == (np.float32, np.float32, 1023.0)


@pytest.mark.parametrize(
    "y",
    [[0, 1, 2] * 3 + [0], [[0], [1], [2]] * 3 + [[0]], np.eye(3)[Y], np.eye(3, dtype=bool)[Y], Y.astype(np.uint8)],
    ids=["list", "column", "one-hot", "one-hot bool", "uint8"],
)
def test_labels_in_all_spellings(tmp_path: Path, y: Any) -> None:
    """Numbers, a column of numbers, one-hot."""
    data = load_data(save(tmp_path, x_train=X, y_train=y, x_test=X, y_test=y))
    assert data.train.y.tolist() == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0]
    assert data.classes == ("0", "1", "2")


@pytest.mark.parametrize(
    ("arrays", "expected"),
    [
        (
            {"x_train": X, "y_train": Y, "x_test": X},
            (
                "`DIR/data.npz` lacks `y_test`\n  = note: it holds x_test, x_train, y_train\n"
                "  = note: expected: x_train, y_train, x_test, y_test, or x, y"
            ),
        ),
        (
            {"images": X},
            (
                "`DIR/data.npz` lacks `x_train`, `y_train`, `x_test`, `y_test`\n  = note: it holds images\n"
                "  = note: expected: x_train, y_train, x_test, y_test, or x, y"
            ),
        ),
        ({"x": X, "y": Y[:9]}, "`y` of `DIR/data.npz` has 9 labels for 10 images"),
        (
            {"x": X, "y": Y - 1},
            "`y` of `DIR/data.npz` holds the label -1\n  = note: labels count from 0 and are below 100,000",
        ),
        (
            {"x": X, "y": Y + 10**12},
            "`y` of `DIR/data.npz` holds the label 1000000000002\n  = note: labels count from 0 and are below 100,000",
        ),
        (
            {"x": X, "y": Y.astype(np.float32)},
            (
                "`y` of `DIR/data.npz` holds no integers\n  = note: its type is float32\n"
                "  = note: `loss: mean_squared_error` learns numbers\n"
                "  = help: save classes as integers: `y.astype('int64')`"
            ),
        ),
        (
            {"x": X, "y": Y.astype(str)},
            (
                "`y` of `DIR/data.npz` holds no integers\n  = note: its type is <U21\n"
                "  = help: save the numbers of the names: `numpy.unique(y, return_inverse=True)[1]`"
            ),
        ),
        (
            {"x": X, "y": np.full((10, 3), 1 / 3)},
            (
                "`y` of `DIR/data.npz` is not one-hot\n  = note: its shape is 10×3\n"
                "  = note: expected: a single 1 in each row, all else 0"
            ),
        ),
        (
            {"x": X, "y": 3},
            (
                "`y` of `DIR/data.npz` is not a list of labels\n  = note: its shape is a single number\n"
                "  = note: expected: (N,), (N, 1) or (N, K)"
            ),
        ),
        (
            {"x": X[:0], "y": Y[:0]},
            (
                "`x` of `DIR/data.npz` is not a list of images\n  = note: its shape is 0×4×4\n"
                "  = note: expected: (N, H, W) or (N, H, W, C)"
            ),
        ),
        (
            {"x": np.arange(10), "y": Y},
            (
                "`x` of `DIR/data.npz` is not a list of images\n  = note: its shape is 10\n"
                "  = note: expected: (N, H, W) or (N, H, W, C)"
            ),
        ),
        (
            {"x": np.where(X == 0, np.nan, 1.0), "y": Y},
            "`x` of `DIR/data.npz` holds 1 values that are no finite numbers (NaN or infinite)",
        ),
        (
            {"x": np.where(X < 2, -1e300, 1.0), "y": Y},
            "`x` of `DIR/data.npz` holds 2 values that are no finite numbers (NaN or infinite)",
        ),
        ({"x": X.astype(complex), "y": Y}, "`x` of `DIR/data.npz` holds no numbers\n  = note: its type is complex128"),
        (
            {"x": X[:1], "y": Y[:1]},
            "`DIR/data.npz` has a single image, which cannot be split into training and test data",
        ),
        (
            {"x_train": X, "y_train": Y, "x_test": X[:, :3], "y_test": Y},
            "the images of `DIR/data.npz` differ in shape\n  = note: training images are 4×4, test images 3×4",
        ),
        (
            {"x_train": X, "y_train": Y, "x_test": X / 255, "y_test": Y},
            "the images of `DIR/data.npz` differ in type\n  = note: training images are uint8, test images float64",
        ),
    ],
)
def test_data_that_cannot_be_used(tmp_path: Path, arrays: dict[str, Any], expected: str) -> None:
    """The array is named, with what is wrong and what would be accepted."""
    assert error_of(save(tmp_path, **arrays)) == f"error[E515]: {expected}"


def member(key: str, header: str, content: bytes, version: bytes = b"\x01\x00") -> tuple[str, bytes]:
    """Return an array of an archive with any header."""
    line = header.encode() + b"\n"
    return f"{key}.npy", b"\x93NUMPY" + version + len(line).to_bytes(2, "little") + line + content


def archive(*members: tuple[str, bytes]) -> bytes:
    """Return an archive with any content."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name, data in members:
            file.writestr(name, data)
    return content.getvalue()


GOOD = member("y", "{'descr': '|u1', 'fortran_order': False, 'shape': (2,)}", b"ab")
OBJECT = io.BytesIO()
np.savez(OBJECT, x=np.array([object, object]), y=np.zeros(2, int))
WHOLE = io.BytesIO()
np.savez(WHOLE, x=X, y=Y)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b"<!doctype html>", "an HTML page, which a server sends in place of a file that it does not have"),
        (WHOLE.getvalue()[:-100], "no archive, or one that ends too early"),
        (WHOLE.getvalue()[100:], "content that cannot be read (invalid argument)"),
        (WHOLE.getvalue().replace(b"\x04\x05\x06\x07", b"\x04\x05\x06\x08"), "no archive, or one that ends too early"),
        (OBJECT.getvalue(), "Python objects in `x`, which a data file does not need; they were not run"),
        (
            archive(member("x", "{'descr': '|u1', 'fortran_order': False, 'shape': (10, 4, 4)}", bytes(100)), GOOD),
            "an array `x` that declares 160 bytes, and 100 of them",
        ),
        (
            archive(member("x", "{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000,)}", b""), GOOD),
            "an array `x` of 80,000,000,000 bytes, more than 4,000,000,000",
        ),
        (
            archive(member("x", "{'descr': '|u1', 'fortran_order': False, 'shape': (2,)}", b"ab", b"\x09\x00"), GOOD),
            "an array `x` with a damaged header",
        ),
        (
            archive(member("x", "{'descr': '|u1', 'fortran_order': False, 'shape': (True, 2)}", b"ab"), GOOD),
            "an array `x` with a damaged header",
        ),
        (
            archive(member("x", "{'descr': '|u1', 'fortran_order': False, 'shape': (-1, -2)}", b"ab"), GOOD),
            "an array `x` with a damaged header",
        ),
        (archive(("x.npy", b"no array"), GOOD), "an array `x` with a damaged header"),
        (archive(member("x", "__import__('os').system('true')", b""), GOOD), "an array `x` with a damaged header"),
    ],
    ids=named,
)
def test_a_broken_archive(tmp_path: Path, content: bytes, found: str) -> None:
    """The file is named, with what was found; no pickle is read."""
    path = tmp_path / "data.npz"
    path.write_bytes(content)
    first, expected, there, step = error_of(path).splitlines()
    assert (first, expected) == (
        "error[E513]: `DIR/data.npz` is broken",
        "  = note: expected: an archive of NumPy arrays (.npz)",
    )
    assert there.startswith(f"  = note: found: {found}")
    assert step == "  = help: write the file anew with `numpy.savez_compressed`"


@given(
    st.lists(st.integers(0, 3), max_size=4),
    st.sampled_from(["uint8", "int64", ">u2", "float32", "bool"]),
    st.sampled_from(["C", "F"]),
    st.booleans(),
)
def test_what_numpy_writes_is_read(shape: list[int], dtype: str, order: Any, packed: bool) -> None:  # noqa: FBT001
    """Any array of numbers comes back as numpy.load has it."""
    array = np.asarray(np.arange(int(np.prod(shape))).reshape(shape).astype(dtype), order=order)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.npz"
        (np.savez_compressed if packed else np.savez)(path, a=array)
        read = read_npz(path, ("a",))["a"]
        with np.load(path) as expected:
            assert np.array_equal(read, expected["a"])
            assert read.dtype == expected["a"].dtype


@given(st.binary(min_size=1, max_size=4), st.integers(0, 700))
def test_damage_is_a_diagnostic_or_harmless(damage: bytes, place: int) -> None:
    """Wherever bytes are overwritten, reading gives arrays or a CnnspecError."""
    content = bytearray(WHOLE.getvalue())
    place = min(place * len(content) // 700, len(content) - len(damage))
    content[place : place + len(damage)] = damage
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.npz"
        path.write_bytes(content)
        with suppress(CnnspecError):
            assert read_npz(path, ("x", "y")).keys() == {"x", "y"}


def test_data_that_know_no_parts_can_all_be_for_testing(tmp_path: Path) -> None:
    """A network that was trained on something else is tested on every sample; files that have parts keep them."""
    x, y = np.zeros((20, 4, 4), np.uint8), np.tile(np.arange(4), 5)
    whole = load_data(save(tmp_path, x=x, y=y))
    assert (len(whole.test), len(whole.for_testing().test)) == (4, 20)
    assert sorted(whole.for_testing().test.y) == sorted(y)
    parts = load_data(save(tmp_path, x_train=x, y_train=y, x_test=x[:8], y_test=y[:8]))
    assert len(parts.for_testing().test) == 8


PAIR: tuple[int, ...] = (2, 4, 4, 1)


@pytest.mark.parametrize(
    "arrays",
    [
        {
            "left_train": X,
            "right_train": X + 1,
            "y_train": Y,
            "left_test": X[:2],
            "right_test": X[2:4],
            "y_test": Y[:2],
        },
        {"x1_train": X, "x2_train": X + 1, "y_train": Y, "x1_test": X[:2], "x2_test": X[2:4], "y_test": Y[:2]},
        {
            "x_train": np.stack([X, X + 1], axis=1),
            "y_train": Y,
            "x_test": np.stack([X[:2], X[2:4]], axis=1),
            "y_test": Y[:2],
        },
    ],
)
def test_two_inputs_have_an_array_each_or_one_together(arrays: dict[str, Any], tmp_path: Path) -> None:
    """Under their names, under numbers, or along an axis behind the samples'; the axis of channels may be missing."""
    data = load_data(save(tmp_path, **arrays), shape=PAIR, inputs=("left", "right"))
    assert (data.train.x.shape, data.test.x.shape, data.shape) == ((10, *PAIR), (2, *PAIR), PAIR)
    assert np.array_equal(data.train.x[:, 0, ..., 0], X)
    assert np.array_equal(data.train.x[:, 1, ..., 0], X + 1)
    assert np.array_equal(data.test.x[:, 1, ..., 0], X[2:4])
    assert data.train.y.tolist() == Y.tolist()


def test_two_inputs_are_split_together(tmp_path: Path) -> None:
    """A pair stays one."""
    data = load_data(save(tmp_path, left=X, right=X, y=np.arange(10)), shape=PAIR, inputs=("left", "right"))
    assert (len(data.train), len(data.test), data.whole) == (8, 2, True)
    for part in (data.train, data.test):
        assert np.array_equal(part.x[:, 0], part.x[:, 1])
        assert np.array_equal(part.x[:, 0, ..., 0], X[part.y])


@pytest.mark.parametrize(
    ("arrays", "message", "note"),
    [
        (
            {"left": X, "right": X[:9], "y": Y},
            "`left` and `right` of `DIR/data.npz` differ in shape",
            "their shapes are 10×4×4 and 9×4×4",
        ),
        (
            {"x1": X, "x2": X.astype(str), "y": Y},
            "`x2` of `DIR/data.npz` holds no numbers",
            "its type is <U3",
        ),
        (
            {"left": X, "y": Y},
            "`DIR/data.npz` lacks `right`",
            "it holds left, y",
        ),
    ],
)
def test_inputs_that_do_not_go_together(arrays: dict[str, Any], message: str, note: str, tmp_path: Path) -> None:
    """Each is named."""
    path = save(tmp_path, **arrays)
    with pytest.raises(CnnspecError) as caught:
        load_data(path, shape=PAIR, inputs=("left", "right"))
    fault = caught.value.diagnostics[0]
    assert (fault.code, fault.message.replace(str(tmp_path), "DIR"), fault.notes[0]) == ("E515", message, note)
