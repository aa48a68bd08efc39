"""What an argument means that Keras or PyTorch names: our fields, a claim about the input, nothing, or a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from cnnspec.errors import shorten
from cnnspec.ir.arguments import Choice
from cnnspec.ir.keras_rule import Via
from cnnspec.ir.keras_values import (
    INITIALIZER,
    INPUT_SHAPES,
    LAST_AXIS,
    NEUTRAL,
    NEUTRAL_IF_NONE,
    NOT_MODELLED,
    means_nothing,
    plain,
    unit,
)
from cnnspec.ir.layer import KERAS_NAMES
from cnnspec.ir.torch_rule import NEUTRAL as TORCH_NEUTRAL
from cnnspec.ir.torch_rule import Only, Reads, Source, Through, several
from cnnspec.ir.values import Raw, has_expression
from cnnspec.ir.words import Found
from cnnspec.language import tokens
from cnnspec.language.inputs import NO_HINTS, Hints
from cnnspec.language.items import Claims
from cnnspec.language.python_values import is_null, value_of

Back = Callable[[Any], Raw]
BESIDE: Final = ("name", "trainable")
"""Arguments of every class of Keras that stand beside a kind here."""


class Part(NamedTuple):
    """A field that an argument gives, and the way to its value where that waits for an expression."""

    field: str
    raw: Raw
    back: Back | None = None


class About(NamedTuple):
    """An argument that says something of the input, which is known here."""

    claims: Claims
    value: Any


Meaning = tuple[Part | About, ...]


class UnmodelledValueError(Exception):
    """An argument has a value that we do not model: a message, what would be accepted, and a step."""

    def __init__(self, message: str, note: str = "", step: str = "") -> None:
        """Keep the parts of the diagnostic."""
        super().__init__(message)
        self.message = message
        self.note = note
        self.step = step


def given_arguments(raw: Raw) -> dict[str, Any]:
    """Return arguments by name as far as they are values; one without a name stands under an empty one."""
    if isinstance(raw, dict):
        return {name: value_of(value) for name, value in raw.items()}
    if isinstance(raw, str) and not raw.startswith("("):
        pieces = [tokens.partition(piece.text) for piece in tokens.split(raw)]
        return {name if equals else "": value_of(value if equals else name) for name, equals, value in pieces}
    return {"": value_of(raw)}


def positional_arguments(found: Found, values: list[Raw]) -> tuple[str, ...]:
    """Return the arguments of a class of PyTorch that values without names are for, where they are not ours.

    Ours is one number that the kind takes by itself, such as the units of a dense layer, and all that has words.
    """
    if not found.torch or not all(_is_number(value) for value in values) or not values:
        return ()
    names = found.torch.positional(found.word.rpartition(".")[2])
    if len(values) > 1 or found.torch.fixed or not isinstance(values[0], str) or values[0].startswith("("):
        return names[: len(values)]
    try:
        tokens.claim(found.cls, values[0])
    except tokens.TokenError:
        return names[:1]
    return ()


def _is_number(value: Raw) -> bool:
    """Tell whether a value is a number or numbers in brackets, as Python writes them."""
    given = value_of(value)
    return all(isinstance(part, int | float) for part in (given if isinstance(given, list) else [given]))


def meaning_of(found: Found, word: str, raw: Raw, entering: Hints = NO_HINTS) -> Meaning | None:
    """Return what an argument means under the name of a kind, None where it is unknown; raise UnmodelledValueError.

    `entering` is what is known of the input: where channels come first, axis 1 of Keras is the channels'.
    """
    if entering.is_first and word == "axis" and found.word in KERAS_NAMES and unit(value_of(raw)) == 1:
        raw = "-1"
    if found.torch and (source := found.torch.arguments.get(word) or TORCH_NEUTRAL.get(word)):
        return _of_torch(found, word, raw, source)
    if found.torch and word in found.torch.fixed:
        return ()
    cls = found.cls
    own = word if word in cls.fields else next((name for name, field in cls.fields.items() if word in field.also), None)
    keras = cls.keras.arguments.get(word) or (cls.keras.wrapper.arguments.get(word) if cls.keras.wrapper else None)
    if isinstance(keras, Via):
        return _via(found, word, raw, keras)
    if own or keras:
        return _own(found, word, own or keras or "", raw)
    neutral = _neutral(found, word, raw, entering)
    if neutral is not None or cls.torch is None or found.torch or found.word in KERAS_NAMES:
        return neutral
    theirs = cls.torch.arguments.get(word) or TORCH_NEUTRAL.get(word)
    plainly = isinstance(theirs, str | Reads | Only)
    return _of_torch(found, word, raw, theirs) if theirs and plainly else None


def _own(found: Found, word: str, name: str, raw: Raw) -> Meaning:
    """Return a value for one of our fields: none at all is the default where it is none, too."""
    field = found.cls.fields[name]
    if is_null(raw) and raw != "":
        if field.default is None:
            return (Part(name, None),)
        return () if callable(field.default) else (Part(name, "none" if isinstance(field.type, Choice) else raw),)
    if isinstance(field.type, Choice) and (isinstance(raw, dict) or (isinstance(raw, str) and set(raw) & {"(", "."})):
        value = raw if has_expression(raw) else plain(value_of(raw))
        if isinstance(value, dict) and "class_name" in value:
            raise _refused(found, word, raw, field.type.accepts, "give its name alone, without arguments")
        return (Part(name, value if isinstance(value, str) else raw),)
    return (Part(name, raw),)


def _via(found: Found, word: str, raw: Raw, source: Via) -> Meaning:
    """Return what an argument of Keras means that holds one of our fields in another form."""
    if has_expression(raw):
        return (Part(source.field, raw),)
    read, others = _readings(found, source, plain(value_of(raw)))
    if not read:
        if isinstance(raw, dict) or is_null(raw):
            raise _refused(found, word, raw, found.cls.fields[source.field].type.accepts)
        return (Part(source.field, raw),)
    value = next(iter(read.values()))
    if not others:
        return (Part(source.field, value),)
    return Part(source.field, value), About(Claims.RANK, (value_of(raw), tuple(read)))


def _readings(found: Found, source: Via, value: Any) -> tuple[dict[int, Raw], bool]:
    """Return what a value means per number of axes that it fits, and whether it means something else for others."""
    read: dict[int, Raw] = {}
    others = False
    argument = found.cls.fields[source.field].type
    for rank in found.cls.ranks if found.rank is None else (found.rank,):
        try:
            raw = source.back(value, rank)
        except (ValueError, TypeError, LookupError):
            others = True
            continue
        if raw is not None:
            try:
                argument.bind(argument.read(raw), rank)
            except (ValueError, TypeError):
                continue
        others |= bool(read) and raw not in read.values()
        if not read or raw in read.values():
            read[rank] = raw
    return read, others


def _neutral(found: Found, word: str, raw: Raw, entering: Hints) -> Meaning | None:
    """Return nothing for an argument of Keras without a field, at a value where nothing is lost."""
    rule = found.cls.keras
    value = plain(value_of(raw))
    if isinstance(value, str) and word.endswith("_initializer"):
        value = plain({"class_name": value})
    if word in INPUT_SHAPES:
        sizes, behind = (value if isinstance(value, list) else [value]), INPUT_SHAPES[word]
        return (About(Claims.CHANNELS, value) if behind < 0 else About(Claims.SHAPE, sizes[behind:]),)
    if word in BESIDE or not (word in NEUTRAL or word in rule.neutral or word.endswith(NEUTRAL_IF_NONE)):
        return None
    if LAST_AXIS in NEUTRAL.get(word, ()) and word not in rule.neutral:
        return (About(Claims.LAST_AXIS, value),)
    first = word == "data_format" and value == "channels_first"
    if (first and entering.is_first) or means_nothing(word, value, found.rank or 0, rule.neutral):
        return ()
    if first:
        step = f"write `input: {{shape: {entering.first}, layout: channels_first}}`, and `{word}` fits"
        raise UnmodelledValueError(f"`{word}` of `{found.word}` is `{value}`: channels come last here", "", step)
    accepted = (rule.neutral[word],) if word in rule.neutral else NEUTRAL.get(word, (None,))
    raise _refused(found, word, raw, " or ".join(f"`{_shown(each)}`" for each in accepted))


def _of_torch(found: Found, word: str, raw: Raw, source: Source) -> Meaning:
    if isinstance(source, str):
        return _own(found, word, source, raw)
    if isinstance(source, Only):
        value = value_of(raw)
        if not source.holds(value):
            accepted = " or ".join(f"`{_shown(each)}`" for each in source.values)
            raise _refused(found, word, raw, accepted, source.step)
        return ()
    return tuple(_through(found, word, raw, each) for each in several(source))


def _through(found: Found, word: str, raw: Raw, source: Through | Reads) -> Part | About:
    waits = has_expression(raw)
    if isinstance(source, Reads):
        return About(Claims(source.value), raw if waits else value_of(raw))
    if waits:
        return Part(source.field, raw, source.back)
    try:
        return Part(source.field, source.back(value_of(raw)))
    except (ValueError, TypeError, LookupError):
        raise _refused(found, word, raw, found.cls.fields[source.field].type.accepts) from None


def _refused(found: Found, word: str, raw: Raw, accepted: str, step: str = "") -> UnmodelledValueError:
    step = step or NOT_MODELLED.get(word, INITIALIZER if word.endswith("_initializer") else "")
    if word.endswith(NEUTRAL_IF_NONE):
        step = "leave it out: it matters while training only, and no shape and no count depends on it"
    shown = shorten(_shown(raw))
    return UnmodelledValueError(
        f"`{word}` of `{found.word}` is `{shown}`, which is not modelled", f"it must be {accepted}", step
    )


def _shown(value: Any) -> str:
    """Return a value as a spec would hold it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_shown(part)}" for key, part in value.items()) + "}"
    return "[" + ", ".join(map(_shown, value)) + "]" if isinstance(value, list | tuple) else str(value)
