"""The `train` section: settings that a spec proposes for training its network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cnnspec.errors import listing, shorten, suggest
from cnnspec.ir.arguments import Arg, ArgType, Choice, Count, Flag, Real
from cnnspec.ir.faults import Faults, place_of
from cnnspec.ir.values import FAULTY, Raw
from cnnspec.spec.tree import Mapping as MappingTree
from cnnspec.spec.tree import Scalar, Sequence, Tree, describe


class Word(ArgType):
    """A word that only its reader knows."""

    accepts = "a word"

    def read(self, raw: Raw) -> str:
        """Read a word of at most 200 characters."""
        if not isinstance(raw, str) or not 0 < len(raw) <= 200:
            raise ValueError
        return raw


class Words(ArgType):
    """One word or a list of words."""

    accepts = "a word or a list of words"

    def read(self, raw: Raw) -> tuple[str, ...]:
        """Read words."""
        return tuple(Word().read(word) for word in (raw if isinstance(raw, list) else [raw]))


SETTINGS: Final[Mapping[str, Arg]] = {
    "data": Arg(Word(), doc="data set: a name, an .npz file or a folder"),
    "loss": Arg(Word(), doc="Keras' name of the loss"),
    "optimizer": Arg(Word(), doc="Keras' name of the optimizer"),
    "metrics": Arg(Words(), doc="Keras' names of metrics"),
    "epochs": Arg(Count(), doc="passes over the data"),
    "batch_size": Arg(Count(), doc="samples per step"),
    "learning_rate": Arg(Real(0.0), doc="step size of the optimizer"),
    "schedule": Arg(Choice(("constant", "cosine", "step")), doc="how the learning rate changes"),
    "validation_split": Arg(Real(0.0, 1.0), doc="share of the training data kept for validation"),
    "patience": Arg(Count(0), doc="epochs without improvement after which training stops"),
    "seed": Arg(Count(0), doc="start of the random numbers"),
    "scale": Arg(Real(), doc="factor for the input, such as 1/255"),
    "augment": Arg(Flag(), doc="vary the images while training"),
}


def read_training(tree: Tree | None, faults: Faults) -> dict[str, Any]:
    """Return the checked settings of a `train` section."""
    if tree is None:
        return {}
    if not isinstance(tree, MappingTree):
        faults.add("E112", f"`train` must be a mapping, not {describe(tree)}", place_of(tree))
        return {}
    values: dict[str, Any] = {}
    for key, value in tree.entries:
        setting = SETTINGS.get(key.text)
        if setting is None:
            note = f"`train` has {listing(SETTINGS)}"
            step = suggest(key.text, SETTINGS)
            faults.add("E108", f"unknown key `{shorten(key.text)}` in `train`", place_of(key), note, step=step)
            continue
        read = _read(key.text, setting, value, faults)
        if read is not FAULTY:
            values[key.text] = read
    return values


def _read(name: str, setting: Arg, tree: Tree, faults: Faults) -> Any:
    if isinstance(tree, Sequence):
        raw: Raw = [item.text for item in tree.items if isinstance(item, Scalar)]
    else:
        raw = tree.text if isinstance(tree, Scalar) else {}
    try:
        return setting.type.read(raw)
    except ValueError:
        shown = shorten(faults.source.text[tree.start : tree.end])
        faults.add("E105", f"`{name}` must be {setting.type.accepts}, not `{shown}`", place_of(tree))
        return FAULTY
