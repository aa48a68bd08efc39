"""The keys of a spec, and the words that others have for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from cnnspec.errors import suggest

KEYS: Final = (
    "cnnspec",
    "name",
    "input",
    "params",
    "variants",
    "defaults",
    "blocks",
    "layers",
    "outputs",
    "expect",
    "allow",
    "train",
    "meta",
)
_WORDS: Final[Mapping[str, str]] = {
    "name": "title network_name model_name id",
    "input": "inputs input_shape input_size inputshape inputsize input_dim image_size img_size shape input_layer in",
    "params": "parameters variables constants arguments vars hyperparameters",
    "layers": "layer model net network architecture backbone sequential structure body modules nodes",
    "outputs": "output heads out",
    "train": "training fit",
    "meta": "description comment author info metadata source version notes note",
    "blocks": "block functions definitions macros",
}


def other_word(word: str) -> str:
    """Return the key that a word of others stands for, an empty text where there is none.

    >>> other_word("Input-Shape"), other_word("model"), other_word("lyers")
    ('input', 'layers', '')
    """
    folded = re.sub(r"[^a-z]+", "_", word.lower()).strip("_")
    return next((key for key, words in _WORDS.items() if folded == key or folded in words.split()), "")


def key_meant(word: str, value: str) -> str:
    """Return the step for a word that is no key: the line to write where it has a value of one line.

    >>> key_meant("input_shape", "[28, 28, 1]"), key_meant("nam", "lenet")
    ('write `input: [28, 28, 1]`', 'did you mean `name`?')
    """
    key = other_word(word)
    if not key:
        return suggest(word, KEYS)
    return f"write `{key}: {value}`" if 0 < len(value) < 60 and not {*"\n`"} & {*value} else f"write `{key}:`"
