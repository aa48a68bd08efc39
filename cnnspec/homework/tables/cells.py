"""What stands in a cell: numbers and shapes in the spellings that students use, and small formulas."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from fractions import Fraction
from typing import Final, NamedTuple

from cnnspec.ir.shapes import Shape
from cnnspec.language.expressions import ExpressionError, evaluate
from cnnspec.text.limits import DIGITS

Number = int | Fraction
Answer = Number | tuple[Number, ...]
LONGEST: Final = 200
_GROUPED: Final = re.compile(r"\d{1,3}(?:[,\u00a0\u202f '’_.]\d{3})+")
_PLAIN: Final = re.compile(r"[+-]?\d+(?:\.\d+)?")
_FORMULA: Final = re.compile(r"[\d\s+\-*/^().]+", re.ASCII)
_BATCH: Final = re.compile(r"none|\?|m|b|n|batch|batch_size|-1", re.IGNORECASE)
_NOTHING: Final = frozenset({"", "-", "--", "–", "—", "n/a", "na", "none", "/"})
_SIGNS: Final = str.maketrans(
    {"×": "*", "·": "*", "⋅": "*", "∗": "*", "−": "-", "÷": "/", "\u00a0": " ", "\u202f": " "}
)


class UnreadableError(ValueError):
    """A cell that holds neither what was asked for nor a formula for it."""


class Reading(NamedTuple):
    """A cell's value, how it was computed if it was a formula, and what was strange about its form."""

    value: Answer
    formula: str = ""
    remark: str = ""


def is_blank(text: str) -> bool:
    """Tell whether a cell holds nothing: it is empty or a dash."""
    return text.strip().lower() in _NOTHING


def read_number(text: str) -> Reading:
    """Return the number in a cell; raise UnreadableError.

    >>> read_number("3,072").value, read_number("5*5*3*8 + 8").value, read_number("608 = (5x5x3+1)x8").value
    (3072, 608, 608)
    """
    cleaned = _bare(text)
    number = _number(cleaned)
    if number is not None:
        remark = "`.` was read as a thousands separator" if "." in cleaned and isinstance(number, int) else ""
        return Reading(number, remark=remark)
    left, equals, right = (part.strip() for part in cleaned.rpartition("="))
    if not equals:
        return Reading(_evaluated(cleaned, text), cleaned)
    result = _number(right)
    if result is not None:
        return Reading(result, left)
    first = _number(left)
    return Reading(_evaluated(right, text) if first is None else first, right)


def evaluate_formula(formula: str) -> Number | None:
    """Return what a formula of a cell gives, None where it is none.

    >>> evaluate_formula("5·5·3·8 + 8")
    608
    """
    try:
        return _evaluated(_bare(formula), formula)
    except UnreadableError:
        return None


def read_shape(text: str, vectors: Collection[int] = ()) -> Reading:
    """Return the shape in a cell, without a batch axis; raise UnreadableError.

    `1,568` is a vector of that length if that is one of `vectors`, else two axes.

    >>> read_shape("28x28x8").value, read_shape("(None, 28, 28, 8)").remark, read_shape("6@28x28").value
    ((28, 28, 8), 'the batch axis was dropped', (28, 28, 6))
    """
    parts = _parts(text)
    body = _inside(text)
    grouped = _number(body) if _GROUPED.fullmatch(body) else None
    if grouped in vectors and grouped is not None:
        return Reading((grouped,))
    dropped = len(parts) > 1 and _BATCH.fullmatch(parts[0]) is not None
    sizes = [_number(part) for part in (parts[1:] if dropped else parts)]
    if not sizes or len(sizes) > 5 or any(size is None for size in sizes):
        raise UnreadableError(text)
    remark = "the batch axis was dropped" if dropped else ""
    return Reading(tuple(size for size in sizes if size is not None), remark=remark)


def _inside(text: str) -> str:
    return text.strip().strip("[](){}`'\"$ ").rstrip(",")


def _parts(text: str) -> list[str]:
    """Return the axes of a shape as they are written, channels last: LeCun's `6@28x28` has them first."""
    if len(text) > LONGEST:
        raise UnreadableError(text)
    body = _inside(text)
    channels, at, rest = body.partition("@")
    if at:
        body = f"{rest},{channels}" if channels.strip().isdecimal() else f"{channels},{rest}"
    parts = [part.strip() for part in re.split(r"\s*[,;x×*·∗X]\s*|\s+by\s+", body) if part.strip()]
    return body.split() if len(parts) == 1 and " " in body else parts


def lengths(answers: Iterable[Answer]) -> tuple[int, ...]:
    """Return the lengths of the vectors among answers."""
    return tuple(int(answer[0]) for answer in answers if isinstance(answer, tuple) and len(answer) == 1)


def batch_of(text: str, expected: Shape) -> int | None:
    """Return the number that stands before a shape as its batch axis.

    >>> batch_of("(32, 28, 28, 8)", (28, 28, 8))
    32
    """
    try:
        given = read_shape(text).value
    except UnreadableError:
        return None
    if not isinstance(given, tuple) or len(expected) < 2 or given[1:] != expected:
        return None
    return given[0] if isinstance(given[0], int) and given[0] > 1 else None


def same_shape(given: tuple[Number, ...], expected: Shape) -> str | None:
    """Return None where two shapes differ, else a remark on the form, which is empty for the usual one.

    `(120, 1)`, `(1, 120)` and `(1, 1, 120)` are the vector `(120,)`; channels may stand first.
    """
    if not given:
        return None
    vector = expected if expected != (1,) else ()
    if given == expected or (len(expected) == 1 and tuple(size for size in given if size != 1) == vector):
        return ""
    if given[1:] == expected and given[0] >= 1:
        return "the batch axis was dropped"
    if len(expected) > 1 and (*given[1:], given[0]) == expected:
        return "the channels stand first; this course writes them last"
    if len(given) == len(expected) == 3 and (given[1], given[0], given[2]) == expected:
        return "height and width are swapped; the height stands first"
    return None


def _bare(text: str) -> str:
    if len(text) > LONGEST:
        raise UnreadableError(text)
    cleaned = text.strip().translate(_SIGNS).strip("`'\"$ ")
    return re.sub(r"\s*(params?|parameters|macs?|bytes)\.?$", "", cleaned, flags=re.IGNORECASE)


def _number(text: str) -> Number | None:
    if len(text) <= DIGITS + DIGITS // 3 and _GROUPED.fullmatch(text) and not re.fullmatch(r"0\.\d{3}", text):
        return int(re.sub(r"\D", "", text))
    if not _PLAIN.fullmatch(text) or len(text) > DIGITS + 1:
        return None
    value = Fraction(text)
    return int(value) if value.denominator == 1 else value


def _evaluated(cleaned: str, text: str) -> Number:
    expression = re.sub(r"(?<=\d)[, '’_](?=\d{3}(?!\d))", "", cleaned).replace("^", "**")
    expression = re.sub(r"(?<=[\d)])\s*[xX]\s*(?=[\d(])", "*", expression)
    if not _FORMULA.fullmatch(expression):
        raise UnreadableError(text)
    try:
        value = evaluate(expression, {})
    except ExpressionError:
        raise UnreadableError(text) from None
    if isinstance(value, int):
        return int(value)
    return int(value) if float(value).is_integer() else Fraction(value).limit_denominator(10**6)
