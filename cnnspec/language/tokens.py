"""The short form of arguments: order-free tokens such as `64 7x7/2 same nobias relu`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from cnnspec.errors import listing, shorten, suggest
from cnnspec.ir.arguments import Count, PerAxis
from cnnspec.ir.layer import Layer
from cnnspec.ir.values import Raw, sizes
from cnnspec.ir.words import field_of, find_kind
from cnnspec.language.expressions import PATTERN

_PIECE: Final = re.compile(r"""(?:\$\{[^{}]*\}|="[^"]*"|\((?:[^()]|\([^()]*\)){0,200}\)|\S)+""")
_WINDOW: Final = re.compile(r"(\d+(?:x\d+)*)?/(\d+(?:x\d+)*)")
_BOTH: Final = re.compile(r"(\d+)x(\d+)")
_SIDES: Final = ("height", "width")
LEAVE: Final = "leave one of them out"
"""The step where one argument has two values, and nothing tells which is meant."""
_TABLES: Final[dict[type[Layer], dict[str, tuple[str, Raw]]]] = {}


class Piece(NamedTuple):
    """A token and where it begins and ends in the text it stands in."""

    text: str
    start: int
    end: int


class TokenError(Exception):
    """A token means nothing for its kind."""

    def __init__(self, message: str, note: str, step: str) -> None:
        """Keep the parts of the diagnostic."""
        super().__init__(message)
        self.message = message
        self.note = note
        self.step = step


def split(text: str) -> Iterator[Piece]:
    """Yield the tokens of a text; `${...}`, a value in quotes and round brackets may hold spaces."""
    for match in _PIECE.finditer(text):
        yield Piece(match[0], match.start(), match.end())


def masked(token: str) -> str:
    """Return a token with digits in place of its expressions, character for character.

    >>> masked("${k}x3/2")
    '1111x3/2'
    """
    return PATTERN.sub(lambda match: "1" * len(match[0]), token) if "$" in token else token


def partition(token: str) -> tuple[str, str, str]:
    """Split a token at its first `=` outside of expressions, as `str.partition` does."""
    if "$" not in token:
        return token.partition("=")
    key, equals, _ = masked(token).partition("=")
    return token[: len(key)], equals, token[len(key) + 1 :]


def is_named(token: str) -> bool:
    """Tell whether a token begins with the name of what it gives, whatever its expressions are worth."""
    key, equals, _ = partition(token)
    return bool(equals) and "$" not in key


def claim(cls: type[Layer], token: str) -> Iterable[tuple[str, Raw]]:
    """Return the fields that a token gives, with their raw values; raise TokenError where it gives none.

    Expressions in it are taken for numbers.
    """
    key, equals, value = partition(token)
    if equals:
        return ((argument_field(cls, key), value),)
    if token in (words := _words(cls)):
        return (words[token],)
    window, form = _window_field(cls), masked(token)
    if window and (match := _WINDOW.fullmatch(form)):
        size = ((window, token[: match.end(1)]),) if match[1] else ()
        return (*size, ("stride", token[match.start(2) :]))
    if token.startswith("(") and (window_token := _as_window(token)):
        return claim(cls, window_token)
    if (match := _BOTH.fullmatch(form)) and cls.fields.keys() >= {*_SIDES}:
        return zip(_SIDES, (token[: match.end(1)], token[match.start(2) :]), strict=True)
    claimed = next((name for name, field in cls.fields.items() if field.type.claims(form)), None)
    return ((claimed, token) if claimed else _flag(cls, token),)


def _flag(cls: type[Layer], token: str) -> tuple[str, Raw]:
    """Return what another name of a flag gives, as Keras' `return_sequences`; raise TokenError for any other word."""
    words, other = _words(cls), field_of(cls, token) or ""
    if other in words:
        return words[other]
    step = f"give it a value: `{token}=...`" if other else suggest(token, [*words, *cls.fields])
    if token.endswith(","):
        step = "separate arguments with spaces, not with commas"
    elif token.startswith("("):
        step = "write a window as `3x3`"
    raise TokenError(f"`{cls.kind}` takes no `{shorten(token)}`", takes(cls), step)


def _as_window(token: str) -> str:
    """Return sizes that are written as in Python with a cross between them, an empty text for anything else."""
    try:
        return "x".join(map(str, sizes(token)))
    except ValueError:
        return ""


def takes(cls: type[Layer]) -> str:
    """Return what a kind takes, as a sentence."""
    fields = listing(name.rstrip("_") for name in cls.fields)
    return f"`{cls.kind}` takes {fields or 'no arguments'}"


def argument_field(cls: type[Layer], name: str) -> str:
    """Return the field that an argument name means; raise TokenError where there is none."""
    found = field_of(cls, name)
    if found:
        return found
    raise unknown_argument(cls, name)


