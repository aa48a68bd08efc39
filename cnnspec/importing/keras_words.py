"""The arguments of Keras 1 and of further versions in the words of today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cnnspec.ir.keras_rule import Fields, KerasRule, field_of
from cnnspec.ir.keras_values import OF_EARLIER_VERSIONS, is_accepted, is_uncounted

OLD: Final[Mapping[str, str]] = {
    "nb_filter": "filters",
    "border_mode": "padding",
    "subsample": "strides",
    "subsample_length": "strides",
    "filter_length": "kernel_size",
    "atrous_rate": "dilation_rate",
    "output_dim": "units",
    "p": "rate",
    "pool_length": "pool_size",
    "stride": "strides",
    "length": "size",
    "bias": "use_bias",
    "inner_activation": "recurrent_activation",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
    "dim_ordering": "data_format",
    "concat_axis": "axis",
    "init": "kernel_initializer",
    "inner_init": "recurrent_initializer",
    "forget_bias_init": "bias_initializer",
    "beta_init": "beta_initializer",
    "gamma_init": "gamma_initializer",
    "W_regularizer": "kernel_regularizer",
    "U_regularizer": "recurrent_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "U_constraint": "recurrent_constraint",
    "b_constraint": "bias_constraint",
}
"""What Keras 1 called an argument (Keras' release notes of 2.0)."""
SIDES: Final = ("kernel_dim1", "kernel_dim2", "kernel_dim3", "nb_row", "nb_col")
"""What Keras 1 called the sides of a kernel."""
ORDERS: Final = {"tf": "channels_last", "th": "channels_first"}


def modern(rule: KerasRule, fields: Fields, config: Mapping[str, Any], rank: int) -> dict[str, Any]:
    """Return a configuration in the words that a rule knows, without those that mean nothing any more."""
    known = {*rule.arguments, *rule.fixed, *rule.neutral}
    if sides := [config[side] for side in SIDES if side in config]:
        config = {**{name: value for name, value in config.items() if name not in SIDES}, "kernel_size": sides}
    found: dict[str, Any] = {}
    for name, value in config.items():
        if name in known:
            found[name] = value
            continue
        accepted = OF_EARLIER_VERSIONS.get(name)
        if accepted is not None and any(is_accepted(value, each, rank) for each in accepted):
            continue
        new = OLD.get(name, "")
        if new in known or (new and is_uncounted(new)) or name == "dim_ordering":
            found.setdefault(new, ORDERS.get(value, value) if isinstance(value, str) else value)
        else:
            found.setdefault(_today(rule, fields, name), value)
    return found


def _today(rule: KerasRule, fields: Fields, name: str) -> str:
    """Return the argument of the field that has this other name, itself where there is none."""
    field = next((own for own, field in fields.items() if name in field.also), None)
    return next((word for word, source in rule.arguments.items() if field_of(source) == field), name)
