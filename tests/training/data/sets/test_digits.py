"""The digits that come with the package are those that UCI and scikit-learn publish."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cnnspec
from cnnspec.training.data import load_data


def test_digits_have_the_published_counts() -> None:
    """1,797 images of 8×8 pixels, the classes as scikit-learn's documentation counts them."""
    data = load_data("digits")
    y = np.concatenate([data.train.y, data.test.y])
    assert (len(data.train), len(data.test), len(y)) == (1438, 359, 1797)
    assert np.bincount(y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert (data.shape, data.peak, data.mirrors) == ((8, 8, 1), 16.0, False)
    assert data.classes == ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
    assert data.train.x.dtype == data.test.x.dtype == np.uint8


def test_the_first_digit_is_the_published_zero() -> None:
    """The first image of scikit-learn's documentation, and the total of all pixels."""
    data = load_data("digits")
    assert data.train.x[0, :, :, 0].tolist() == [
        [0, 0, 5, 13, 9, 1, 0, 0],
        [0, 0, 13, 15, 10, 15, 5, 0],
        [0, 3, 15, 2, 0, 11, 8, 0],
        [0, 4, 12, 0, 0, 8, 8, 0],
        [0, 5, 8, 0, 0, 9, 8, 0],
        [0, 4, 11, 0, 1, 12, 7, 0],
        [0, 2, 14, 5, 10, 12, 0, 0],
        [0, 0, 6, 13, 10, 0, 0, 0],
    ]
    assert data.train.y[:8].tolist() == [0, 1, 2, 3, 5, 6, 7, 8]
    assert data.test.y[:4].tolist() == [4, 9, 4, 9]
    assert int(data.train.x.sum()) + int(data.test.x.sum()) == 561718


@pytest.mark.parametrize("name", ["digits", "Digits", "DIGITS"])
def test_names_are_read_in_any_case(name: str) -> None:
    """A name is a name."""
    assert load_data(name).name == "digits"


def test_the_source_is_named() -> None:
    """The licence asks for attribution, which lies beside the data."""
    text = (Path(cnnspec.__file__).parent / "training" / "data" / "sets" / "digits.txt").read_text(encoding="utf-8")
    assert "E. Alpaydin, C. Kaynak" in text
    assert "CC BY 4.0" in text
