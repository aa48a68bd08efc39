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
    "data": Arg(Word(), doc="data set: a name, an .npz file or a folder"),
    "loss": Arg(LOSSES, doc="Keras' name of the loss"),
    "optimizer": Arg(OPTIMIZERS, doc="Keras' name of the optimizer"),
    "metrics": Arg(Words(METRICS), doc="what is measured besides the loss"),
    "epochs": Arg(Count(), doc="passes over the data"),
    "batch_size": Arg(Count(), doc="samples per step"),
    "learning_rate": Arg(Real(0.0), doc="step size of the optimizer"),
    "schedule": Arg(Choice(("constant", "cosine", "step")), doc="how the learning rate changes"),
    "validation_split": Arg(Real(0.0, 1.0), doc="share of the training data kept for validation"),
    "patience": Arg(Count(0), doc="epochs without improvement after which training stops"),
    "seed": Arg(Count(0), doc="start of the random numbers"),
    "scale": Arg(Real(), doc="factor for the input, such as 1/255"),
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
        raw: Raw = [item.text for item in tree.items if isinstance(item, Scalar)]
    else:
        raw = tree.text if isinstance(tree, Scalar) else {}
    try:
        return setting.type.read(raw)
    except ValueError:
        shown = shorten(faults.source.text[tree.start : tree.end])
        faults.add("E105", f"`{name}` must be {setting.type.accepts}, not `{shown}`", place_of(tree))
        return FAULTY


def read_option(name: str, value: object) -> Any:
    """Return an option of the command line as its setting reads it; what is no setting stays as it is.

    Raises ValueError with what is accepted.
    """
    setting = SETTINGS.get(name)
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
