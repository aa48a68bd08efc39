"""The columns of a homework table, recognised by the usual spellings of their titles."""

from __future__ import annotations

import re
from typing import Final

COLUMNS: Final = ("shape", "size", "params", "weights", "biases", "macs")
"""The columns that are marked, in the order in which one computes them."""

_TITLES: Final = (
    ("layer", r"layers?|layer type|layer name|names?|type|operation|op|block|node|stage"),
    ("macs", r"macs?|mult adds?|multiply adds?|maccs?|multiplications|multiply accumulates|number of macs"),
    (
        "shape",
        (
            r"(activation|output|feature|activation map|feature map|map)? ?(shapes?|dimensions?|dims?|volume)"
            r"|output size h w c|activation map|output|output volume size"
        ),
    ),
    (
        "params",
        (
            r"(number of |no |nr |num |total |of )?(learnable |trainable |learned )?param(s|eters)?( count| number)?"
            r"|weights (and|plus) bias(es)?"
        ),
    ),
    ("weights", r"(number of |no |nr |num |of )?weights?( count)?"),
    ("biases", r"(number of |no |nr |num |of )?bias(es)?( count)?"),
    (
        "size",
        (
            r"(activation|output)? ?(size|sizes)|(number of |no |nr |num |of )?(activations?|neurons?|elements?|units)"
            r"|activation volume"
        ),
    ),
)


def recognise(title: str) -> str | None:
    """Return the column that a title means: `layer`, one of the marked columns, or None.

    >>> recognise("# Parameters"), recognise("Activation Shape"), recognise("Output size"), recognise("Colour")
    ('params', 'shape', 'size', None)
    """
    lower = title[:80].lower().replace("&", "and")
    bare = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", lower)
    text = " ".join(re.sub(r"[^a-z+ ]", " ", bare if bare.strip() else lower).replace("+", " plus ").split())
    return next((column for column, pattern in _TITLES if re.fullmatch(pattern, text)), None)