def unknown_argument(cls: type[Layer], name: str) -> TokenError:
    """Return the fault of an argument that a kind does not have."""
    known = [*cls.fields, *(other for f in cls.fields.values() for other in f.also), *cls.keras.argument_names()]
    from cnnspec.language.spelling import argument_meant, nearest  # noqa: PLC0415 - a right spec has no slips

    near = argument_meant(name, cls.fields) or nearest(
        name, [*known, *(cls.torch.argument_names() if cls.torch else ())]
    )
    step = f"did you mean `{near.rstrip('_')}`?" if near else ""
    return TokenError(f"unknown argument `{shorten(name)}` for `{cls.kind}`", takes(cls), step)


def short_form(layer: Layer) -> str:
    """Return a layer's arguments as tokens, without those that say nothing.

    The stride is written behind the window: `64 5x5/2 same`.
    """
    return write(type(layer), layer.arguments())


def brief_form(layer: Layer) -> str:
    """Return the arguments that are not what the kind takes by itself as tokens.

    >>> from cnnspec import load
    >>> brief_form(load("lenet5")["maxpool1"].layer), short_form(load("lenet5")["maxpool1"].layer)
    ('', '2x2/2 valid')
    """
    return write(type(layer), layer.arguments(brief=True))


def write(cls: type[Layer], values: Mapping[str, Any]) -> str:
    """Return checked values as tokens, in the order of the kind's declaration."""
    texts = {name: field.type.write(values[name]) for name, field in cls.fields.items() if name in values}
    return " ".join(join_window(cls, texts))


def join_window(cls: type[Layer], texts: Mapping[str, str]) -> Iterator[str]:
    """Yield a token per written value; window and stride are one, and so are height and width."""
    window = _window_field(cls)
    joined = f"{texts.get(window, '')}/{_one_for_all(texts['stride'])}" if window and "stride" in texts else ""
    if not _WINDOW.fullmatch(masked(joined)):
        joined = ""
    sides = "x".join(texts[side] for side in _SIDES) if texts.keys() >= {*_SIDES} else ""
    for name, text in texts.items():
        if _BOTH.fullmatch(masked(sides)) and name in _SIDES:
            if name == _SIDES[0]:
                yield sides
        elif joined and name in (window, "stride"):
            if name == window or window not in texts:
                yield joined
        else:
            yield _bare(cls, name, text) or named(cls, name, text)


def named(cls: type[Layer], field: str, text: str) -> str:
    """Return the token that gives a field by its shortest word: `pad=2`."""
    words = [field.rstrip("_"), *cls.fields[field].also]
    return f"{min((word for word in words if len(word) > 1), key=len)}={text}"


def _one_for_all(text: str) -> str:
    """Return `2` for `2x2`: a stride is nearly always the same along all axes."""
    parts = set(text.split("x"))
    return parts.pop() if len(parts) == 1 else text


def _bare(cls: type[Layer], name: str, text: str) -> str:
    """Return the token that gives a field without its name, if there is one that only means this field."""
    for word, (field, raw) in _words(cls).items():
        if field == name and raw == text:
            return word
    form = masked(text)
    claimed = next((other for other, field in cls.fields.items() if field.type.claims(form)), None)
    return text if claimed == name and text not in _words(cls) else ""


def _words(cls: type[Layer]) -> dict[str, tuple[str, Raw]]:
    """Return what every bare word of a kind means; computed once per kind."""
    if cls in _TABLES:
        return _TABLES[cls]
    table = _TABLES[cls] = {}
    for name, field in cls.fields.items():
        for word, raw in field.type.words(name).items():
            table.setdefault(word, (name, raw))
    return table


def _window_field(cls: type[Layer]) -> str | None:
    """Return the field that holds the size of the sliding window, for kinds that have a stride."""
    if "stride" not in cls.fields:
        return None
    return next(
        (n for n, field in cls.fields.items() if isinstance(field.type, PerAxis) and field.type.claims_sizes), None
    )


def second_number(cls: type[Layer], field: str, token: str, before: str, rank: int | None = None) -> str:
    """Return the step that helps where a bare number is given twice, as in `conv: 64 5`, on input of `rank` axes.

    Behind an activation, as in `conv: 64 3x3 leaky_relu 0.1`, a fraction is of that; `before` is what stands there.
    """
    word = before.rstrip(" ").rpartition(" ")[2]
    function = find_kind(word) if word in _words(cls) else None
    if function and not token.isdigit() and any(each.type.claims(token) for each in function.cls.fields.values()):
        return f"leave it out here: `{token}` is of `{word}`, which takes it in an item of its own, `{word}: {token}`"
    window, argument = _window_field(cls), cls.fields[field].type
    counts = isinstance(argument, Count) and argument.positional and token.isdigit()
    if not window or not counts:
        return LEAVE
    named_window = f"`{window}={token}`"
    return f"write the window as {named_window if rank == 1 else f'`{token}x{token}` or {named_window}'}"
