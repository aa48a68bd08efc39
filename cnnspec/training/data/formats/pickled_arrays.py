"""What a pickle names of NumPy, and the arrays of bytes that it makes with these names; nothing is looked up."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cnnspec.errors import shorten
from cnnspec.training.data.files import FaultError

MOST_AXES: Final = 4
MOST_ARGUMENTS: Final = 4
LARGEST_SIZE: Final = 1 << 32


@dataclass(frozen=True, slots=True)
class Name:
    """What a pickle names."""

    module: str
    name: str


class Dtype:
    """The type of an array of bytes."""

    __slots__ = ()


class Array:
    """An array as a pickle describes it: first without its values."""

    __slots__ = ("values",)

    def __init__(self) -> None:
        """Begin without values."""
        self.values: NDArray[np.uint8] | None = None


_RECONSTRUCT: Final = (Name("numpy.core.multiarray", "_reconstruct"), Name("numpy._core.multiarray", "_reconstruct"))
_NDARRAY: Final = Name("numpy", "ndarray")
_DTYPE: Final = Name("numpy", "dtype")
_ENCODE: Final = Name("_codecs", "encode")
"""By this function Python 3 writes bytes in the pickles of Python 2."""
_NAMES: Final = frozenset((*_RECONSTRUCT, _NDARRAY, _DTYPE, _ENCODE))


def refused(what: str) -> FaultError:
    """Return the error about what only a program needs."""
    return FaultError(f"a pickle that holds {what}, which a data file does not need; it was not run")


def named(module: object, name: object) -> Name:
    """Return one of the names that a data file has; raise FaultError for all others."""
    found = Name(text(module), text(name))
    if found not in _NAMES:
        raise refused(f"`{shorten(f'{found.module}.{found.name}', 60)}`")
    return found


def called(name: object, arguments: object) -> object:
    """Return what a name makes of arguments: an array without values, its type, or bytes."""
    if type(name) is not Name or type(arguments) is not tuple or len(arguments) > MOST_ARGUMENTS:
        raise TypeError
    if name == _NDARRAY:
        raise FaultError("a damaged pickle (it calls numpy.ndarray)")
    first, *rest = arguments
    if name == _DTYPE:
        return _dtype(first)
    if name == _ENCODE:
        return _encoded(first, *rest)
    if type(first) is not Name or first != _NDARRAY:
        raise FaultError("a damaged pickle (it makes an array of no array)")
    return Array()


def _dtype(code: object) -> Dtype:
    if text(code) != "u1":
        raise FaultError(f"an array of type {shorten(text(code), 20)}, not of bytes (u1)")
    return Dtype()


def _encoded(characters: object, encoding: object) -> bytes:
    known = type(encoding) in (str, bytes) and encoding in ("latin1", b"latin1")
    if type(characters) is not str or not known:
        raise FaultError("a damaged pickle (it encodes what is no text)")
    return characters.encode("latin1")


def give_state(target: object, state: object) -> None:
    """Give an array its values; raise FaultError where the state is none."""
    if type(target) is Array:
        target.values = _values(state)
    elif type(target) is Name:
        raise FaultError("a damaged pickle (it gives a state to a name)")
    elif type(target) is not Dtype:
        raise TypeError


def _values(state: object) -> NDArray[np.uint8]:
    """Return the array that a state describes, which holds the version, shape, type, order and bytes."""
    match state:
        case (int(), tuple() as shape, Dtype(), bool() | int() as fortran, bytes() as content):
            pass
        case _:
            raise FaultError("a damaged pickle (an array without its values)")
    if not all(type(size) is int for size in shape):
        raise FaultError("a damaged pickle (an array whose sizes are no numbers)")
    possible = len(shape) <= MOST_AXES and all(0 <= size < LARGEST_SIZE for size in shape)
    if not possible or prod(shape) != len(content):
        sizes = shorten("×".join(map(str, shape[: MOST_AXES + 1])), 40)
        raise FaultError(f"an array of {sizes} values, and {len(content):,} of them")
    return np.frombuffer(content, np.uint8).reshape(shape, order="F" if fortran else "C")


def plain(value: Any) -> Any:
    """Return the values of an array; a list, a text or a number as it is."""
    if type(value) is not Array:
        return value
    if value.values is None:
        raise FaultError("a damaged pickle (an array without its values)")
    return value.values


def text(value: object) -> str:
    """Return a text that Python 2 or 3 has written; raise FaultError where it is none."""
    if type(value) is bytes:
        return value.decode("utf-8", "replace")
    if type(value) is str:
        return value
    raise FaultError("a damaged pickle (a name that is no text)")
