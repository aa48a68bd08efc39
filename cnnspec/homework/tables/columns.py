"""The columns of a homework table, recognised by the usual spellings of their titles."""

from __future__ import annotations

import re
from typing import Final

from cnnspec.analysis.quantities import QUANTITIES, Quantity, marked

LAYER: Final = "layer"
"""The column that says of which layer a row speaks."""
_LAYER_TITLES: Final = r"layers?|layer type|layer name|names?|type|operation|op|block|node|stage"


def recognise(title: str) -> str | None:
    """Return the column that a title means: `layer`, one of the marked quantities, or None.

    >>> recognise("# Parameters"), recognise("Activation Shape"), recognise("Output size"), recognise("Colour")
    ('params', 'shape', 'size', None)
    """
    lower = title[:80].lower().replace("&", "and")
    bare = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", lower)
    text = " ".join(re.sub(r"[^a-z+ ]", " ", bare if bare.strip() else lower).replace("+", " plus ").split())
    if re.fullmatch(_LAYER_TITLES, text):
        return LAYER
    return next((name for name, quantity in marked().items() if re.fullmatch(quantity.spellings, text)), None)


def asked(column: str, title: str) -> Quantity:
    """Return what a column asks for: a title may narrow the whole down to a part.

    >>> asked("params", "Params (trainable)").name
    'trainable'
    """
    parts = (part for part in QUANTITIES.values() if part.part_of == column and part.qualifier)
    narrowed = (part for part in parts if re.search(part.qualifier, title, re.IGNORECASE))
    return next(narrowed, QUANTITIES[column])
