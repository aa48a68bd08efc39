"""Raw values: what stands in a spec after its expressions are evaluated, read as numbers and written back.

A raw value is a text, a number, a bool, or a list of these; text until an argument type has read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import isfinite
from sys import float_info
from typing import Any, Final

from cnnspec.ir.shapes import Shape, size_of
from cnnspec.text.limits import DIGITS, LARGEST
from cnnspec.text.tree import Scalar, Sequence, Tree

Raw = Any
_SQUARE: Final = str.maketrans("()", "[]")
FAULTY: Final = object()
"""Stands for a value whose fault is reported already."""
INTEGER: Final = re.compile(r"[+-]?\d[\d_]*")
REAL: Final = re.compile(r"[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+)?")
SIZES: Final = re.compile(r"\d+(x\d+)+")


def integer(raw: Raw) -> int:
    """Read an integer of at most 18 digits; a float without a fraction is one."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise ValueError  # noqa: TRY004 - the one signal for a value that does not fit
    if isinstance(raw, str):
        digits = raw.strip().replace("_", "")
        if not INTEGER.fullmatch(raw.strip()) or len(digits.lstrip("+-")) > DIGITS:
            raise ValueError
        raw = digits
    elif isinstance(raw, float) and not raw.is_integer():
        raise ValueError
    value = int(raw)
    if abs(value) > LARGEST:
        raise ValueError
    return value


def real(raw: Raw) -> float:
    """Read a finite number or a quotient of two."""
    if isinstance(raw, str):
        above, slash, below = raw.partition("/")
        if slash and _decimal(below) != 0:
            return _decimal(above) / _decimal(below)
        return _decimal(raw)
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not abs(raw) <= float_info.max:
        raise ValueError
    return float(raw)


def _decimal(text: str) -> float:
    if len(text) > 2 * DIGITS or not REAL.fullmatch(text.strip()) or not isfinite(float(text)):
        raise ValueError
    return float(text)


def sizes(raw: Raw) -> tuple[int, ...]:
    """Read one integer, `3x3` or a list of integers."""
    values = nested(raw)
    if isinstance(values, str):
        return tuple(integer(part.strip()) for part in re.split("[x×]", values))
    return tuple(integer(value) for value in values) if isinstance(values, list) else (integer(values),)


def written(value: Any) -> str:
    """Return any checked value as the spec language writes it.

    >>> written(((0, 1), (0, 1))), written(0.001), written(True)
    ('[[0,1],[0,1]]', '0.001', 'true')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return "[" + ",".join(written(part) for part in value) + "]"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < LARGEST else repr(value)
    return str(value)


def nested(raw: Raw) -> Raw:
    """Read the bracketed form `[[0,1],[0,1]]` that a token may have; Python's `(3, 3)` and `(3,)` are lists too."""
    if not isinstance(raw, str) or raw[:1] not in ("[", "("):
        return raw
    if not re.fullmatch(r"[\[\](),\d\s-]{2,200}", raw) or raw.count("[") + raw.count("(") > 4:
        raise ValueError
    import json  # noqa: PLC0415 - few specs have brackets inside a token

    lists = raw.translate(_SQUARE)
    return json.loads(re.sub(r",\s*\]", "]", lists))


def same_word(word: str, known: Iterable[str]) -> str:
    """Return the known word with the same letters; raise ValueError where there is none.

    >>> same_word("henormal", ["he_normal"])
    'he_normal'
    """
    letters = {known_word.replace("_", ""): known_word for known_word in known}
    try:
        return letters[word.replace("_", "").replace("-", "")]
    except KeyError:
        raise ValueError from None


def per_axis(value: tuple[Any, ...], rank: int) -> tuple[Any, ...]:
    """Repeat one value for every axis; raise ValueError where their number does not fit."""
    if len(value) == rank:
        return value
    if len(value) == 1:
        return value * rank
    raise ValueError


def has_expression(raw: Raw) -> bool:
    """Tell whether a raw value waits for variables."""
    return any(map(has_expression, raw)) if isinstance(raw, list) else isinstance(raw, str) and "$" in raw


def untyped(text: str) -> int | float | bool | str:
    """Return a value that has no declared type: an integer, a number, `true` or `false`, or a word."""
    for read in (integer, real):
        try:
            return read(text)
        except ValueError:
            continue
    return text == "true" if text in ("true", "false") else text


def shape_of(tree: Tree) -> Shape:
    """Read an input shape from a spec; raise ValueError for anything else."""
    if isinstance(tree, Scalar):
        return input_shape(tree.text)
    if isinstance(tree, Sequence) and all(isinstance(item, Scalar) for item in tree.items):
        return input_shape([item.text for item in tree.items if isinstance(item, Scalar)])
    raise ValueError


def input_shape(raw: Raw) -> Shape:
    """Read an input shape: one to five positive sizes, channels last; raise ValueError for anything else."""
    shape = sizes(raw)
    if not 1 <= len(shape) <= 5 or min(shape) < 1 or size_of(shape) > LARGEST:
        raise ValueError
    return shape
