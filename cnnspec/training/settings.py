"""Which settings a training has: the spec's `train` section, options above it, defaults below; and those of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cnnspec.errors import CnnspecError, Diagnostic, UsageError, listing, shorten, suggest
from cnnspec.language.train.losses import LOSSES
from cnnspec.language.train.metrics import METRICS
from cnnspec.language.train.optimizers import OPTIMIZERS, WITH_MOMENTUM
from cnnspec.language.train.settings import Settings

__all__ = ["BESIDE", "Settings", "completed", "from_json", "merge"]

BESIDE: Final = tuple(name for name, setting in Settings.declared.items() if setting.beside)
"""The settings that only say where to look and what else to write; all others change what is computed."""


def merge(spec: Mapping[str, Any], options: Mapping[str, Any]) -> Settings:
    """Return the settings of a training: options win over the spec, the spec over defaults.

    Raises UsageError where options are none, where settings do not go together, and where nothing names the data.
    """
    values = {**spec, **_checked({name: value for name, value in options.items() if value is not None})}
    if "data" not in values:
        step = "add `--data mnist`, or `data: mnist` to the `train` section of the spec"
        raise UsageError.one("E511", "nothing says which data to train on", help=step)
    settings = completed(values)
    faults = list(_contradictions(settings))
    if faults:
        raise UsageError(faults)
    return settings


def completed(values: Mapping[str, Any]) -> Settings:
    """Return settings with some values, and the defaults of all others."""
    settings = Settings(**values)
    rate = OPTIMIZERS[settings.optimizer].learning_rate
    return settings if "learning_rate" in values else settings.changed(learning_rate=rate)


def _checked(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options as their settings read them; raise UsageError with all that are wrong."""
    values, faults = {}, []
    for name, value in options.items():
        setting = Settings.declared.get(name)
        if setting is None:
            note = f"settings are {listing(Settings.declared)}"
            step = suggest(name, Settings.declared)
            faults.append(Diagnostic("E703", f"there is no setting `{shorten(name)}`", notes=(note,), help=step))
            continue
        try:
            values[name] = setting.read(value)
        except ValueError:
            message = f"`{name}` must be {setting.type.accepts}, not `{shorten(value)}`"
            faults.append(Diagnostic("E703", message))
    if faults:
        raise UsageError(faults)
    return values


def _contradictions(settings: Settings) -> list[Diagnostic]:
    """Return a diagnostic for every pair of settings that cannot both hold."""
    sparse, distances = LOSSES[settings.loss].sparse, any(METRICS[name].distance for name in settings.metrics)
    pairs = (
        (
            settings.patience and not settings.validation_split,
            "`patience` waits for the loss on validation data, and there are none",
            "add `--validation-split 0.1`",
        ),
        (
            settings.momentum and not OPTIMIZERS[settings.optimizer].takes_momentum,
            f"`{settings.optimizer}` takes no `momentum`",
            f"{' and '.join(f'`{name}`' for name in WITH_MOMENTUM)} take one",
        ),
        (
            sparse and distances,
            f"distances cannot be measured from numbers of classes, which `{settings.loss}` takes",
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


def from_json(values: Any) -> Settings:
    """Return settings that `as_json` wrote; raise CnnspecError with all that are none, or of another version."""
    if not isinstance(values, dict) or "data" not in values:
        raise _unreadable(["`data` is missing"])
    read: dict[str, Any] = {}
    faults = [f"there is no setting `{shorten(name)}`" for name in values if name not in Settings.declared]
    for name, setting in Settings.declared.items():
        if name in values:
            try:
                read[name] = setting.read_json(values[name])
            except ValueError:
                faults.append(f"`{name}` is {shorten(repr(values[name]), 40)}")
    faults = faults or [fault.message for fault in _contradictions(Settings(**read))]
    if faults:
        raise _unreadable(faults)
    return Settings(**read)


def _unreadable(notes: list[str]) -> CnnspecError:
    return CnnspecError.one("E521", "the settings of the run cannot be read", notes=tuple(notes))
