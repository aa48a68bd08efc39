"""The pickles of CIFAR: lists, numbers and arrays of bytes are read, every other step is refused."""

from __future__ import annotations

import pickle
from contextlib import suppress
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from small_originals import python2

from cnnspec.training.data.files import FaultError
from cnnspec.training.data.formats.pickles import read_pickle

PIXELS: Final = np.arange(2 * 3072, dtype=np.uint16).astype(np.uint8).reshape(2, 3072)


def named(value: object) -> str | None:
    """Return the name of a case: bytes have none, for those of archives differ from run to run."""
    return "bytes" if isinstance(value, bytes) else None


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4])
def test_pickles_of_later_versions_are_read(protocol: int, order: Any) -> None:
    """A batch that was written again by Python 3 and NumPy 2 is the same."""
    content = pickle.dumps({"data": np.asarray(PIXELS, order=order), "labels": [3, 4]}, protocol=protocol)
    result = read_pickle(content)
    assert np.array_equal(np.asarray(result["data"]), PIXELS)
    assert result["labels"] == [3, 4]


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.lists(st.integers(), max_size=5),
        max_size=5,
    ),
    st.integers(0, 4),
)
def test_plain_values_come_back(values: dict[str, object], protocol: int) -> None:
    """Texts, numbers and lists are what they were, in all versions of the format."""
    assert read_pickle(pickle.dumps(values, protocol)) == values


@given(st.binary(max_size=60))
@example(b"c\\")
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """Nothing but a FaultError comes out of bytes that are no pickle."""
    whole = python2(PIXELS[:1, :4], [1])
    for damaged in (content, whole[: len(content)], content + whole, b"\x80\x02" + content + b"."):
        with suppress(FaultError):
            read_pickle(damaged)


RECONSTRUCT: Final = b"cnumpy.core.multiarray\n_reconstruct\n"
NDARRAY: Final = b"cnumpy\nndarray\n"
DTYPE: Final = b"cnumpy\ndtype\n"
EMPTY: Final = RECONSTRUCT + b"(" + NDARRAY + b"K\x00\x85U\x01btR"
BYTES: Final = DTYPE + b"(U\x02u1K\x00K\x01tR"


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        (NDARRAY + b"(K\x04tR", "a damaged pickle (it calls numpy.ndarray)"),
        (RECONSTRUCT + b"(" + RECONSTRUCT + b"K\x00\x85U\x01btR", "a damaged pickle (it makes an array of no array)"),
        (
            RECONSTRUCT + b"(tR",
            "a damaged pickle",
        ),
        (RECONSTRUCT + b"}b", "a damaged pickle (it gives a state to a name)"),
        (RECONSTRUCT + b"N}U\x08__call__Ns\x86b", "a damaged pickle (it gives a state to a name)"),
        (NDARRAY + b"R", "a damaged pickle"),
        (EMPTY, "a damaged pickle (an array without its values)"),
        (EMPTY + b"Nb", "a damaged pickle (an array without its values)"),
        (EMPTY + b"}b", "a damaged pickle (an array without its values)"),
        (EMPTY + b"(tR", "a damaged pickle"),
        (DTYPE + b"(U\x02O8K\x00K\x01tR", "an array of type O8, not of bytes (u1)"),
        (DTYPE + b"(U\x02f8K\x00K\x01tR", "an array of type f8, not of bytes (u1)"),
        (DTYPE + b"(}tR", "a damaged pickle (a name that is no text)"),
        (EMPTY + b"(K\x01(K\x02K\x02t" + BYTES + b"\x89U\x03abctb", "an array of 2×2 values, and 3 of them"),
        (
            EMPTY + b"(K\x01(J\xff\xff\xff\xffJ\xff\xff\xff\xfft" + BYTES + b"\x89U\x01atb",
            "an array of -1×-1 values, and 1 of them",
        ),
        (
            EMPTY + b"(K\x01(J\xff\xff\xff\x7fJ\xff\xff\xff\x7ft" + BYTES + b"\x89U\x01atb",
            "an array of 2147483647×2147483647 values, and 1 of them",
        ),
        (EMPTY + b"(K\x01(G?\xf0\0\0\0\0\0\0t" + BYTES + b"\x89U\x01atb", "the step BINFLOAT"),
        (EMPTY + b"(K\x01(U\x01at" + BYTES + b"\x89U\x01atb", "a damaged pickle (an array whose sizes are no numbers)"),
        (b"r\xff\xff\xff\x7f", "a damaged pickle"),
        (b"p2147483647\n", "a damaged pickle"),
        (b"\x8e" + b"\xff" * 7 + b"\x0fab", "a damaged pickle"),
        (b"B\xff\xff\xff\x7fab", "a damaged pickle"),
        (b"\x95" + b"\xff" * 7 + b"\x0f", "a damaged pickle"),
        (b"cnumpy\nfrombuffer\n", "a pickle that holds `numpy.frombuffer`"),
        (b"cnumpy.core.multiarray\nscalar\n", "a pickle that holds `numpy.core.multiarray.scalar`"),
        (b"c_codecs\ndecode\n", "a pickle that holds `_codecs.decode`"),
        (b"c_codecs\nencode\n(N\x8c\x06latin1tR", "a damaged pickle (it encodes what is no text)"),
        (b"c_codecs\nencode\n(\x8c\x01a\x8c\x03hextR", "a damaged pickle (it encodes what is no text)"),
        (b"\x8c\x05numpy\x8c\x0eload.__class__\x93", "a pickle that holds `numpy.load.__class__`"),
        (b"\x82\x01", "the step EXT1"),
        (b"(i__main__\nX\n", "the step INST"),
        (b"Pabc\n", "the step PERSID"),
        (NDARRAY + b")\x81", "the step NEWOBJ"),
    ],
    ids=named,
)
def test_steps_that_no_batch_has(steps: bytes, found: str) -> None:
    """The stand-ins can be called in one way only; sizes that are declared are compared with what is there."""
    with pytest.raises(FaultError) as caught:
        read_pickle(b"\x80\x02}U\x04data" + steps + b"s.")
    assert found in str(caught.value)
