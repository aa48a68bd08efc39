"""The pickles that CIFAR comes in: read by an unpickler for which nothing exists but arrays of bytes.

A pickle is a program. This one may build lists, texts and numbers, and may name four things of NumPy, for which it gets
stand-ins that only write down what they are told; everything else ends the reading.
"""

from __future__ import annotations

import io
import pickle
import pickletools
from math import prod
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cnnspec.errors import shorten
from cnnspec.training.data.files import FaultError

_DAMAGE: Final = (
    pickle.UnpicklingError,
    AttributeError,
    EOFError,
    ImportError,
    IndexError,
    KeyError,
    MemoryError,
    OverflowError,
    RecursionError,
    TypeError,
    UnicodeError,
    ValueError,
)
_NEEDED: Final = frozenset(
    (
        *("PROTO", "FRAME", "STOP", "MARK", "POP", "POP_MARK", "NONE", "NEWTRUE", "NEWFALSE"),
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "STRING", "BINSTRING", "SHORT_BINSTRING"),
        *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
        *("EMPTY_LIST", "LIST", "APPEND", "APPENDS", "EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"),
        *("EMPTY_DICT", "DICT", "SETITEM", "SETITEMS", "GLOBAL", "STACK_GLOBAL", "REDUCE", "BUILD"),
        *("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE", "GET", "BINGET", "LONG_BINGET"),
    )
)
"""The steps of a pickle that holds a dictionary of lists and arrays."""
_STORES: Final = frozenset(("PUT", "BINPUT", "LONG_BINPUT"))


def read_pickle(content: bytes) -> dict[str, object]:
    """Return the dictionary in a pickle: texts and numbers, lists of them, arrays of bytes.

    Raises FaultError where the pickle is damaged, or does anything else.
    """
    try:
        _inspect(content)
        result = _Reader(io.BytesIO(content), encoding="bytes").load()
    except FaultError:
        raise
    except _DAMAGE:
        raise FaultError("a damaged pickle") from None
    if not isinstance(result, dict):
        raise FaultError("a pickle without a dictionary")
    return {_text(key): _plain(value) for key, value in result.items()}


def _inspect(content: bytes) -> None:
    """Raise FaultError for steps that data do not need, before the first of them is taken.

    Places in the memo are counted from 0; for a far higher one the unpickler would reserve gigabytes.
    """
    for count, (opcode, argument, _) in enumerate(pickletools.genops(content), start=1):
        if opcode.name not in _NEEDED:
            raise _refused(f"the step {opcode.name}")
        if opcode.name in _STORES and int(argument or 0) > count:
            raise FaultError("a damaged pickle (its memo has gaps)")


def _refused(what: str) -> FaultError:
    return FaultError(f"a pickle that holds {what}, which a data file does not need; it was not run")


class _Reader(pickle.Unpickler):
    """An unpickler that knows four names, and gives a stand-in for each."""

    def find_class(self, module: str, name: str, /) -> Any:
        """Return the stand-in for a name; raise FaultError for all but four."""
        module, name = _text(module), _text(name)
        try:
            return _STAND_INS[module, name]()
        except KeyError:
            raise _refused(f"`{shorten(f'{module}.{name}', 60)}`") from None


class _StandIn:
    """What a pickle gets instead of a function or a class: it can be called, and nothing else."""

    __slots__ = ()

    def __setstate__(self, state: object) -> None:
        raise FaultError("a damaged pickle (it gives a state to a name)")


class _ArrayName(_StandIn):
    """Instead of numpy.ndarray."""

    __slots__ = ()

    def __call__(self, *_: object) -> object:
        raise FaultError("a damaged pickle (it calls numpy.ndarray)")


class _Reconstruct(_StandIn):
    """Instead of numpy's function that makes an empty array."""

    __slots__ = ()

    def __call__(self, kind: object, *_: object) -> _Array:
        if not isinstance(kind, _ArrayName):
            raise FaultError("a damaged pickle (it makes an array of no array)")
        return _Array()


class _DtypeName(_StandIn):
    """Instead of numpy.dtype."""

    __slots__ = ()

    def __call__(self, code: object, /, *_: object) -> _Dtype:
        if _text(code) != "u1":
            raise FaultError(f"an array of type {shorten(_text(code), 20)}, not of bytes (u1)")
        return _Dtype()


class _Encode(_StandIn):
    """Instead of _codecs.encode, by which Python 3 writes bytes in the pickles of Python 2."""

    __slots__ = ()

    def __call__(self, text: object, encoding: object, /) -> bytes:
        if not isinstance(text, str) or encoding not in ("latin1", b"latin1"):
            raise FaultError("a damaged pickle (it encodes what is no text)")
        return text.encode("latin1")


class _Dtype:
    """The type of an array of bytes; its state tells nothing more."""

    __slots__ = ()

    def __setstate__(self, state: object) -> None:
        pass


class _Array:
    """An array as a pickle describes it."""

    __slots__ = ("values",)
    values: NDArray[np.uint8]

    def __setstate__(self, state: object) -> None:
        match state:
            case (int(), tuple() as shape, _Dtype(), bool() | int() as fortran, bytes() as content):
                pass
            case _:
                raise FaultError("a damaged pickle (an array without its values)")
        if not all(type(size) is int and size >= 0 for size in shape) or prod(shape) != len(content):
            sizes = shorten("×".join(map(str, shape)), 40)
            raise FaultError(f"an array of {sizes} values, and {len(content):,} of them")
        self.values = np.frombuffer(content, np.uint8).reshape(shape, order="F" if fortran else "C")


_STAND_INS: Final[dict[tuple[str, str], type[_StandIn]]] = {
    ("numpy.core.multiarray", "_reconstruct"): _Reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _Reconstruct,
    ("numpy", "ndarray"): _ArrayName,
    ("numpy", "dtype"): _DtypeName,
    ("_codecs", "encode"): _Encode,
}


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, str):
        return value
    raise FaultError("a damaged pickle (a name that is no text)")


def _plain(value: object) -> object:
    """Return a value of the dictionary without stand-ins: an array, or a list, or else a text or number."""
    if isinstance(value, _Array):
        try:
            return value.values
        except AttributeError:
            raise FaultError("a damaged pickle (an array without its values)") from None
    return value
