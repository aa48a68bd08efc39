"""A Keras configuration read back, by the rule that writes it: all of it is understood, or it is refused by name.

A configuration is not trusted: its values may be whatever a file holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cnnspec.errors import shorten
from cnnspec.ir.arguments import Arg
from cnnspec.ir.keras_rule import Fields, KerasRule, Via, Wrapper, field_of
from cnnspec.ir.keras_values import is_same, is_uncounted, means_nothing, plain, unit

Config = Mapping[str, Any]
Sources = Mapping[str, str | Via]
Lose = Callable[[str], None]
"""Takes an argument that changes no number and has a value that is not modelled."""


class UnmodelledError(ValueError):
    """A Keras argument has a value that no field of ours stands for."""

    def __init__(self, class_name: str, argument: str, value: object, accepts: str = "") -> None:
        """Take the Keras class, the argument with its value, and which values are modelled, if any is."""
        known = f"it must be {accepts}" if accepts else "it is not modelled"
        super().__init__(f"`{argument}` of `{class_name}` is {shorten(repr(value), 80)}: {known}")
        self.argument = argument
        self.value = value
        self.accepts = accepts


def read(rule: KerasRule, fields: Fields, config: Config, rank: int, lose: Lose | None = None) -> dict[str, Any]:
    """Return the values of all fields that a configuration of the rule's class means, on input of `rank` spatial axes.

    Raise UnmodelledError for an argument, or a value of it, that the kind does not model: nothing is dropped, unless
    `lose` takes what changes no number.
    """
    name = rule.class_name.format(rank=rank)
    given: dict[str, Any] = {}
    if rule.wrapper and "layer" in config:
        given, config = _opened(rule.wrapper, fields, config, rank, name, lose)
    for argument, fixed in rule.fixed.items():
        if argument not in config or not is_same(unit(plain(config[argument])), fixed):
            raise UnmodelledError(name, argument, config.get(argument), f"{fixed!r}")
    _refuse_unknown(name, config, {*rule.fixed, *rule.arguments}, rank, rule.neutral, lose)
    given |= dict(_given(name, rule.arguments, fields, {**rule.defaults, **config}, rank, lose))
    values: dict[str, Any] = {}
    for field, declared in fields.items():
        if declared.required and field not in given:
            argument = next((word for word, source in rule.arguments.items() if field_of(source) == field), field)
            raise UnmodelledError(name, argument, None, declared.type.accepts)
        value = given[field] if field in given else declared.default_for(values)
        values[field] = value if value is None else declared.type.bind(value, rank)
    return values


def _opened(
    wrapper: Wrapper, fields: Fields, config: Config, rank: int, class_name: str, lose: Lose | None
) -> tuple[dict[str, Any], Config]:
    """Return what the wrapper of a layer says, and the configuration of the layer inside it."""
    inner, other = (_inside(config.get(name), class_name) for name in ("layer", "backward_layer"))
    if inner is None:
        raise UnmodelledError(wrapper.class_name, "layer", config["layer"], f"a `{class_name}`")
    if config.get("backward_layer") is not None and (other is None or not _is_mirrored(inner, other)):
        raise UnmodelledError(wrapper.class_name, "backward_layer", config["backward_layer"], "as `layer`, backwards")
    known = {"layer", "backward_layer", *wrapper.arguments}
    _refuse_unknown(wrapper.class_name, config, known, rank, {}, lose)
    return {
        wrapper.flag: True,
        **dict(_given(wrapper.class_name, wrapper.arguments, fields, config, rank, lose)),
    }, {argument: value for argument, value in inner.items() if argument != "trainable"}


def _inside(layer: Any, class_name: str) -> Config | None:
    """Return the configuration of a layer inside another one, None where it is no layer of this class."""
    if not isinstance(layer, Mapping) or layer.get("class_name") != class_name:
        return None
    config = layer.get("config")
    return config if isinstance(config, Mapping) else None


def _is_mirrored(forward: Config, backward: Config) -> bool:
    """Tell whether two configurations are the same but for their names and their direction."""
    names = {*forward, *backward} - {"name", "go_backwards"}
    same = all(plain(forward.get(name)) == plain(backward.get(name)) for name in names)
    return same and bool(forward.get("go_backwards")) != bool(backward.get("go_backwards"))


def _refuse_unknown(
    class_name: str, config: Config, known: set[str], rank: int, neutral: Config, lose: Lose | None
) -> None:
    for argument, value in config.items():
        if argument in known or means_nothing(argument, plain(value), rank, neutral):
            continue
        if lose is None or not is_uncounted(argument):
            raise UnmodelledError(class_name, argument, value, repr(neutral[argument]) if argument in neutral else "")
        lose(argument)


def _given(
    class_name: str, sources: Sources, fields: Fields, config: Config, rank: int, lose: Lose | None
) -> Iterator[tuple[str, Any]]:
    """Yield the fields that a configuration gives, with their values; two arguments for one field must agree."""
    seen: dict[str, Any] = {}
    for argument, source in sources.items():
        name = field_of(source)
        if argument not in config or (config[argument] is None and callable(fields[name].default)):
            continue
        try:
            value = _value(source, plain(config[argument]), fields[name], rank)
        except (ValueError, TypeError, LookupError, RecursionError):
            if lose is None or not is_uncounted(argument):
                raise UnmodelledError(class_name, argument, config[argument], fields[name].type.accepts) from None
            lose(argument)
            continue
        if seen.setdefault(name, value) != value:
            raise UnmodelledError(class_name, argument, config[argument], repr(seen[name]))
        yield name, value


def _value(source: str | Via, raw: Any, field: Arg, rank: int) -> Any:
    """Return the value of a field, fitted to the axes; raise ValueError where it has none."""
    if isinstance(source, Via):
        raw = source.back(raw, rank)
    if raw is None and field.default is None:
        return None
    return field.type.bind(field.type.read(raw), rank)
