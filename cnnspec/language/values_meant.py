"""Values that are written in another way than ours: decimal commas, per cent, units, and words of other programs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from cnnspec.ir.arguments import ArgType

WORDS: Final[Mapping[str, str]] = {"half": "same", "sameupper": "same"}
"""Words of other programs for a value of ours."""
UNIT: Final = re.compile(r"(?<=\d) ?(?:px|pixels?)\b")
LONGEST: Final = 40


def value_meant(accepts: ArgType, shown: str) -> str:
    """Return the value that a refused one means, an empty text where that is not clear.

    >>> from cnnspec.ir.arguments import Real
    >>> [value_meant(Real(0, 1), text) for text in ("0,25", "50%", "25", "-1")]
    ['0.25', '0.5', '0.25', '']
    """
    text = shown.strip("'\"")
    for form in _forms(text) if len(text) <= LONGEST else ():
        try:
            accepts.read(form)
        except (ValueError, RecursionError):
            continue
        return form
    return ""


def _forms(text: str) -> Iterator[str]:
    if re.fullmatch(r"\d+,\d+", text):
        yield text.replace(",", ".")
    if re.fullmatch(r"\d{1,3}([.,_' ]\d{3})+", text):
        yield re.sub(r"\D", "", text)
    if share := re.fullmatch(r"(\d{1,3}(?:\.\d{1,6})?) ?%?", text):
        yield f"{float(share[1]) / 100:g}"
    yield UNIT.sub("", text)
    yield WORDS.get(re.sub(r"[^a-z]", "", text.lower()), "")
    yield re.sub(r"(?<=\d)[*×X](?=\d)", "x", text)


def decimal_comma(before: str, word: str) -> str:
    """Return the number below 1 that a comma has cut, by the text before the word behind it, an empty text for others.

    >>> decimal_comma("{rate: 0,", "25"), decimal_comma("{kernel: 3, ", "3")
    ('0.25', '')
    """
    found = re.search(r"[\s:](0),$", before[-LONGEST:])
    return f"{found[1]}.{word}" if found and word.isdigit() else ""
