"""The 1,797 handwritten digits of 8×8 pixels that come with this package.

E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998,
https://doi.org/10.24432/C50P49, licensed under CC BY 4.0. The file is optdigits.tes, as scikit-learn ships it too;
`digits.txt` beside it says the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from cnnspec.training.data.arrays import numbered
from cnnspec.training.data.dataset import Dataset, Samples
from cnnspec.training.data.entry import Entry
from cnnspec.training.data.formats.npz import WHOLE, read_npz

FILE: Final = Path(__file__).with_name("digits.npz")
PEAK: Final = 16.0


def load_digits() -> Dataset:
    """Return the digits; every fifth is for testing.

    >>> load_digits().shape
    (8, 8, 1)
    """
    arrays = read_npz(FILE, WHOLE, step="install the package anew")
    x, y = arrays["x"][..., None], arrays["y"].astype(np.int64)
    test = np.arange(len(y)) % 5 == 4
    train, rest = Samples(x[~test], y[~test]), Samples(x[test], y[test])
    return Dataset("digits", train, rest, numbered(10), PEAK, mirrors=False, files=(str(FILE),))


ENTRY: Final = Entry("digits", lambda _: load_digits(), bright_on_dark=True)
