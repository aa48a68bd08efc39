"""The `train` section: settings that a spec proposes for training its network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from cnnspec.errors import listing, shorten, suggest
from cnnspec.ir.arguments import Arg, ArgType, Choice, Count, Flag, Real
from cnnspec.ir.values import FAULTY, Raw
from cnnspec.language.faults import Faults, place_of
from cnnspec.text.tree import Mapping as MappingTree
from cnnspec.text.tree import Scalar, Sequence, Tree, describe


class Text(ArgType):
    """The name of a data set, or a path."""

    accepts = "a name or a path"

    def read(self, raw: Raw) -> str:
        """Read a text of at most 4,096 characters, which is as long as a path can be."""
        if not isinstance(raw, str) or not 0 < len(raw) <= 4096 or "\0" in raw:
            raise ValueError
        return raw


class Positive(Real):
    """A finite number above 0."""

    accepts = "a number above 0"

    def read(self, raw: Raw) -> float:
        """Read a number; a quotient such as `1/255` is one too."""
        value = super().read(raw)
        if value <= 0:
            raise ValueError
        return value


class Seed(Count):
    """What starts random numbers: 32 bits, as NumPy takes them."""

    accepts = "an integer from 0 to 4294967295"

    def read(self, raw: Raw) -> int:
        """Read an integer of at most 32 bits."""
        value = super().read(raw)
        if value >= 2**32:
            raise ValueError
        return value


class Device(Text):
    """Where to compute."""

    accepts = "`cpu`, `gpu`, or `gpu:1` for the second one"

    def read(self, raw: Raw) -> str:
        """Read the name of a device."""
        word = str(raw).lower()
        if not re.fullmatch(r"cpu|gpu(:\d{1,3})?", word):
            raise ValueError
        return word


class Words(ArgType):
    """One word or a list of words, each one of several."""

    def __init__(self, choice: Choice) -> None:
        """Take what each word may be."""
        self.choice = choice

    @property
    def accepts(self) -> str:  # type: ignore[override] # depends on the words
        """The words that are allowed."""
        return f"{self.choice.accepts}, or a list of them"

    def read(self, raw: Raw) -> tuple[str, ...]:
        """Read words; one that is given twice counts once."""
        words = [self.choice.read(word) for word in (raw if isinstance(raw, list) else [raw])]
        if not words:
            raise ValueError
        return tuple(dict.fromkeys(words))


class Variations(Words):
    """How images are varied: `true` stands for whatever suits the data, `false` for nothing."""

    @property
    def accepts(self) -> str:  # type: ignore[override] # depends on the words
        """The forms that are allowed."""
        return f"`true`, `false`, {super().accepts}"

    def read(self, raw: Raw) -> tuple[str, ...]:
        """Read a truth value or words."""
        try:
            return ("auto",) if Flag().read(raw) else ()
        except ValueError:
            return super().read(raw)


LOSSES: Final = Choice(
    (
        "sparse_categorical_crossentropy",
        "categorical_crossentropy",
        "binary_crossentropy",
        "mean_squared_error",
        "mean_absolute_error",
    ),
    (("mse", "mean_squared_error"), ("mae", "mean_absolute_error")),
)
OPTIMIZERS: Final = Choice(
    ("adam", "adamw", "nadam", "adamax", "sgd", "rmsprop", "adagrad", "adadelta", "lion", "ftrl")
)
METRICS: Final = Choice(
    ("accuracy", "top_5_accuracy", "mean_squared_error", "mean_absolute_error"),
    (("acc", "accuracy"), ("mse", "mean_squared_error"), ("mae", "mean_absolute_error")),
)
SETTINGS: Final[Mapping[str, Arg]] = {
    "data": Arg(Text(), doc="data set: a name, an .npz file or a folder"),
    "loss": Arg(LOSSES, doc="Keras' name of the loss"),
    "optimizer": Arg(OPTIMIZERS, doc="Keras' name of the optimizer"),
    "metrics": Arg(Words(METRICS), doc="what is measured besides the loss"),
    "epochs": Arg(Count(), doc="passes over the data"),
    "batch_size": Arg(Count(), doc="samples per step"),
    "learning_rate": Arg(Positive(), doc="step size of the optimizer"),
    "schedule": Arg(Choice(("constant", "cosine", "step")), doc="how the learning rate changes"),
    "validation_split": Arg(Real(0.0, 1.0), doc="share of the training data kept for validation"),
    "patience": Arg(Count(0), doc="epochs without improvement after which training stops"),
    "seed": Arg(Seed(0), doc="start of the random numbers"),
    "scale": Arg(Positive(), doc="factor for the input, such as 1/255"),
    "momentum": Arg(Real(0.0, 1.0), doc="momentum of sgd and rmsprop"),
    "resize": Arg(Flag(), doc="bring images to the input's size and channels"),
    "augment": Arg(Variations(Choice(("crop", "flip"))), doc="vary the images while training"),
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
        raw: Raw = [item.text if isinstance(item, Scalar) else "" for item in tree.items]
    else:
        raw = tree.text if isinstance(tree, Scalar) else {}
    try:
        return setting.type.read(raw)
    except ValueError:
        shown = shorten(faults.source.text[tree.start : tree.end])
        faults.add("E105", f"`{name}` must be {setting.type.accepts}, not `{shown}`", place_of(tree))
        return FAULTY


OPTIONS: Final[Mapping[str, Arg]] = {
    **SETTINGS,
    "limit": Arg(Count(), doc="samples to train on"),
    "devices": Arg(Count(), doc="devices that share a batch"),
    "device": Arg(Device(), doc="where to compute"),
    "jit": Arg(Choice(("auto", "on", "off")), doc="whether to compile just in time"),
}
"""What the command line can set; some of it has no place in a spec, which is for every machine."""


def read_option(name: str, value: object) -> Any:
    """Return an option of the command line as its setting reads it; what is no setting stays as it is.

    Raises ValueError with what is accepted.
    """
    setting = OPTIONS.get(name)
    if name == "steps_per_execution":
        return _steps(str(value))
    if setting is None or isinstance(value, bool):
        return value
    raw: Raw = str(value)
    if name == "augment":
        words = [word.strip() for word in str(value).split(",")]
        raw = {"auto": "true", "none": "false"}.get(words[0], words[0]) if len(words) == 1 else list(words)
    try:
        return setting.type.read(raw)
    except ValueError:
        accepts = "`auto`, `none`, `crop`, `flip` or `crop,flip`" if name == "augment" else setting.type.accepts
        raise ValueError(accepts) from None


def _steps(text: str) -> int | None:
    if text == "auto":
        return None
    try:
        return int(Count().read(text))
    except ValueError:
        raise ValueError("`auto` or a positive integer") from None
