"""The types of arguments: what each accepts, how it reads, and how it is written back.

A raw value is what stands in a spec after its expressions are evaluated: a text, a number, a bool, or a list of
these. `read` turns it into a checked value or raises ValueError; `bind` fits a value to the number of spatial axes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from math import inf, isfinite
from typing import Any, Final, NamedTuple

from cnnspec.spec.limits import DIGITS, LARGEST

Raw = Any
"""str | int | float | bool | list[Raw]; text until an argument type has read it."""
REQUIRED: Final = object()
_INTEGER: Final = re.compile(r"[+-]?\d+")
_REAL: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_SIZES: Final = re.compile(r"\d+(x\d+)+")
_TRUTH: Final = {"true": True, "yes": True, "false": False, "no": False}


class ArgType:
    """What an argument accepts; `accepts` finishes the sentence 'must be ...'."""

    accepts = "a value"

    def read(self, raw: Raw) -> Any:
        """Return the checked value, or raise ValueError."""
        raise NotImplementedError  # every type below reads in its own way

    def claims(self, token: str) -> bool:
        """Tell whether a bare token of the short form can only be meant for this argument."""
        return False

    def words(self, name: str) -> Mapping[str, Raw]:
        """Return the bare words that stand for values of this argument."""
        return {}

    def bind(self, value: Any, rank: int) -> Any:
        """Fit a value to the number of spatial axes, or raise ValueError."""
        return value

    def write(self, value: Any) -> str:
        """Return a value as the spec language writes it."""
        return written(value)


class Count(ArgType):
    """An integer with a least value."""

    def __init__(self, least: int = 1, *, positional: bool = False) -> None:
        """Take the least value, and whether a bare integer means this argument."""
        self.least = least
        self.positional = positional

    @property
    def accepts(self) -> str:  # type: ignore[override] # depends on the least value
        """The integers that are allowed."""
        return {1: "a positive integer", 0: "an integer ≥ 0"}.get(self.least, f"an integer ≥ {self.least}")

    def read(self, raw: Raw) -> int:
        """Read an integer."""
        value = integer(raw)
        if value < self.least:
            raise ValueError
        return value

    def claims(self, token: str) -> bool:
        """Claim an integer."""
        return self.positional and _INTEGER.fullmatch(token) is not None


class PerAxis(ArgType):
    """A size per spatial axis; one number stands for all axes."""

    def __init__(self, least: int = 1, *, claims_sizes: bool = False, claims_integer: bool = False) -> None:
        """Take the least value, and whether bare `3x3` and a bare `3` mean this argument."""
        self.least = least
        self.claims_sizes = claims_sizes
        self.claims_integer = claims_integer

    @property
    def accepts(self) -> str:  # type: ignore[override] # depends on the least value
        """The forms that are allowed."""
        return f"integers ≥ {self.least}, one for all axes or one per axis, such as `3` or `3x3`"

    def read(self, raw: Raw) -> tuple[int, ...]:
        """Read `3`, `3x3` or `[3, 3]`."""
        values = sizes(raw)
        if not 1 <= len(values) <= 3 or min(values) < self.least:
            raise ValueError
        return values

    def claims(self, token: str) -> bool:
        """Claim `3x3`, and an integer where nothing else takes integers."""
        if self.claims_sizes and _SIZES.fullmatch(token):
            return True
        return self.claims_integer and _INTEGER.fullmatch(token) is not None

    def bind(self, value: tuple[int, ...], rank: int) -> tuple[int, ...]:
        """Repeat one number for every axis."""
        return _per_axis(value, rank)

    def write(self, value: tuple[int, ...]) -> str:
        """Write `3x3`."""
        return "x".join(map(str, value))


class Margins(ArgType):
    """Numbers of rows before and after, per spatial axis: padding and cropping."""

    def __init__(self, keywords: tuple[str, ...] = (), *, positional: bool = False) -> None:
        """Take the words that are allowed beside numbers, and whether bare numbers mean this argument."""
        self.keywords = keywords
        self.positional = positional

    @property
    def accepts(self) -> str:  # type: ignore[override] # depends on the keywords
        """The forms that are allowed."""
        words = "".join(f"`{word}`, " for word in self.keywords)
        return f"{words}{'or ' if words else ''}explicit numbers such as `1`, `1x2` or `[[0, 1], [0, 1]]`"

    def read(self, raw: Raw) -> str | tuple[tuple[int, int], ...]:
        """Read a keyword or explicit numbers."""
        if isinstance(raw, str) and raw.lower() in self.keywords:
            return raw.lower()
        values = _nested(raw)
        if isinstance(values, list) and any(isinstance(value, list) for value in values):
            pairs = [sizes(value) for value in values]
        else:
            pairs = [(size, size) for size in sizes(values)]
        if not 1 <= len(pairs) <= 3 or any(len(pair) != 2 or min(pair) < 0 for pair in pairs):
            raise ValueError
        return tuple((pair[0], pair[1]) for pair in pairs)

    def claims(self, token: str) -> bool:
        """Claim numbers and bracketed numbers."""
        return self.positional and (_SIZES.fullmatch(token) is not None or token[:1] in "[0123456789")

    def words(self, name: str) -> Mapping[str, Raw]:
        """`same` and `valid`."""
        return {word: word for word in self.keywords}

    def bind(self, value: Any, rank: int) -> Any:
        """Repeat one number for every axis."""
        return value if isinstance(value, str) else _per_axis(value, rank)

    def write(self, value: Any) -> str:
        """Write a keyword, `1`, `1x2` or `[[0,1],[0,1]]`."""
        if isinstance(value, str):
            return value
        if any(before != after for before, after in value):
            return written(value)
        return "x".join(str(before) for before, _ in value) if len({*value}) > 1 else str(value[0][0])


class Flag(ArgType):
    """True or false; the bare words are the argument's name, and the name behind `no`."""

    accepts = "`true` or `false`"

    def read(self, raw: Raw) -> bool:
        """Read a truth value."""
        if isinstance(raw, bool):
            return raw
        if isinstance(raw, str) and raw.lower() in _TRUTH:
            return _TRUTH[raw.lower()]
        raise ValueError

    def words(self, name: str) -> Mapping[str, Raw]:
        """`bias` and `nobias`."""
        return {name: "true", f"no{name}": "false"}


