"""What stands in a cell: numbers and shapes in the spellings that students use, and small formulas."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final, NamedTuple

from cnnspec.ir.expressions import ExpressionError, evaluate
from cnnspec.ir.shapes import Shape
from cnnspec.spec.limits import DIGITS

Number = int | Fraction
LONGEST: Final = 200
_GROUPED: Final = re.compile(r"\d{1,3}(?:[,\u00a0\u202f '_.]\d{3})+")
_PLAIN: Final = re.compile(r"[+-]?\d+(?:\.\d+)?")
_FORMULA: Final = re.compile(r"[\d\s+\-*/^().]+")
_BATCH: Final = re.compile(r"none|\?|m|b|n|batch|batch_size|-1", re.IGNORECASE)
_NOTHING: Final = frozenset({"", "-", "–", "—", "n/a", "na", "none", "/"})
_SIGNS: Final = str.maketrans(
    {"×": "*", "·": "*", "⋅": "*", "∗": "*", "−": "-", "÷": "/", "\u00a0": " ", "\u202f": " "}
)


class UnreadableError(ValueError):
    """A cell that holds neither what was asked for nor a formula for it."""


class Reading(NamedTuple):
    """A cell's value, how it was computed if it was a formula, and what was strange about its form."""

    value: Number | tuple[Number, ...]
    formula: str = ""
    remark: str = ""


def is_blank(text: str) -> bool:
    """Tell whether a cell holds nothing: it is empty or a dash."""
    return text.strip().lower() in _NOTHING


def read_number(text: str) -> Reading:
    """Return the number in a cell; raise UnreadableError.

    >>> read_number("3,072").value, read_number("5*5*3*8 + 8").value
    (3072, 608)
    """
    cleaned = _bare(text)
    number = _number(cleaned)
    if number is not None:
        remark = "`.` was read as a thousands separator" if "." in cleaned and isinstance(number, int) else ""
        return Reading(number, remark=remark)
    left, equals, right = cleaned.rpartition("=")
    if equals:
        result = _number(right.strip())
        if result is None:
            raise UnreadableError(text)
        return Reading(result, left.strip())
    return Reading(_evaluated(cleaned, text), cleaned)


def read_shape(text: str) -> Reading:
    """Return the shape in a cell, without a batch axis; raise UnreadableError.

    >>> read_shape("28x28x8").value, read_shape("(None, 28, 28, 8)").remark
    ((28, 28, 8), 'the batch axis was dropped')
    """
    if len(text) > LONGEST:
        raise UnreadableError(text)
    body = text.strip().strip("[](){}").strip().rstrip(",")
    parts = [part.strip() for part in re.split(r"\s*[,;x×*·∗X]\s*|\s+by\s+", body) if part.strip()]
    if len(parts) == 1 and " " in body:
        parts = body.split()
    dropped = len(parts) > 1 and _BATCH.fullmatch(parts[0]) is not None
    sizes = [_number(part) for part in (parts[1:] if dropped else parts)]
    if not sizes or len(sizes) > 5 or any(size is None for size in sizes):
        raise UnreadableError(text)
    remark = "the batch axis was dropped" if dropped else ""
    return Reading(tuple(size for size in sizes if size is not None), remark=remark)


def same_shape(given: tuple[Number, ...], expected: Shape) -> str | None:
    """Return None where two shapes differ, else a remark on the form, which is empty for the usual one.

    `(120, 1)`, `(1, 120)` and `(1, 1, 120)` are the vector `(120,)`; channels may stand first.
    """
    if given == expected:
        return ""
    if len(expected) == 1:
        return (
            ""
            if tuple(size for size in given if size != 1) in (expected, ()) and _product(given) == expected[0]
            else None
        )
    if len(given) == len(expected) and (given[-1:] and (*given[1:], given[0]) == expected):
        return "the channels stand first; this course writes them last"
    return None


def _product(sizes: tuple[Number, ...]) -> Number:
    result: Number = 1
    for size in sizes:
        result *= size
    return result


def _bare(text: str) -> str:
    if len(text) > LONGEST:
        raise UnreadableError(text)
    cleaned = text.strip().translate(_SIGNS).strip("`'\"$ ")
    return re.sub(r"\s*(params?|parameters|macs?|bytes)\.?$", "", cleaned, flags=re.IGNORECASE)


def _number(text: str) -> Number | None:
    if _GROUPED.fullmatch(text) and not re.fullmatch(r"0\.\d{3}", text):
        return int(re.sub(r"\D", "", text))
    if not _PLAIN.fullmatch(text) or len(text) > DIGITS + 1:
        return None
    value = Fraction(text)
    return int(value) if value.denominator == 1 else value


def _evaluated(cleaned: str, text: str) -> Number:
    expression = re.sub(r"(?<=\d),(?=\d{3}\b)", "", cleaned).replace("^", "**")
    expression = re.sub(r"(?<=[\d)])\s*[x]\s*(?=[\d(])", "*", expression)
    if not _FORMULA.fullmatch(expression):
        raise UnreadableError(text)
    try:
        value = evaluate(expression, {})
    except ExpressionError:
        raise UnreadableError(text) from None
    return int(value) if float(value).is_integer() else Fraction(value).limit_denominator(10**6)
