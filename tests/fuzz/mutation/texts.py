"""Texts changed by their words, lines, brackets and numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from tests.fuzz.mutation import octets
from tests.fuzz.target import Mutate

TOKEN: Final = re.compile(r"\w+|\s+|[^\w\s]")
NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
NUMBERS: Final = (
    *("0", "-1", "1", "2", "3", "7", "255", "4096", "65536", "999999", "2147483648", "1000000000000", "1000000000001"),
    *("9" * 18, "9" * 19, "9" * 400, "1" + "0" * 5000, "0.5", "-0.0", "1e308", "1e400", "-1e400", "nan", "inf", ".5"),
    *("1_000", "0x10", "0b1", "07", "1,024", "1.024,5", "½", "٣", "²", "1e-400", "+1", "1k", "1M", "3x3", "3×3"),
)
SIGNS: Final = (
    *(
        "\0",
        "\x07",
        "\x1b[31m",
        "\x1b]0;x\x07",
        "\x85",
        "\x9b",
        "\u2028",
        "\u202e",
        "\ufeff",
        "\u200b",
        "\t",
        "\r",
        "\r\n",
        " ",
    ),
    *(
        "\n",
        "\n\n",
        "---",
        "...",
        "'",
        '"',
        "`",
        "\\",
        "$",
        "${",
        "}",
        "{",
        "[",
        "]",
        "(",
        ")",
        "<",
        ">",
        "&a",
        "*a",
        "!!x",
    ),
    *(
        "|",
        "#",
        "%",
        ":",
        ": ",
        "- ",
        ",",
        ";",
        "=",
        "@",
        "é",
        "漢",
        "🦆",
        "́",
        "\ud800",
        "\udfff",
        "\ue000",
        "\U0010ffff",
    ),
    *("null", "~", "true", "yes", "None", "<<", "?", "..", "/", "\\\\", "%s", "{0}", "=1+1", "^", "_", "−", "＝"),
)
NESTS: Final = (("[", "]"), ("{a: ", "}"), ("(", ")"), ("- ", ""), ("[[", "]]"), ("<b>", "</b>"), ("\\frac{", "}{2}"))


def words_of(*texts: str) -> tuple[str, ...]:
    """Return the words of texts, each once."""
    return tuple(sorted({word for text in texts for word in re.findall(r"[A-Za-z_$][\w.-]*", text)}))


def mutator(words: Callable[[], Sequence[str]] = tuple) -> Mutate:
    """Return what changes texts, and knows words that mean something there."""

    def mutate(random: Random, content: bytes, other: bytes) -> bytes:
        text, second = (each.decode("utf-8", "surrogateescape") for each in (content, other))
        for _ in range(random.choice((1, 1, 1, 1, 1, 2, 2, 3, 6))):
            text = random.choice(CHANGES)(random, text, second, words())
            if len(text) > octets.LONGEST:
                text = text[: octets.LONGEST]
        found = text.encode("utf-8", "surrogatepass" if random.random() < 0.5 else "surrogateescape")
        return octets.mutate(random, found, other) if random.random() < 0.03 else found

    def tolerant(random: Random, content: bytes, other: bytes) -> bytes:
        try:
            return mutate(random, content, other)
        except UnicodeEncodeError:  # halves of characters of both sorts: those of bytes, and those that were put in
            return octets.mutate(random, content, other)

    return tolerant


Words = Sequence[str]


def _tokens(random: Random, text: str, other: str, words: Words) -> str:
    """Return a text of which some words or signs are others."""
    tokens, others = TOKEN.findall(text), TOKEN.findall(other)
    if not tokens:
        return random.choice(SIGNS)
    at = random.randrange(len(tokens))
    how = random.randrange(7)
    if how == 0:
        del tokens[at]
    elif how == 1:
        tokens.insert(at, tokens[random.randrange(len(tokens))])
    elif how == 2:
        last = random.randrange(len(tokens))
        tokens[at], tokens[last] = tokens[last], tokens[at]
    elif how == 3 and words:
        _put_word(random, tokens, at, random.choice(words))
    elif how == 4 and others:
        start = random.randrange(len(others))
        tokens[at:at] = others[start : start + random.choice((1, 3, 10, 40))]
    elif how == 5:
        tokens[at] = random.choice(SIGNS)
    else:
        _put_word(random, tokens, at, random.choice(NUMBERS))
    return "".join(tokens)


def _put_word(random: Random, tokens: list[str], at: int, word: str) -> None:
    """Put a word in the place of one near a place, so that the text keeps its form."""
    near = [place for place in range(max(0, at - 20), min(len(tokens), at + 20)) if tokens[place][0].isalnum()]
    tokens[random.choice(near or [at])] = word


def _lines(random: Random, text: str, other: str, _: Words) -> str:
    """Return a text of which some lines are gone, doubled, moved, deeper, or from elsewhere."""
    lines, others = text.splitlines(keepends=True), other.splitlines(keepends=True)
    if not lines:
        return other
    at, how = random.randrange(len(lines)), random.randrange(6)
    last = at + random.choice((1, 1, 2, 4, 10))
    if how == 0:
        del lines[at:last]
    elif how == 1:
        lines[at:at] = lines[at:last] * random.choice((1, 1, 3, 50))
    elif how == 2:
        place = random.randrange(len(lines))
        lines[at], lines[place] = lines[place], lines[at]
    elif how == 3:
        blank = random.choice(("  ", "    ", " ", "\t"))
        lines[at:last] = [blank + line for line in lines[at:last]]
    elif how == 4:
        lines[at:last] = [line[random.choice((1, 2, 4)) :] for line in lines[at:last]]
    elif others:
        start = random.randrange(len(others))
        lines[at:at] = others[start : start + random.choice((1, 2, 5, 20))]
    return "".join(lines)


def _numbers(random: Random, text: str, _: str, __: Words) -> str:
    """Return a text with another number."""
    found = list(NUMBER.finditer(text))
    if not found:
        return text + random.choice(NUMBERS)
    place = random.choice(found)
    new = random.choice((*NUMBERS, str(random.randrange(40)), str(random.randrange(40)), random.choice(found)[0]))
    return text[: place.start()] + new + text[place.end() :]


def _signs(random: Random, text: str, _: str, __: Words) -> str:
    """Return a text with something put in, once or many times."""
    at = random.randrange(len(text) + 1)
    return text[:at] + random.choice(SIGNS) * random.choice((1, 1, 1, 1, 2, 70, 2000, 50_000)) + text[at:]


def _nested(random: Random, text: str, _: str, __: Words) -> str:
    """Return a text of which a piece is in brackets, which may be many."""
    start = random.randrange(len(text) + 1)
    end = min(len(text), start + random.choice((0, 1, 5, 20, 100)))
    opening, closing = random.choice(NESTS)
    depth = random.choice((1, 1, 2, 10, 70, 1000))
    return text[:start] + opening * depth + text[start:end] + closing * depth + text[end:]


def _repeated(random: Random, text: str, _: str, __: Words) -> str:
    """Return a text of which a piece stands many times."""
    start = random.randrange(len(text) + 1)
    piece = text[start : start + random.choice((1, 3, 10, 60))]
    at = min(len(text), start + len(piece))
    return text[:at] + piece * random.choice((1, 5, 50, 1000)) + text[at:]


CHANGES: Final = (_tokens, _tokens, _tokens, _tokens, _lines, _lines, _numbers, _numbers, _signs, _nested, _repeated)
