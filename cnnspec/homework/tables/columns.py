"""The columns of a homework table, recognised by the usual spellings of their titles."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from cnnspec.analysis.quantities import QUANTITIES, Quantity, marked
from cnnspec.homework.languages import languages

LAYER: Final = "layer"
"""The column that says of which layer a row speaks."""
_AXES: Final = {
    "height": r"h|height|rows?|höhe",
    "width": r"w|width|breite|columns?|cols?",
    "channels": r"c|ch|depth|kanäle|(number of |no of |n )?(feature |output )?(maps?|channels?)",
}
_SCALES: Final = {
    1000: r"[(\[](in )?(k|thousands?|1000s?)[)\]]|\bin thousands\b",
    10**6: r"[(\[](in )?(m|millions?|mio)[)\]]",
}
_LAYER_TITLES: Final = r"layers?|layer type|layer name|names?|type|operation|op|block|node|stage"


@lru_cache(maxsize=1024)
def recognise(title: str) -> str | None:
    """Return the column that a title means: `layer`, one of the marked quantities, or None.

    >>> recognise("# Parameters"), recognise("Activation Shape"), recognise("Output size"), recognise("Colour")
    ('params', 'shape', 'size', None)
    """
    text = _bare(title)
    if re.fullmatch(_LAYER_TITLES, text):
        return LAYER
    english = (name for name, quantity in marked().items() if re.fullmatch(quantity.spellings, text))
    return next(english, None) or _foreign(text)


def _foreign(text: str) -> str | None:
    """Return the column that a title means in another language."""
    for words in languages():
        if re.fullmatch(words.layer, text):
            return LAYER
        for column, pattern in words.titles.items():
            if re.fullmatch(pattern, text):
                return column
    return None


def axis_of(title: str) -> str | None:
    """Return the axis of a shape that a column has for itself: height, width or channels.

    >>> axis_of("H"), axis_of("Feature maps"), axis_of("Layer")
    ('height', 'channels', None)
    """
    return next((axis for axis, pattern in _AXES.items() if re.fullmatch(pattern, _bare(title))), None)


def scale_of(title: str) -> int:
    """Return the unit in which a title says that its numbers are.

    >>> scale_of("Params (K)"), scale_of("MACs [M]"), scale_of("Params")
    (1000, 1000000, 1)
    """
    return next((scale for scale, pattern in _SCALES.items() if re.search(pattern, title[:80], re.IGNORECASE)), 1)


def _bare(title: str) -> str:
    """Return a title without case, digits, signs, and what stands in brackets."""
    lower = title[:80].lower().replace("&", "and")
    bare = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", lower)
    return " ".join(re.sub(r"[^\w+ ]|[\d_]", " ", bare if bare.strip() else lower).replace("+", " plus ").split())


def asked(column: str, title: str) -> Quantity:
    """Return what a column asks for: a title may narrow the whole down to a part.

    >>> asked("params", "Params (trainable)").name
    'trainable'
    """
    parts = (part for part in QUANTITIES.values() if part.part_of == column and part.qualifier)
    narrowed = (part for part in parts if re.search(part.qualifier, title, re.IGNORECASE))
    return next(narrowed, QUANTITIES[column])
