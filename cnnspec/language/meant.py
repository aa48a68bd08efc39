"""Arguments that are written in another way than ours: the tokens that were meant, if all of them are clear."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from cnnspec.ir.arguments import Real
from cnnspec.ir.layer import KINDS, Layer
from cnnspec.ir.role import Role
from cnnspec.ir.values import Raw
from cnnspec.ir.words import Found, field_of, find_kind
from cnnspec.language import tokens
from cnnspec.language.spelling import argument_meant
from cnnspec.language.values_meant import UNIT

LONGEST: Final = 200
_LETTERS: Final[Mapping[str, tuple[str, ...]]] = {
    "k": ("kernel", "pool"),
    "f": ("filters", "units"),
    "s": ("stride",),
    "p": ("padding", "rate"),
    "d": ("dilation",),
    "g": ("groups",),
}
"""Letters that papers write in front of a number, with the arguments that they may mean."""
_BN: Final = ["bn", "batchnorm", "batch_norm", "batchnormalization", "norm", "+bn"]
_CROSS: Final = re.compile(r"(?<=\d)\s*[xX×✕✖*]\s*(?=\d)")
_AT: Final = re.compile(r"(\d+)\s*@\s*(\d+(?:x\d+)*)|(\d+x\d+)\s*@\s*(\d+)")
_ARROW: Final = re.compile(r"\s+(?:->|=>|→|>)\s+")
_TWICE: Final = re.compile(r"(?:^|\s)(?:[x×*](\d{1,3})|(\d{1,3})[x×*])(?=\s|$)")
_BESIDE: Final = re.compile(r"(?:^|\s)(name|from|repeat|expect)=(\S+)(?=\s|$)")
_PHRASES: Final = (
    (re.compile(r"\b(?:no|without) padding\b"), "valid"),
    (re.compile(r"\b(same|valid) padding\b"), r"\1"),
    (re.compile(r"\b(\d+) (?:filters?|feature maps|maps|kernels|units|neurons|nodes)\b,?"), r"\1"),
    (re.compile(r"\b(?:of|with) (?:size )?(?=\d)"), ""),
    (UNIT, ""),
)
"""Words that papers and slides have around what a token says."""
_ACTIVATIONS: Final[Mapping[str, str]] = {"lrelu": "leaky_relu", "leakyrelu": "leaky_relu", "logistic": "sigmoid"}
"""Short words for activation functions."""
_PLUS: Final = re.compile(r"(?<=[\w)])\s*[,;+|]\s+(?=\w)|[,;]$")


def meant(cls: type[Layer], text: str) -> str:
    """Return the tokens that a text means for a kind, an empty text where some of it is not clear.

    >>> from cnnspec.ir.words import find_kind
    >>> from cnnspec import layers
    >>> conv = find_kind("conv").cls
    >>> meant(conv, "8 3×3 p1 s2"), meant(conv, "8, 3X3, ReLU"), meant(conv, "8 3x3 padding 1"), meant(conv, "16@5x5")
    ('8 3x3 pad=1 stride=2', '8 3x3 relu', '8 3x3 pad=1', '16 5x5')
    """
    if len(text) > LONGEST or "$" in text:
        return ""
    plain = _ARROW.sub(" ", text)
    for pattern, short in _PHRASES:
        plain = pattern.sub(short, plain)
    plain = _AT.sub(lambda found: f"{found[1] or found[4]} {found[2] or found[3]}", _CROSS.sub("x", plain))
    pieces = [piece.text for piece in tokens.split(_with_filters(cls, _PLUS.sub(" ", plain)))]
    found = list(_pieces(cls, pieces))
    if not all(found) or not found:
        return ""
    given = [field for piece in found for field in _fields(cls, piece)]
    return " ".join(found) if all(given) and len(set(given)) == len(given) else ""


def _with_filters(cls: type[Layer], text: str) -> str:
    """Return a text with the filters in front of a window, where they were written as its first size: `16x3x3`."""
    parts = text.split(" ")
    needed = [name for name, field in cls.fields.items() if field.required]
    if len(needed) != 2 or "stride" not in cls.fields or any(part.isdigit() for part in parts):
        return text
    return re.sub(r"(?:^|(?<= ))(\d+)x(\d+x\d+)(?![\dx])", r"\1 \2", text, count=1)


class Line(NamedTuple):
    """Arguments as they were meant: their tokens, the step that says so, and what is to be known."""

    tokens: str
    step: str
    notes: tuple[str, ...] = ()


def line_meant(found: Found, text: str, takes: str = "") -> Line | None:
    """Return what the arguments of a kind mean, None where that is not clear; `takes` says what the kind takes.

    >>> from cnnspec import layers
    >>> from cnnspec.ir.words import find_kind
    >>> line_meant(find_kind("conv"), "16 filters of size 3x3, no padding").step
    'write `- conv: 16 3x3 valid`'
    """
    head = found.word or found.cls.kind
    if other := units_of(found.cls, text):
        return Line(" ", f"write `- {other}`", (f"`{found.cls.kind}` is an activation, which has no units",))
    if not found.cls.fields and text.lower() in ("true", "yes", "on", "1"):
        return Line(" ", f"write `- {head}` alone", (takes,))
    if line := meant(found.cls, text):
        return Line(line, f"write `- {head}: {line}`")
    if (beside := _BESIDE.search(text)) and (rest := meant(found.cls, _BESIDE.sub(" ", text, count=1).strip())):
        return Line(rest, f"write `- {head}: {rest}`, and `{beside[1]}: {beside[2]}` below it")
    if (copies := _TWICE.search(text)) and (once := meant(found.cls, _TWICE.sub(" ", text).strip())):
        return Line(once, f"write `- {head}: {once}`, and `repeat: {copies[1] or copies[2]}` below it")
    return None


def _pieces(cls: type[Layer], pieces: list[str]) -> Iterator[str]:
    """Yield each token as it was meant, an empty text for one that is not clear."""
    at = 0
    while at < len(pieces):
        piece, following = pieces[at], pieces[at + 1] if at + 1 < len(pieces) else ""
        name = argument_of(cls, piece.rstrip(":=")) if piece[0].isalpha() else ""
        if name and (value := _value(cls, name, following)) and not _is_word(cls, piece):
            yield value
            at += 2
            continue
        yield _piece(cls, piece)
        at += 1


def _is_word(cls: type[Layer], piece: str) -> bool:
    return bool(_fields(cls, piece)[0])


def _piece(cls: type[Layer], piece: str) -> str:
    if _is_word(cls, piece):
        return piece
    for form in _forms(cls, piece):
        if _is_word(cls, form):
            return form
    return ""


def _forms(cls: type[Layer], piece: str) -> Iterator[str]:
    """Yield what a token may be in our words: without quotes, in small letters, with the name of a letter."""
    key, equals, value = piece.partition("=")
    text = piece.strip("'\"`[]")
    yield text
    yield text.lower()
    yield text.lower().replace("-", "_").replace("_", "")
    yield _ACTIVATIONS.get(text.lower().replace("_", ""), "")
    if text.lower() in _BN:
        yield _BN[0]
    if equals and value.strip("'\"`"):
        yield _value(cls, argument_of(cls, key), value)
    if match := re.fullmatch(r"([a-zA-Z])(\d+(?:x\d+)?)", text):
        for field in _LETTERS.get(match[1].lower(), ()):
            yield _value(cls, field, match[2])
    if match := re.fullmatch(r"([a-zA-Z_]{2,})(\d+)", text):
        yield _value(cls, argument_of(cls, match[1]), match[2])
    if match := re.fullmatch(r"(\d+(?:\.\d+)?) ?%", text):
        yield f"{float(match[1]) / 100:g}"
    if re.fullmatch(r"\d+,\d+", text):
        is_real = any(isinstance(field.type, Real) and field.type.positional for field in cls.fields.values())
        yield text.replace(",", "." if is_real else "x" if "stride" in cls.fields else "")


def argument_of(cls: type[Layer], word: str) -> str:
    """Return the argument that a word names, of our own or of others, an empty text where it names none."""
    folded = word.lower().replace("-", "_")
    if folded in _LETTERS:
        return next((field for field in _LETTERS[folded] if field in cls.fields), "")
    if folded in _BN and _BN[0] in cls.fields:
        return _BN[0]
    return field_of(cls, word) or field_of(cls, folded) or argument_meant(folded, cls.fields)


def _value(cls: type[Layer], field: str, value: str) -> str:
    """Return the token that gives a value to an argument, an empty text where it does not fit."""
    value = value.strip("'\"`").rstrip(",;")
    if field not in cls.fields or not value:
        return ""
    for form in (value, value.lower()):
        try:
            cls.fields[field].type.read(form)
        except (ValueError, RecursionError):
            continue
        bare = _fields(cls, form) == (field,) and not form.isdigit()
        return form if bare else tokens.named(cls, field, form)
    return ""


def _fields(cls: type[Layer], token: str) -> tuple[str, ...]:
    """Return the fields that a token gives as it stands, an empty text where it gives none or not such a value."""
    try:
        given = list(tokens.claim(cls, token)) if token else []
        for field, raw in given:
            cls.fields[field].type.read(raw)
    except (tokens.TokenError, ValueError, RecursionError):
        return ("",)
    return tuple(field for field, _ in given) or ("",)


def behind(found: Found, text: str, given: Iterable[tuple[str, str]]) -> str:
    """Return arguments with further ones behind them, an empty text where one of these is none of the kind.

    >>> from cnnspec import layers
    >>> from cnnspec.ir.words import find_kind
    >>> behind(find_kind("conv"), "8 3x3", [("activation", "relu"), ("padding", "same")])
    '8 3x3 relu same'
    """
    more = [
        _flag(found.cls, word) if value == "" else _value(found.cls, argument_of(found.cls, word), value)
        for word, value in given
    ]
    return meant(found.cls, " ".join([text, *more]).strip()) if all(more) else ""


def item_of(found: Found, text: str) -> str:
    """Return a kind with the arguments that a text means for it, an empty text where some are not clear."""
    word = found.word or found.cls.kind
    if not text:
        needs = any(field.required for field in found.cls.fields.values())
        return "" if needs else word
    tokens_meant = meant(found.cls, text)
    if not tokens_meant or any(
        field.required and name not in {each for piece in tokens_meant.split() for each in _fields(found.cls, piece)}
        for name, field in found.cls.fields.items()
    ):
        return ""
    return f"{word}: {tokens_meant}"


def chain(text: str) -> list[str]:
    """Return the items of layers that stand in one line with arrows between them, none where some are not clear.

    >>> from cnnspec import layers
    >>> chain("conv 16 3x3 -> maxpool 2 -> flatten")
    ['conv: 16 3x3', 'maxpool: 2', 'flatten']
    """
    parts = re.split(r"\s*(?:->|=>|→)\s*", text.strip()) if len(text) <= LONGEST else []
    words = [part.replace(":", " ").partition(" ") for part in parts]
    kinds = [find_kind(first) for first, _, _ in words]
    items = [item_of(kind, rest.strip()) if kind else "" for kind, (_, _, rest) in zip(kinds, words, strict=True)]
    return items if len(items) > 1 and all(items) else []


def _flag(cls: type[Layer], word: str) -> str:
    name = argument_of(cls, word)
    return name if name and _is_word(cls, name) else ""


def units_in(given: Mapping[str, Raw]) -> str:
    """Return the number of units among arguments, under any word that programs have for it."""
    words = (str(value) for word, value in given.items() if argument_meant(word, ("units",)) or word == "out_features")
    return next(words, "")


def units_of(cls: type[Layer], token: str) -> str:
    """Return the layer that was meant by an activation with a number: one that has units, and this activation."""
    if cls.role is not Role.ACTIVATION or not token.isdigit():
        return ""
    dense = next((kind for kind in KINDS.values() if kind.role is Role.DENSE and "units" in kind.fields), None)
    if dense is None:
        return ""
    is_default = dense.fields["activation"].default == cls.kind
    return f"{dense.kind}: {token}" if is_default else f"{dense.kind}: {token} {cls.kind}"
