"""What a Keras file passes to a call beside tensors: what no kind has is named, as it is not in a spec."""

from __future__ import annotations

from typing import Final

from cnnspec.importing.keras_functions import Use, composition, function_name
from cnnspec.ir.keras_reading import Lose
from cnnspec.layers.activations import FUNCTIONS

MODE: Final = "training"
"""The argument that says in which mode a layer works; that it does not train changes what it computes too."""
READ: Final = frozenset(
    {
        "axis",
        "axes",
        "perm",
        "keepdims",
        "keep_dims",
        "newshape",
        "shape",
        "pad_width",
        "paddings",
        "constant_values",
        "key",
        "y",
        "x2",
        "b",
        "scale",
        "concat_axis",
        "trainable",
    }
)
"""Arguments that the reading of functions asks for."""


def pass_over(use: Use, lose: Lose) -> None:
    """Give `lose` the arguments of a call that say something which no kind has."""
    keywords = use.application.keywords
    if composition(use.record) is None:
        said = [name for name, value in keywords.items() if (value if name != MODE else value is not None)]
    else:
        given = {**use.record.config, **keywords}
        are_read = function_name(use.record) in FUNCTIONS
        said = [name for name, value in given.items() if name not in READ and _says(value, are_read=are_read)]
    for name in said:
        lose(name)


def _says(value: object, *, are_read: bool) -> bool:
    """Tell whether a value asks for something; numbers of activations are read, or refused."""
    return value is True or (isinstance(value, int | float) and value is not False and not are_read)
