"""The arguments of a class of layers together, and what of a layer's values says something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnspec.ir.arguments import Arg


def collect(cls: type[object]) -> dict[str, Arg]:
    """Return the arguments of a class in reading order: its own main ones, inherited ones, its own others."""
    own = {name: value for name, value in vars(cls).items() if isinstance(value, Arg)}
    fields = {name: value for name, value in own.items() if value.required or value.always}
    for base in cls.__bases__:
        for name, value in getattr(base, "fields", {}).items():
            fields.setdefault(name, own.get(name, value))
    return fields | own


def is_default(field: Arg, value: Any, values: Mapping[str, Any]) -> bool:
    """Tell whether a value, fitted to the axes, is the default, which may be one number for all axes."""
    default = field.default_for(values)
    one_for_all = isinstance(default, tuple) and len(default) == 1 and isinstance(value, tuple)
    return bool(value == (default * len(value) if one_for_all else default))
