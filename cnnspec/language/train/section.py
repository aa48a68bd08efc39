"""The `train` section: settings that a spec proposes for training its network."""

from __future__ import annotations

import re
from typing import Any, Final

from cnnspec.errors import listing, shorten, suggest
from cnnspec.ir.arguments import ArgType, Choice
from cnnspec.ir.values import FAULTY, Raw
from cnnspec.language.faults import Faults, place_of
from cnnspec.language.train.settings import Settings
from cnnspec.language.values_meant import decimal_comma, value_meant
from cnnspec.text.tree import Mapping, Scalar, Sequence, Tree, describe

WORDS: Final = {
    "lr": "learning_rate",
    "lrate": "learning_rate",
    "eta": "learning_rate",
    "batch": "batch_size",
    "bs": "batch_size",
    "dataset": "data",
    "data_set": "data",
    "criterion": "loss",
    "opt": "optimizer",
    "wd": "weight_decay",
    "early_stopping": "patience",
    "scheduler": "schedule",
    "lr_schedule": "schedule",
    "num_epochs": "epochs",
}
"""Words of other programs for settings."""
LOSSES: Final = {
    "crossentropy": "sparse_categorical_crossentropy",
    "crossentropyloss": "sparse_categorical_crossentropy",
    "ce": "sparse_categorical_crossentropy",
    "nll": "sparse_categorical_crossentropy",
    "bce": "binary_crossentropy",
    "mse": "mean_squared_error",
    "mseloss": "mean_squared_error",
    "mae": "mean_absolute_error",
}
"""Words of other programs for losses, of data whose classes are numbers."""
TYPES: Final = {name: setting.type for name, setting in Settings.declared.items() if setting.in_spec}


def read_section(tree: Tree, faults: Faults) -> dict[str, Any]:
    """Return the checked settings of a `train` section."""
    if not isinstance(tree, Mapping):
        faults.add("E112", f"`train` must be a mapping, not {describe(tree)}", place_of(tree))
        return {}
    values: dict[str, Any] = {}
    for key, value in tree.entries:
        if key.text not in TYPES:
            note = f"`train` has {listing(TYPES)}"
            number = decimal_comma(faults.source.text[: key.start], key.text)
            step = f"a comma ends the value before it: write the number with a point, `{number}`" if number else ""
            step = step or (f"did you mean `{WORDS[key.text]}`?" if key.text in WORDS else suggest(key.text, TYPES))
            faults.add("E108", f"unknown key `{shorten(key.text)}` in `train`", place_of(key), note, step=step)
            continue
        read = _read(key.text, TYPES[key.text], value, faults)
        if read is not FAULTY:
            values[key.text] = read
    return values


def _read(name: str, accepts: ArgType, tree: Tree, faults: Faults) -> Any:
    if isinstance(tree, Sequence):
        raw: Raw = [_text(item) for item in tree.items]
    elif isinstance(tree, Mapping):
        raw = {key.text: _text(value) for key, value in tree.entries}
    else:
        raw = tree.text
    try:
        return accepts.read(raw)
    except ValueError:
        shown = shorten(faults.source.text[tree.start : tree.end])
        step = value_step(name, accepts, shown) if isinstance(tree, Scalar) else ""
        if cut := re.match(r",(\d{1,9})", faults.source.text[tree.end : tree.end + 10]):
            step = f"a comma ends the value: write the number with a point, `{shown}.{cut[1]}`"
        faults.add("E105", f"`{name}` must be {accepts.accepts}, not `{shown}`", place_of(tree), step=step)
        return FAULTY


def value_step(name: str, accepts: ArgType, shown: str) -> str:
    """Return the step for a value of a setting that is written in another way than ours, or nearly as one of ours."""
    other = LOSSES.get(re.sub(r"[^a-z]", "", shown.lower()), "") if name == "loss" else ""
    other = other or value_meant(accepts, shown)
    near = suggest(shown, accepts.options) if isinstance(accepts, Choice) else ""
    return f"did you mean `{other}`?" if other else near


def _text(tree: Tree) -> str:
    return tree.text if isinstance(tree, Scalar) else ""