class Real(ArgType):
    """A finite number, within bounds."""

    def __init__(self, least: float = -inf, most: float = inf, *, positional: bool = False) -> None:
        """Take the bounds, and whether a bare number means this argument."""
        self.least = least
        self.most = most
        self.positional = positional

    @property
    def accepts(self) -> str:  # type: ignore[override] # depends on the bounds
        """The numbers that are allowed."""
        if isfinite(self.least) and isfinite(self.most):
            return f"a number from {written(self.least)} to {written(self.most)}"
        return f"a number ≥ {written(self.least)}" if isfinite(self.least) else "a number"

    def read(self, raw: Raw) -> float:
        """Read a number; a quotient such as `1/255` is one too."""
        value = real(raw)
        if not self.least <= value <= self.most:
            raise ValueError
        return value

    def claims(self, token: str) -> bool:
        """Claim numbers."""
        return self.positional and all(_REAL.fullmatch(part) for part in token.split("/", 1))


class Reals(ArgType):
    """One number or a list of numbers."""

    accepts = "a number or a list of numbers"

    def read(self, raw: Raw) -> tuple[float, ...]:
        """Read one or several numbers."""
        values = raw if isinstance(raw, list) else [raw]
        if not values:
            raise ValueError
        return tuple(real(value) for value in values)


class Choice(ArgType):
    """One of several words; `aliases` maps other spellings to them."""

    def __init__(
        self, options: tuple[str, ...], aliases: tuple[tuple[str, str], ...] = (), *, bare: bool = True
    ) -> None:
        """Take the words, other spellings of them, and whether a bare word means this argument."""
        self.options = options
        self.aliases = aliases
        self.bare = bare

    @property
    def accepts(self) -> str:  # type: ignore[override] # depends on the options
        """The words that are allowed."""
        return "one of " + ", ".join(f"`{option}`" for option in self.options)

    def read(self, raw: Raw) -> str:
        """Read a word."""
        word = str(raw).lower()
        word = dict(self.aliases).get(word, word)
        if word not in self.options:
            raise ValueError
        return word

    def words(self, name: str) -> Mapping[str, Raw]:
        """Every option and every other spelling."""
        return {word: word for word in (*self.options, *(alias for alias, _ in self.aliases))} if self.bare else {}


