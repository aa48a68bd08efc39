"""Which settings a training has: the spec's `train` section, options above it, defaults below; and those of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cnnspec.errors import CnnspecError, Diagnostic, UsageError, listing, shorten, suggest
from cnnspec.language.train.losses import LOSSES
from cnnspec.language.train.metrics import LOSS, METRICS, VALIDATION, is_distance
from cnnspec.language.train.optimizers import OPTIMIZERS, WITH_MOMENTUM
from cnnspec.language.train.schedules import WARM_UPS
from cnnspec.language.train.section import value_step
from cnnspec.language.train.settings import Settings
from cnnspec.language.train.targets import ACCURACY
from cnnspec.language.train.threads import parts_of, width_of

__all__ = ["BESIDE", "Settings", "completed", "from_json", "merge"]

BESIDE: Final = tuple(name for name, setting in Settings.declared.items() if setting.beside)
"""The settings that only say where to look and what else to write; all others change what is computed."""
CLIPPING: Final = ("clipnorm", "global_clipnorm", "clipvalue")
ONE: Final = "leave out the clipping, or train on one"
Pair = tuple[object, str, str]
"""Whether two settings cannot both hold, what is said then, and what to do."""


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
            faults.append(Diagnostic("E703", message, help=value_step(name, setting.type, str(value)[:100])))
    if faults:
        raise UsageError(faults)
    return values


def _contradictions(settings: Settings) -> list[Diagnostic]:
    """Return a diagnostic for every pair of settings that cannot both hold."""
    rules = (_of_labels, _of_logits, _of_monitor, _of_steps, _of_devices)
    pairs = (pair for rule in rules for pair in rule(settings))
    return [Diagnostic(code="E702", message=message, help=step) for wrong, message, step in pairs if wrong]


def _of_labels(settings: Settings) -> Iterator[Pair]:
    loss, same = LOSSES[settings.loss], "take `loss: categorical_crossentropy`, which is the same loss"
    numbers = f"numbers of classes, which `{settings.loss}` takes"
    distances = any(METRICS[name].distance for name in settings.metrics)
    yield loss.sparse and distances, f"distances cannot be measured from {numbers}", same
    yield loss.sparse and settings.mixup, f"`mixup` cannot mix {numbers}", same
    smooth = settings.label_smoothing and not loss.is_smooth
    message = f"`label_smoothing` cannot smooth {numbers if loss.sparse else f'the labels of `{settings.loss}`'}"
    losses = " and ".join(f"`{name}`" for name, row in LOSSES.items() if row.is_smooth)
    yield smooth, message, same if loss.sparse else f"{losses} take smooth labels"


def _of_logits(settings: Settings) -> Iterator[Pair]:
    if settings.from_logits:
        entropies = ", ".join(f"`{name}`" for name, row in LOSSES.items() if row.entropy)
        message = f"`{settings.loss}` applies no activation, which `from_logits` asks for"
        yield not LOSSES[settings.loss].entropy, message, f"{entropies} apply one"
        distances = [name for name in settings.metrics if METRICS[name].distance]
        yield distances, f"`{(*distances, '')[0]}` would be that of logits", "leave it out of `metrics`"


def _of_monitor(settings: Settings) -> Iterator[Pair]:
    step = "add `--validation-split 0.1`"
    message = "`patience` waits for the loss on validation data, and there are none"
    yield settings.patience and not settings.watched, message, step
    message = "`validation_split` leaves nothing to train on"
    yield settings.validation_split >= 1, message, "0.1 keeps a tenth"
    if settings.monitor:
        name = settings.monitor.removeprefix(VALIDATION)
        message = f"`{settings.monitor}` is measured on validation data, and there are none"
        yield name != settings.monitor and not settings.validation_split, message, step
        beside = [metric for metric in settings.metrics if metric != ACCURACY or not is_distance(name)]
        names = ", ".join((*beside, name))
        yield name not in (LOSS, *settings.metrics), f"`{name}` is not measured", f"add `metrics: [{names}]` to `train`"


def _of_steps(settings: Settings) -> Iterator[Pair]:
    name = settings.optimizer
    takers = " and ".join(f"`{name}`" for name in WITH_MOMENTUM)
    yield (
        settings.momentum and not OPTIMIZERS[name].takes_momentum,
        f"`{name}` takes no `momentum`",
        f"{takers} take one",
    )
    given = [f"`{name}`" for name in CLIPPING if getattr(settings, name) is not None]
    message = f"a gradient is clipped in one way, and {' and '.join(given)} are {len(given)}"
    yield len(given) > 1, message, "give one of them"
    warm = settings.warmup_steps or settings.warmup_epochs
    both = settings.warmup_steps and settings.warmup_epochs
    yield both, "`warmup_steps` and `warmup_epochs` are two lengths of one warm-up", "give one of them"
    known = " and ".join(f"`{name}`" for name in WARM_UPS)
    yield warm and settings.schedule not in WARM_UPS, f"`{settings.schedule}` has no warm-up", f"{known} have one"
    message = f"a warm-up of {settings.warmup_epochs} epochs leaves none of {settings.epochs} for what comes behind it"
    yield settings.warmup_epochs >= settings.epochs, message, "give more `--epochs`"


def _of_devices(settings: Settings) -> Iterator[Pair]:
    devices, size = settings.devices, settings.batch_size
    message = f"{devices} devices cannot share batches of {size} evenly"
    yield size % devices != 0, message, f"`--batch-size {devices * -(-size // devices)}` can be shared"
    yield devices > 1 and clips(settings), "each of several devices would clip its part of the gradient", ONE
    parts, step = (
        parts_of(settings.threads),
        f"`--threads {settings.threads and width_of(settings.threads)}` divides none",
    )
    together = settings.steps_per_execution or 1
    message = f"Keras cannot run {together} steps in one execution on several devices"
    yield devices > 1 and together > 1, message, "leave out `--steps-per-execution`"
    message = f"a batch of {size} cannot be divided into {parts} parts"
    yield parts > size, message, step
    message = "several devices share a batch already"
    yield parts > 1 and devices > 1, f"{message}, and `--threads {settings.threads}` divides it too", step
    message = "what is compiled just in time is not divided into parts"
    yield parts > 1 and settings.jit == "on", message, step
    message = "TensorFlow compiles nothing just in time while its operations are deterministic"
    yield settings.deterministic and settings.jit == "on", message, "leave out `--jit on`"


def clips(settings: Settings) -> bool:
    """Tell whether gradients are clipped, which takes the gradient of the whole batch."""
    return any(getattr(settings, name) is not None for name in CLIPPING)


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
