"""What stands in a cell: numbers and shapes in the spellings that students use, and small formulas."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

from cnnspec.ir.shapes import Shape
from cnnspec.language.expressions import ExpressionError, evaluate
from cnnspec.text.limits import DIGITS

Number = int | Fraction
Answer = Number | tuple[Number, ...]
LONGEST: Final = 200
CHANNELS_FIRST: Final = "the channels stand first; this course writes them last"
BATCH_DROPPED: Final = "the batch axis was dropped"
KNOWN: Final = 4096
"""How many texts are remembered with what they say: a class writes the same ones."""
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
    """A cell's value, how it was computed if it was a formula, and what was strange about its form.

    `within` is how far the right number may be away from one that is `rounded`, as `61.7k` is.
    """

    value: Answer
    formula: str = ""
    remark: str = ""
    within: Fraction = Fraction(0)

    def may_be(self, answer: Answer) -> bool:
        """Tell whether a rounded number may be an answer that it does not equal."""
        if not self.within or isinstance(answer, tuple) or isinstance(self.value, tuple):
            return False
        return abs(Fraction(self.value) - Fraction(answer)) <= self.within


def is_blank(text: str) -> bool:
    """Tell whether a cell holds nothing: it is empty or a dash."""
    return text.strip().lower() in _NOTHING


@lru_cache(maxsize=KNOWN)
def is_number(text: str) -> bool:
    """Tell whether a cell holds one number as it is written, with separators or without."""
    return len(text) <= LONGEST and _number(_bare(text)) is not None


@lru_cache(maxsize=KNOWN)
def read_number(text: str, scale: int = 1) -> Reading:
    """Return the number in a cell, alone or in a few words; raise UnreadableError.

    With a `scale`, such as thousands, a point or a comma stands before decimals.

    >>> read_number("3,072").value, read_number("5*5*3*8 + 8").value, read_number("608 = (5x5x3+1)x8").value
    (3072, 608, 608)
    >>> read_number("10,164 (incl. biases)").value, read_number("no parameters").value, read_number("608,0").value
    (10164, 0, 608)
    >>> read_number("61.7k")
    Reading(value=61700, formula='', remark='', within=Fraction(50, 1))
    """
    if scale > 1 and _DECIMAL.fullmatch(text.strip()):
        value = Fraction(text.strip().replace(",", ".")) * scale
        return Reading(int(value) if value.denominator == 1 else value)
    try:
        return _read_number(text)
    except UnreadableError:
        reading = read_words(text)
        if reading is None:
            raise
        return reading


def _read_number(text: str) -> Reading:
    cleaned = _bare(text)
    number = _number(cleaned)
    if number is not None:
        has_groups = "." in cleaned and not (_PLAIN.fullmatch(cleaned) and Fraction(cleaned) == number)
        return Reading(number, remark="`.` was read as a thousands separator" if has_groups else "")
    left, equals, right = (part.strip() for part in cleaned.rpartition("="))
    if not equals:
        return Reading(_evaluated(cleaned, text), cleaned)
    result = _number(right)
    if result is not None:
        return Reading(result, left)
    first = _number(left)
    return Reading(_evaluated(right, text) if first is None else first, right)


def read_words(text: str) -> Reading | None:
    """Return the one number that a few words speak of, None where they speak of none or of several."""
    if len(text) > LONGEST:
        return None
    plain = re.sub(r"\([^()]*[^\W\d_xX][^()]*\)", " ", text.strip().translate(_SIGNS).strip("`'\"$ "))
    return _read_words(plain.strip().rstrip(".").lower()) or _one_of(plain)


def _read_words(text: str) -> Reading | None:
    """Return what a word for zero, a rounded number, or one with decimals of zero says."""
    if _NONE.fullmatch(text):
        return Reading(0)
    if found := _ROUNDED.fullmatch(text):
        unit = _UNITS[found[3]]
        step = Fraction(unit, 10 ** len(found[2] or ""))
        value = Fraction(f"{found[1]}.{found[2] or 0}") * unit
        return Reading(int(value) if value.denominator == 1 else value, within=step / 2)
    found = _DECIMAL_ZERO.fullmatch(text)
    return Reading(int(re.sub(r"\D", "", found[1]))) if found else None


def _one_of(plain: str) -> Reading | None:
    """Return the number among words, where there is but one."""
    pieces = _MATHS.findall(plain)
    if not _SENTENCE.fullmatch(_MATHS.sub("", plain)) or any(map(_SIDES.fullmatch, pieces)):
        return None
    values: dict[Number, str] = {}
    for piece in pieces:
        try:
            reading = _read_number(piece.strip(" =,.+-*/"))
        except UnreadableError:
            return None
        if not isinstance(reading.value, tuple):
            values[reading.value] = values.get(reading.value) or reading.formula
    return Reading(*next(iter(values.items()))) if len(values) == 1 else None


_DECIMAL: Final = re.compile(r"\d{1,9}([.,]\d{1,9})?")
_NONE: Final = re.compile(
    r"(none|no|nothing|zero|nil|keine?|null|aucun|zéro|ninguno|ningún|cero|nenhum|sem|sin|sans|không(?: có)?|"
    r"无|無|没有|零|なし|無し|ゼロ|없음|영)(\s*[^\W\d_]+){0,3}"
)
"""Words for zero, with what there is none of."""
_UNITS: Final = {"k": 1_000, "m": 1_000_000, "mio": 1_000_000, "thousand": 1_000, "million": 1_000_000, "b": 10**9}
_ROUNDED: Final = re.compile(
    r"(?:~|≈|ca\.?|about|approx\.?)?\s*(\d{1,9})(?:[.,](\d{1,3}))?\s*(k|m|mio|thousand|million|b)"
)
_DECIMAL_ZERO: Final = re.compile(r"(\d{1,3}(?:[. '’]\d{3})+|\d+),0{1,2}")
_MATHS: Final = re.compile(r"(?<!\w)(?:[\d(][\d\s+\-*/^()=.,xX]*[\d)]|\d)(?!\w)")
_SIDES: Final = re.compile(r"\d+(\s*[xX]\s*\d+)+")
_SENTENCE: Final = re.compile(r"(?:[^\W\d_]|[~≈.,;:?!=\s])*")
"""What stands around a number in words: letters and punctuation, nothing that computes."""


def evaluate_formula(formula: str) -> Number | None:
    """Return what a formula of a cell gives, None where it is none.

    >>> evaluate_formula("5·5·3·8 + 8")
    608
    """
    try:
        return _evaluated(_bare(formula), formula)
    except UnreadableError:
        return None


@lru_cache(maxsize=KNOWN)
def read_shape(text: str, vectors: tuple[int, ...] = ()) -> Reading:
    """Return the shape in a cell, without a batch axis; raise UnreadableError.

    `1,568` is a vector of that length if that is one of `vectors`, else two axes.

    >>> read_shape("28x28x8").value, read_shape("(None, 28, 28, 8)").remark, read_shape("6@28x28").value
    ((28, 28, 8), 'the batch axis was dropped', (28, 28, 6))
    """
    text = _WORDS_BEHIND.sub("", text)
    parts = _parts(text)
    body = _inside(text)
    grouped = _number(body) if _GROUPED.fullmatch(body) else None
    if grouped in vectors and grouped is not None:
        return Reading((grouped,))
    dropped = len(parts) > 1 and _BATCH.fullmatch(parts[0]) is not None
    sizes = [_number(part) for part in (parts[1:] if dropped else parts)]
    if not sizes or len(sizes) > 5 or any(size is None for size in sizes):
        raise UnreadableError(text)
    remark = BATCH_DROPPED if dropped else ""
    return Reading(tuple(size for size in sizes if size is not None), remark=remark)


_WORDS_BEHIND: Final = re.compile(
    r"(?<=\d)\s+[^\W\d_]{3,}(\s+[^\W\d_]+)?\s*$|(?<=[\d)])\s+\([^()]*[^\W\d_]{2}[^()]*\)\s*$"
)
"""What a shape is called behind it, as in `120 neurons`."""


def _inside(text: str) -> str:
    return text.strip().removeprefix("torch.Size").strip("[](){}`'\"$ ").rstrip(",")


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
    batched = len(given) - 1 == len(expected) and given[0] >= 1
    sizes = given[1:] if batched else given
    first = len(expected) > 1 and sizes != expected == (*sizes[1:], sizes[0])
    if first or (batched and sizes == expected):
        return "; ".join([*([BATCH_DROPPED] if batched else []), *([CHANNELS_FIRST] if first else [])])
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