class Dims(ArgType):
    """Dimensions such as `7x7x64`; `free` allows one of them to be left to compute as `-1`."""

    def __init__(self, *, free: bool = False, positional: bool = True) -> None:
        """Take whether one dimension may be `-1`, and whether bare dimensions mean this argument."""
        self.free = free
        self.positional = positional

    @property
    def accepts(self) -> str:  # type: ignore[override] # depends on `free`
        """The forms that are allowed."""
        return "positive integers such as `7x7x64`" + (", one of which may be `-1`" if self.free else "")

    def read(self, raw: Raw) -> tuple[int, ...]:
        """Read `7x7x64` or `[7, 7, 64]`."""
        values = sizes(raw)
        computed = values.count(-1) if self.free else 0
        if not values or computed > 1 or min((v for v in values if v != -1 or not self.free), default=1) < 1:
            raise ValueError
        return values

    def claims(self, token: str) -> bool:
        """Claim `7x7x64` and integers."""
        return self.positional and all(_INTEGER.fullmatch(part) for part in token.split("x"))

    def write(self, value: tuple[int, ...]) -> str:
        """Write `7x7x64`."""
        return "x".join(map(str, value))


class Word(ArgType):
    """A word that only its reader knows."""

    accepts = "a word"

    def read(self, raw: Raw) -> str:
        """Read a word of at most 200 characters."""
        if not isinstance(raw, str) or not 0 < len(raw) <= 200:
            raise ValueError
        return raw


class Words(ArgType):
    """One word or a list of words."""

    accepts = "a word or a list of words"

    def read(self, raw: Raw) -> tuple[str, ...]:
        """Read words."""
        return tuple(Word().read(word) for word in (raw if isinstance(raw, list) else [raw]))


class Arg(NamedTuple):
    """One argument of a kind: its type, its default, and the symbol that formulas use for it.

    `always` arguments are part of a layer's configuration even at their default; `default` may be a function of the
    other values.
    """

    type: ArgType
    default: Any = REQUIRED
    symbol: str = ""
    always: bool = False
    also: tuple[str, ...] = ()
    doc: str = ""

    @property
    def required(self) -> bool:
        """Whether a spec must give the argument."""
        return self.default is REQUIRED

    def default_for(self, values: Mapping[str, Any]) -> Any:
        """Return the default, given the other values."""
        return self.default(values) if isinstance(self.default, Callable) else self.default  # type: ignore[arg-type] # an abstract class is meant


def arg(type: ArgType, default: Any = REQUIRED, **facts: Any) -> Any:
    """Declare an argument of a kind, as the value of a class attribute."""
    return Arg(type, default, **facts)


def integer(raw: Raw) -> int:
    """Read an integer of at most 18 digits; a float without a fraction is one."""
    if isinstance(raw, bool) or (isinstance(raw, float) and not raw.is_integer()):
        raise ValueError
    if isinstance(raw, str):
        digits = raw.strip().replace("_", "")
        if not _INTEGER.fullmatch(digits) or len(digits.lstrip("+-")) > DIGITS:
            raise ValueError
        raw = digits
    value = int(raw)
    if abs(value) > LARGEST:
        raise ValueError
    return value


def real(raw: Raw) -> float:
    """Read a finite number or a quotient of two."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise ValueError
    if isinstance(raw, str):
        above, slash, below = raw.partition("/")
        if slash and real(below) != 0:
            return real(above) / real(below)
        if not _REAL.fullmatch(raw.strip()) or len(raw) > 2 * DIGITS:
            raise ValueError
    value = float(raw)
    if not isfinite(value):
        raise ValueError
    return value


def sizes(raw: Raw) -> tuple[int, ...]:
    """Read one integer, `3x3` or a list of integers."""
    values = _nested(raw)
    if isinstance(values, str):
        return tuple(integer(part) for part in re.split(r"\s*[x×]\s*", values.strip()))
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
        return f"{value:.10g}"
    return str(value)


def _nested(raw: Raw) -> Raw:
    """Read the bracketed form `[[0,1],[0,1]]` that a token may have."""
    if not isinstance(raw, str) or not raw.startswith("["):
        return raw
    if not re.fullmatch(r"[\[\],\d\s-]{2,200}", raw) or raw.count("[") > 4:
        raise ValueError
    import json  # noqa: PLC0415 - few specs have brackets inside a token

    return json.loads(raw)


def _per_axis(value: tuple[Any, ...], rank: int) -> tuple[Any, ...]:
    if len(value) == rank:
        return value
    if len(value) == 1:
        return value * rank
    raise ValueError
