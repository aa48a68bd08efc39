"""How a network is trained: the spec's `train` section, options of the command line above it, defaults below."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from cnnspec.errors import CnnspecError, Diagnostic, UsageError, shorten
from cnnspec.language.train_section import OPTIONS

LEARNING_RATES: Final[Mapping[str, float]] = {
    "adam": 0.001,
    "adamw": 0.001,
    "nadam": 0.001,
    "adamax": 0.001,
    "sgd": 0.01,
    "rmsprop": 0.001,
    "adagrad": 0.001,
    "adadelta": 0.001,
    "lion": 0.001,
    "ftrl": 0.001,
}
"""Keras' own learning rates, by optimizer; a test compares them with Keras."""
WITH_MOMENTUM: Final = ("sgd", "rmsprop")
DISTANCES: Final = ("mean_squared_error", "mean_absolute_error")
"""Metrics that need a number for every output."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides how a network is trained; two trainings with equal settings are the same.

    `scale` is the factor of the pixels, None until the data are known. `limit` keeps the first samples only.
    `devices` is how many devices share a batch; `steps_per_execution` None means: chosen from the cost of a step.
    """

    data: str
    data_dir: str | None = None
    offline: bool = False
    limit: int | None = None
    resize: bool = False
    scale: float | None = None
    augment: tuple[str, ...] = ()
    validation_split: float = 0.0
    loss: str = "sparse_categorical_crossentropy"
    metrics: tuple[str, ...] = ("accuracy",)
    optimizer: str = "adam"
    learning_rate: float = 0.001
    momentum: float = 0.0
    schedule: str = "constant"
    epochs: int = 10
    batch_size: int = 32
    patience: int = 0
    seed: int = 0
    deterministic: bool = False
    mixed_precision: bool = False
    jit: str = "auto"
    steps_per_execution: int | None = None
    device: str | None = None
    devices: int = 1
    tensorboard: bool = False

    @property
    def monitor(self) -> str | None:
        """What tells the best epoch: the loss on validation data, None without them (then the last epoch is best)."""
        return "val_loss" if self.validation_split else None

    def changed(self, **values: Any) -> Settings:
        """Return the same settings but for some values."""
        return replace(self, **values)

    def as_json(self) -> dict[str, Any]:
        """Return the settings as JSON has them."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


NAMES: Final = tuple(field.name for field in fields(Settings))
BESIDE: Final = ("data_dir", "offline", "tensorboard")
"""The settings that only say where to look and what else to write; all others change what is computed."""


def merge(spec: Mapping[str, Any], options: Mapping[str, Any]) -> Settings:
    """Return the settings of a training: options win over the spec, the spec over defaults.

    Raises UsageError where settings do not go together, and where nothing names the data.
    """
    values: dict[str, Any] = {**spec, **{name: value for name, value in options.items() if value is not None}}
    if "data" not in values:
        step = "add `--data mnist`, or `data: mnist` to the `train` section of the spec"
        raise UsageError.one("E511", "nothing says which data to train on", help=step)
    optimizer = values.get("optimizer", "adam")
    values.setdefault("learning_rate", LEARNING_RATES[optimizer])
    settings = Settings(**values)
    faults = list(_contradictions(settings))
    if faults:
        raise UsageError(faults)
    return settings


def _contradictions(settings: Settings) -> list[Diagnostic]:
    """Return a diagnostic for every pair of settings that cannot both hold."""
    pairs = (
        (
            settings.patience and not settings.validation_split,
            "`patience` waits for the loss on validation data, and there are none",
            "add `--validation-split 0.1`",
        ),
        (
            settings.momentum and settings.optimizer not in WITH_MOMENTUM,
            f"`{settings.optimizer}` takes no `momentum`",
            "`sgd` and `rmsprop` take one",
        ),
        (
            settings.loss == "sparse_categorical_crossentropy" and {*settings.metrics} & {*DISTANCES},
            "distances cannot be measured from numbers of classes, which `sparse_categorical_crossentropy` takes",
            "take `loss: categorical_crossentropy`, which is the same loss",
        ),
        (settings.validation_split >= 1, "`validation_split` leaves nothing to train on", "0.1 keeps a tenth"),
        (
            settings.batch_size % settings.devices != 0,
            f"{settings.devices} devices cannot share batches of {settings.batch_size} evenly",
            f"`--batch-size {settings.devices * -(-settings.batch_size // settings.devices)}` can be shared",
        ),
        (
            settings.deterministic and settings.jit == "on",
            "TensorFlow compiles nothing just in time while its operations are deterministic",
            "leave out `--jit on`",
        ),
    )
    return [Diagnostic(code="E702", message=message, help=step) for wrong, message, step in pairs if wrong]


_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "str": (str,),
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
    "tuple": (list,),
}
"""What JSON has for the types of settings."""


def from_json(values: Any) -> Settings:
    """Return settings that `as_json` wrote; raise CnnspecError with all that are none, or of another version."""
    if not isinstance(values, dict) or "data" not in values:
        raise _unreadable(["`data` is missing"])
    read: dict[str, Any] = {}
    faults = [f"there is no setting `{shorten(name)}`" for name in values if name not in NAMES]
    for name in NAMES:
        if name in values:
            try:
                read[name] = _read(name, values[name])
            except (ValueError, OverflowError):
                faults.append(f"`{name}` is {shorten(repr(values[name]), 40)}")
    if faults:
        raise _unreadable(faults)
    settings = Settings(**read)
    faults = [fault.message for fault in _contradictions(settings)]
    if faults:
        raise _unreadable(faults)
    return settings


def _read(name: str, value: Any) -> Any:
    """Return a setting as JSON has it; raise ValueError where it is none."""
    declared = next(str(field.type) for field in fields(Settings) if field.name == name)
    kind = re.split(r"\W", declared)[0]
    if value is None and declared.endswith("None"):
        return None
    fits = isinstance(value, _KINDS[kind]) and isinstance(value, bool) == (kind == "bool")
    if not fits:
        raise ValueError
    if kind == "tuple" and not value:
        return ()
    if name == "steps_per_execution" and value < 1:
        raise ValueError
    return OPTIONS[name].type.read(value) if name in OPTIONS else value


def _unreadable(notes: list[str]) -> CnnspecError:
    return CnnspecError.one("E521", "the settings of the run cannot be read", notes=tuple(notes))
