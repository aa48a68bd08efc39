"""What a sweep varies: names with their values, as the command line gives them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

from cnnspec.errors import Diagnostic, UsageError, listing, shorten, suggest
from cnnspec.ir.arguments import Flag
from cnnspec.language.train.section import WORDS, value_step
from cnnspec.language.train.settings import Settings

RANGE: Final = re.compile(r"(\d{1,10})\.\.(\d{1,10})")
DASHED: Final = re.compile(r"(\d{1,10})(?:-|:|\.{3})(\d{1,10})")
"""A range as other programs write it."""
MOST: Final = 10_000
"""The most trainings of a sweep."""
VARIED: Final = tuple(name for name, setting in Settings.declared.items() if setting.option and not setting.beside)
"""The settings that a sweep can vary: those that have an option and change what is computed."""


class Variation(NamedTuple):
    """A setting of the training, or a parameter of the spec, with the values that it takes one after the other."""

    name: str
    values: tuple[str, ...]
    is_param: bool = False


def read_settings(texts: Sequence[str], seeds: str | None) -> list[Variation]:
    """Return the settings that `--vary` and `--seed` vary; raise UsageError for all that are wrong."""
    faults: list[Diagnostic] = []
    found = []
    for text in [*texts, *([f"seed={seeds}"] if seeds else [])]:
        name, _, values = text.partition("=")
        name = name.strip().replace("-", "_")
        if not name or not values:
            fault = Diagnostic("E703", f"`{shorten(text)}` is not NAME=VALUE,VALUE", help=f"write `--vary {EXAMPLE}`")
            faults.append(fault)
        elif name not in VARIED:
            faults.append(_unknown(name, values))
        else:
            found.append(Variation(name, tuple(_read(name, values, faults))))
    faults += _twice(found)
    if faults:
        raise UsageError(faults)
    return found


EXAMPLE: Final = "learning_rate=1e-3,1e-2"


def read_params(texts: Sequence[str]) -> list[Variation]:
    """Return the parameters of the spec that `--param` gives, with one value each or several; raise UsageError."""
    faults: list[Diagnostic] = []
    found = []
    for text in texts:
        name, _, values = text.partition("=")
        if not name or not values:
            message = f"`{shorten(text)}` is not NAME=VALUE,VALUE"
            faults.append(Diagnostic("E703", message, help="write `--param width=0.5,1`"))
            continue
        found.append(Variation(name, tuple(_distinct(name, _split(values, faults), faults)), is_param=True))
    faults += _twice(found)
    if faults:
        raise UsageError(faults)
    return found


def demand_few(variations: Sequence[Variation]) -> None:
    """Raise UsageError where a sweep varies nothing, or has more trainings than anybody starts on purpose."""
    count = 1
    for variation in variations:
        count *= len(variation.values)
    if count > MOST:
        raise UsageError.one("E703", f"these are {count:,} trainings, and a sweep has at most {MOST:,}")
    if count == 1:
        step = f"add `--vary {EXAMPLE}`, `-p width=0.5,1` or `--seed 0..4`"
        raise UsageError.one("E703", "nothing is varied, so this is one training", help=step)


def _unknown(name: str, values: str) -> Diagnostic:
    if name in Settings.declared:
        message = f"`{name}` cannot be varied: "
        fact = "it changes nothing that is computed" if Settings.declared[name].beside else "it has no option"
        return Diagnostic("E703", message + fact, notes=(f"settings are {listing(VARIED)}",))
    near = f"did you mean `{WORDS[name]}`?" if name in WORDS else suggest(name, VARIED)
    step = near or f"a parameter of the spec is varied by `-p {shorten(name)}={shorten(values)}`"
    notes = (f"settings are {listing(VARIED)}",)
    return Diagnostic("E703", f"there is no setting `{shorten(name)}` to vary", notes=notes, help=step)


def _twice(found: Iterable[Variation]) -> Iterator[Diagnostic]:
    names: set[str] = set()
    for variation in found:
        if variation.name in names:
            yield Diagnostic("E702", f"`{shorten(variation.name)}` is varied twice", help="give all values at once")
        names.add(variation.name)


def _read(name: str, text: str, faults: list[Diagnostic]) -> list[str]:
    """Return values as the command line writes them, each once in whatever way it was written."""
    setting = Settings.declared[name]
    accepts = setting.option or setting.type
    values = []
    for value in _split(text, faults):
        try:
            read = accepts.read(value)
        except (ValueError, OverflowError):
            message = f"`{name}` must be {accepts.accepts}, not `{shorten(value)}`"
            ends = DASHED.fullmatch(value)
            step = f"write `{ends[1]}..{ends[2]}`" if ends else value_step(name, accepts, value[:100])
            faults.append(Diagnostic("E703", message, help=step))
            continue
        plain = isinstance(read, int | float) and not isinstance(accepts, Flag)
        values.append(f"{read:.15g}" if plain else str(read).lower() if isinstance(accepts, Flag) else value)
    return _distinct(name, values, faults)


def _distinct(name: str, values: Sequence[str], faults: list[Diagnostic]) -> list[str]:
    found = Counter(values)
    again = [value for value, count in found.items() if count > 1]
    if again:
        message = f"`{shorten(name)}` is to be `{shorten(again[0])}` twice: that is the same training"
        faults.append(Diagnostic("E703", message, help="write each value once"))
    return list(found)


def _split(text: str, faults: list[Diagnostic]) -> list[str]:
    """Return values between commas, or between semicolons where there are any; `0..4` are five integers."""
    values: list[str] = []
    parts = [part.strip() for part in text.split(";" if ";" in text else ",")]
    if not all(parts):
        faults.append(Diagnostic("E703", f"`{shorten(text)}` has an empty value", help="write `1,2`, or `0..4`"))
    for word in filter(None, parts if len(parts) <= MOST else ()):
        ends = RANGE.fullmatch(word)
        if not ends:
            values.append(word)
        elif int(ends[1]) > int(ends[2]):
            faults.append(Diagnostic("E703", f"`{word}` is an empty range", help=f"write `{ends[2]}..{ends[1]}`"))
        else:
            values += map(str, islice(range(int(ends[1]), int(ends[2]) + 1), MOST + 1))
        if len(values) > MOST:
            break
    if max(len(parts), len(values)) > MOST:
        faults.append(Diagnostic("E703", f"`{shorten(text)}` has more than {MOST:,} values"))
        return []
    return values
