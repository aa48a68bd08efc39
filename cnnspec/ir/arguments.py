"""The types of arguments: what each accepts, how it reads, and how it is written back.

`read` turns a raw value into a checked one or raises ValueError; `bind` fits a value to the number of spatial axes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf, isfinite
from typing import Any, Final, NamedTuple

from cnnspec.ir.values import INTEGER, REAL, SIZES, Raw, integer, nested, per_axis, real, same_word, sizes, written

REQUIRED: Final = object()
_TRUTH: Final = {"true": True, "yes": True, "false": False, "no": False}


class ArgType:
    """What an argument accepts; `accepts` finishes the sentence 'must be ...'."""

    accepts: str = "a value"

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
        self.accepts = {1: "a positive integer", 0: "an integer ≥ 0"}.get(least, f"an integer ≥ {least}")

    def read(self, raw: Raw) -> int:
        """Read an integer."""
        value = integer(raw)
        if value < self.least:
            raise ValueError
        return value

    def claims(self, token: str) -> bool:
        """Claim an integer."""
        return self.positional and (INTEGER.fullmatch(token) or REAL.fullmatch(token)) is not None


class Axis(ArgType):
    """One axis, counted from 1 behind the batch as Keras does, or from the end as -1."""

    accepts = "an axis, counted from 1 as in Keras, or from the end as `-1`"

    def read(self, raw: Raw) -> int:
        """Read an integer that is not 0: that would be the batch."""
        value = integer(raw)
        if not value:
            raise ValueError
        return value

    def bind(self, value: int, rank: int) -> int:
        """Count from 1, but call the last axis -1; an axis that is not there stays as it is."""
        if value in (-1, rank + 1):
            return -1
        return value + rank + 2 if -rank - 1 <= value < 0 else value


class PerAxis(ArgType):
    """A size per spatial axis; one number stands for all axes."""

    def __init__(self, least: int = 1, *, claims_sizes: bool = False, claims_integer: bool = False) -> None:
        """Take the least value, and whether bare `3x3` and a bare `3` mean this argument."""
        self.least = least
        self.claims_sizes = claims_sizes
        self.claims_integer = claims_integer
        self.accepts = f"integers ≥ {least}, one for all axes or one per axis, such as `3` or `3x3`"

    def read(self, raw: Raw) -> tuple[int, ...]:
        """Read `3`, `3x3` or `[3, 3]`."""
        values = sizes(raw)
        if not 1 <= len(values) <= 3 or min(values) < self.least:
            raise ValueError
        return values

    def claims(self, token: str) -> bool:
        """Claim `3x3`, and an integer where nothing else takes integers."""
        if self.claims_sizes and SIZES.fullmatch(token):
            return True
        return self.claims_integer and INTEGER.fullmatch(token) is not None

    def bind(self, value: tuple[int, ...], rank: int) -> tuple[int, ...]:
        """Repeat one number for every axis."""
        return per_axis(value, rank)

    def write(self, value: tuple[int, ...]) -> str:
        """Write `3x3`."""
        return "x".join(map(str, value))


class Margins(ArgType):
    """Numbers of rows before and after, per spatial axis: padding and cropping."""

    def __init__(self, keywords: tuple[str, ...] = (), *, positional: bool = False) -> None:
        """Take the words that are allowed beside numbers, and whether bare numbers mean this argument."""
        self.keywords = keywords
        self.positional = positional
        words = "".join(f"`{word}`, " for word in keywords)
        self.accepts = f"{words}{'or ' if words else ''}explicit numbers such as `1`, `1x2` or `[[0, 1], [0, 1]]`"

    def read(self, raw: Raw) -> str | tuple[tuple[int, int], ...]:
        """Read a keyword or explicit numbers."""
        if isinstance(raw, str) and raw.lower() in self.keywords:
            return raw.lower()
        values = nested(raw)
        if isinstance(values, list) and any(isinstance(value, list) for value in values):
            pairs = [sizes(value) for value in values]
        else:
            pairs = [(size, size) for size in sizes(values)]
        if not 1 <= len(pairs) <= 3 or any(len(pair) != 2 or min(pair) < 0 for pair in pairs):
            raise ValueError
        return tuple((pair[0], pair[1]) for pair in pairs)

    def claims(self, token: str) -> bool:
        """Claim numbers and bracketed numbers."""
        return self.positional and (SIZES.fullmatch(token) is not None or token[:1] in "[0123456789")

    def words(self, name: str) -> Mapping[str, Raw]:
        """`same` and `valid`."""
        return {word: word for word in self.keywords}

    def bind(self, value: Any, rank: int) -> Any:
        """Repeat one number for every axis; two numbers on one axis are before and after, as in Keras."""
        if isinstance(value, str):
            return value
        if rank == 1 and len(value) == 2 and all(before == after for before, after in value):
            return ((value[0][0], value[1][0]),)
        return per_axis(value, rank)

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
        if isinstance(raw, bool | str) and str(raw).lower() in _TRUTH:
            return _TRUTH[str(raw).lower()]
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
        bounds = f" ≥ {written(least)}" if isfinite(least) else ""
        if isfinite(least) and isfinite(most):
            bounds = f" from {written(least)} to {written(most)}"
        self.accepts = f"a number{bounds}"

    def read(self, raw: Raw) -> float:
        """Read a number; a quotient such as `1/255` is one too."""
        value = real(raw)
        if not self.least <= value <= self.most:
            raise ValueError
        return value

    def claims(self, token: str) -> bool:
        """Claim numbers."""
        return self.positional and all(REAL.fullmatch(part) for part in token.split("/", 1))


class Reals(ArgType):
    """One number or a list of numbers."""

    accepts = "a number or a list of numbers"

    def read(self, raw: Raw) -> tuple[float, ...]:
        """Read one or several numbers."""
        if isinstance(raw, str) and raw[:1] + raw[-1:] in ("[]", "()"):
            raw = raw[1:-1].rstrip(", ").split(",")
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
        self.accepts = "one of " + ", ".join(f"`{option}`" for option in options)

    def read(self, raw: Raw) -> str:
        """Read a word."""
        word = dict(self.aliases).get(str(raw).lower(), str(raw).lower())
        return word if word in self.options else same_word(word, self.options)

    def words(self, name: str) -> Mapping[str, Raw]:
        """Every option and every other spelling."""
        return {word: word for word in (*self.options, *(alias for alias, _ in self.aliases))} if self.bare else {}


class Dims(ArgType):
    """Dimensions such as `7x7x64`; `free` allows one of them to be left to compute as `-1`."""

    def __init__(self, *, free: bool = False, positional: bool = True) -> None:
        """Take whether one dimension may be `-1`, and whether bare dimensions mean this argument."""
        self.free = free
        self.positional = positional
        self.accepts = "positive integers such as `7x7x64`" + (", one of which may be `-1`" if free else "")

    def read(self, raw: Raw) -> tuple[int, ...]:
        """Read `7x7x64` or `[7, 7, 64]`."""
        values = sizes(raw)
        computed = values.count(-1) if self.free else 0
        if not values or computed > 1 or min((v for v in values if v != -1 or not self.free), default=1) < 1:
            raise ValueError
        return values

    def claims(self, token: str) -> bool:
        """Claim `7x7x64` and integers."""
        return self.positional and all(INTEGER.fullmatch(part) for part in token.split("x"))

    def write(self, value: tuple[int, ...]) -> str:
        """Write `7x7x64`."""
        return "x".join(map(str, value))


class Arg(NamedTuple):
    """One argument of a kind: its type, its default, and the symbol that formulas use for it.

    `always` arguments are part of a layer's configuration even at their default; `default` may be a function of the
    other values. `example` is a value for a reader, where no small number would do.
    """

    type: ArgType
    default: Any = REQUIRED
    symbol: str = ""
    always: bool = False
    also: tuple[str, ...] = ()
    doc: str = ""
    example: str = ""

    @property
    def required(self) -> bool:
        """Whether a spec must give the argument."""
        return self.default is REQUIRED

    def default_for(self, values: Mapping[str, Any]) -> Any:
        """Return the default, given the other values."""
        return self.default(values) if isinstance(self.default, Callable) else self.default  # type: ignore[arg-type] # an abstract class is meant


def arg(accepts: ArgType, default: Any = REQUIRED, **facts: Any) -> Any:
    """Declare an argument of a kind, as the value of a class attribute."""
    return Arg(accepts, default, **facts)
