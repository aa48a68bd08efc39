"""A layer of a Keras file as a layer of a kind: the rules by which kinds are written, read back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from cnnspec.importing.keras_words import modern
from cnnspec.ir.keras_reading import Lose, UnmodelledError, read
from cnnspec.ir.keras_rule import KerasRule
from cnnspec.ir.layer import Layer
from cnnspec.ir.per_step import WRAPPER, per_step
from cnnspec.ir.shapes import Shape
from cnnspec.layers import naming

Config = Mapping[str, Any]
BESIDE: Final = frozenset({"name", "trainable"})
"""Arguments of all classes that are not the layer's."""
MOST_CLASSES: Final = 1024
"""How many classes are remembered with what they mean: a file may name any."""


class ForeignClassError(Exception):
    """No kind is written as this class."""


class Candidate(NamedTuple):
    """A kind that a class may mean, by one of its rules; `strict` where only all of its values tell it."""

    cls: type[Layer]
    rule: KerasRule
    rank: int | None
    strict: bool


def read_layer(class_name: str, config: Config, shape: Shape, lose: Lose) -> Layer:
    """Return the layer that a class of Keras with its configuration means on input of a shape.

    Raise ForeignClassError for a class that no kind is written as, and UnmodelledError for an argument or a value that
    none models.
    """
    if class_name == WRAPPER:
        return per_step(read_layer(*_inner(config), shape[1:], lose))
    found = _candidates(class_name)
    inner = config.get("layer")
    if isinstance(inner, Mapping) and (around := _wrapped(class_name, str(inner.get("class_name")))):
        found = around
    if not found:
        raise ForeignClassError(class_name)
    *specific, last = found
    own = {name: value for name, value in config.items() if name not in BESIDE}
    for candidate in specific:
        try:
            return _read(candidate, own, shape, lose if not candidate.strict else None)
        except UnmodelledError:
            continue
    return _read(last, own, shape, lose)


def is_trainable(config: Config) -> bool:
    """Tell whether a layer may learn: neither it nor, in a wrapper, the layer inside it is frozen."""
    inner = config.get("layer")
    inside = inner.get("config") if isinstance(inner, Mapping) else None
    return config.get("trainable") is not False and (not isinstance(inside, Mapping) or is_trainable(inside))


@lru_cache(maxsize=MOST_CLASSES)
def is_known(class_name: str) -> bool:
    """Tell whether any kind is written as a class."""
    wrappers = (cls.keras.wrapper.class_name for cls in naming(class_name) if cls.keras.wrapper)
    return class_name == WRAPPER or bool(_candidates(class_name)) or class_name in wrappers


def _inner(config: Config) -> tuple[str, Config]:
    """Return the class and the configuration of the layer in a wrapper."""
    inner = config.get("layer")
    if not isinstance(inner, Mapping) or not isinstance(inner.get("config"), Mapping):
        raise UnmodelledError(WRAPPER, "layer", inner, "a layer")
    return str(inner.get("class_name")), inner["config"]


def _read(candidate: Candidate, config: Config, shape: Shape, lose: Lose | None) -> Layer:
    """Return the layer of a configuration; what changes no number and is not modelled goes to `lose`."""
    cls, rule = candidate.cls, candidate.rule
    rank = len(shape) - 1 - cls.leads
    if candidate.rank is not None and candidate.rank != rank:
        name = rule.class_name.format(rank=candidate.rank)
        raise UnmodelledError(name, "input", tuple(shape), f"of {candidate.rank + 1 + cls.leads} axes")
    if rule.wrapper is None or "layer" not in config:
        config = modern(rule, cls.fields, config, rank)
    return cls(**read(rule, cls.fields, config, max(rank, 0), lose))


@lru_cache(maxsize=MOST_CLASSES)
def _candidates(class_name: str) -> tuple[Candidate, ...]:
    """Return the kinds that a class of Keras may mean: those that fix most arguments first, the named one last."""
    found = [
        Candidate(cls, rule, rank, not rule.names_kind)
        for cls in naming(class_name)
        for rule in (cls.keras, *cls.keras_too)
        for name, rank in rule._replace(names_kind=True).class_names().items()
        if name == class_name
    ]
    return tuple(sorted(found, key=_order))


def _order(candidate: Candidate) -> tuple[bool, int]:
    return candidate.rule.names_kind, -len(candidate.rule.fixed)


def _wrapped(wrapper: str, class_name: str) -> tuple[Candidate, ...]:
    """Return the kinds that a class around another class means."""
    found = [each for each in _candidates(class_name) if each.cls.keras.wrapper]
    return tuple(
        each._replace(strict=False)
        for each in found
        if each.cls.keras.wrapper and each.cls.keras.wrapper.class_name == wrapper
    )
