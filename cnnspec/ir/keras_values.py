"""The values of Keras' arguments: their shortest form, objects as words, and those that mean nothing to us.

A value of a configuration is not trusted: it may be whatever a file holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

ANYTHING: Final = object()
"""Stands for all values of an argument that changes no number, whatever it is."""
LAST_AXIS: Final = object()
"""Stands for the axis of the channels: -1, or its number behind the batch."""
ALL_PLACES: Final = object()
"""Stands for all axes but those of the batch and of the channels."""
NEUTRAL: Final[Mapping[str, tuple[Any, ...]]] = MappingProxyType(
    {
        "name": (ANYTHING,),
        "seed": (ANYTHING,),
        "zero_output_for_mask": (ANYTHING,),
        "weights": (ANYTHING,),
        "trainable": (True,),
        "dtype": ("float32", None),
        "data_format": ("channels_last", None),
        "axis": (LAST_AXIS,),
        "attention_axes": (ALL_PLACES, None),
        "bias_initializer": ("zeros",),
        "beta_initializer": ("zeros",),
        "gamma_initializer": ("ones",),
        "moving_mean_initializer": ("zeros",),
        "moving_variance_initializer": ("ones",),
        "alpha_initializer": ("zeros",),
        "quantization_config": (None,),
        "renorm": (False,),
        "renorm_clipping": (ANYTHING,),
        "renorm_momentum": (ANYTHING,),
        "synchronized": (False,),
        "rms_scaling": (False,),
        "invert": (False,),
    }
)
"""Arguments that no field of ours stands for, with the values at which nothing is lost."""
NOT_MODELLED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "dtype": "leave it out; `cnnspec summarize --dtype float16` counts the bytes of other numbers",
        "axis": "leave it out where the channels are normalized; `permute` brings another axis to the end",
        "renorm": "leave it out; its moving deviations would be parameters that are not counted here",
    }
)
"""What helps where an argument that we have no field for has another value; of what only training sees, below."""
INITIALIZER: Final = "leave it out: where numbers start changes no shape and no count"
INPUT_SHAPES: Final[Mapping[str, int]] = MappingProxyType(
    {"input_shape": 0, "batch_input_shape": 1, "batch_shape": 1, "input_dim": -1, "input_length": -1}
)
"""Arguments by which a first layer says what enters, with how many sizes are not the input's; -1 for its last alone."""
NEUTRAL_IF_NONE: Final = ("_constraint", "_regularizer")
"""Ends of further arguments that mean nothing when they are None."""
UNCOUNTED: Final = ("_initializer", *NEUTRAL_IF_NONE, "dtype")
"""Ends of arguments on which no shape and no count depends, whatever they are."""
OF_EARLIER_VERSIONS: Final[Mapping[str, tuple[Any, ...]]] = MappingProxyType(
    {
        "groups": (1,),
        "implementation": (ANYTHING,),
        "time_major": (False,),
        "use_cudnn": (ANYTHING,),
        "virtual_batch_size": (None,),
        "ragged": (False,),
        "sparse": (False,),
        "input_dtype": (ANYTHING,),
        "input_shape": (ANYTHING,),
        "batch_input_shape": (ANYTHING,),
        "input_dim": (ANYTHING,),
        "input_length": (ANYTHING,),
        "mode": (0,),
    }
)
"""Further arguments that stand in files of earlier versions of Keras."""
DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "random_normal": {"mean": 0.0, "stddev": 0.05},
        "random_uniform": {"minval": -0.05, "maxval": 0.05},
        "truncated_normal": {"mean": 0.0, "stddev": 0.05},
        "variance_scaling": {"scale": 1.0, "mode": "fan_in", "distribution": "truncated_normal"},
        "orthogonal": {"gain": 1.0},
        "l2": {"l2": 0.01},
    }
)
"""What Keras' initializers and regularizers take by themselves; all else in their configurations is None then."""
VARIANCES: Final[Mapping[tuple[Any, ...], str]] = MappingProxyType(
    {
        (1.0, "fan_avg", "uniform"): "glorot_uniform",
        (1.0, "fan_avg", "normal"): "glorot_normal",
        (2.0, "fan_in", "uniform"): "he_uniform",
        (2.0, "fan_in", "normal"): "he_normal",
        (1.0, "fan_in", "uniform"): "lecun_uniform",
        (1.0, "fan_in", "normal"): "lecun_normal",
    }
)
"""What Keras calls a scaled variance: Keras 2 wrote its initializers as scale, mode and distribution."""


def shortest(value: Any) -> Any:
    """Return one value for all axes where they are equal, as Keras takes it.

    >>> shortest((3, 3)), shortest(((1, 1), (1, 1))), shortest(((0, 1), (0, 1))), shortest((3, 5))
    (3, 1, ((0, 1), (0, 1)), (3, 5))
    """
    if not isinstance(value, tuple):
        return value
    inner = [shortest(part) for part in value]
    return inner[0] if len(set(map(repr, inner))) == 1 and not isinstance(inner[0], tuple) else tuple(inner)


def plain(value: Any) -> Any:
    """Return a value with lists for tuples, and with a word for an object that has nothing but its defaults.

    >>> plain({"class_name": "HeNormal", "config": {"seed": None}}), plain((3, 3))
    ('he_normal', [3, 3])
    """
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, str | int | float | None) or not isinstance(value, Mapping):
        return value
    name, config = value.get("class_name"), value.get("config") or {}
    if not isinstance(name, str) or not isinstance(config, Mapping):
        return value
    if name == "DTypePolicy":
        return config.get("name")
    word = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    defaults = DEFAULTS.get(word, {})
    if all(part == defaults.get(key) or key == "seed" for key, part in config.items()):
        return word
    return _named_variance(config) or value if word == "variance_scaling" else value


def _named_variance(config: Mapping[str, Any]) -> str:
    """Return the name of an initializer that is given by what it scales, an empty text where it has none."""
    scale, mode, distribution = (config.get(key) for key in ("scale", "mode", "distribution"))
    known = isinstance(scale, int | float) and isinstance(mode, str) and isinstance(distribution, str)
    others = config.keys() - {"scale", "mode", "distribution", "seed"}
    if not known or others:
        return ""
    return VARIANCES.get((scale, mode, str(distribution).removeprefix("truncated_")), "")


def means_nothing(name: str, value: Any, rank: int, neutral: Mapping[str, Any]) -> bool:
    """Tell whether a plain value of an argument that we have no field for changes nothing.

    `neutral` has further arguments with their one value, which counts for all axes.
    """
    if name in neutral:
        return neutral[name] is ANYTHING or is_same(unit(value), neutral[name])
    if name.endswith(NEUTRAL_IF_NONE):
        return value is None
    return any(is_accepted(value, accepted, rank) for accepted in NEUTRAL.get(name, ()))


def is_accepted(value: Any, accepted: Any, rank: int) -> bool:
    """Tell whether a value is one of those that an accepted one stands for."""
    if accepted is LAST_AXIS:
        return unit(value) in (-1, rank + 1)
    if accepted is ALL_PLACES:
        return bool(value == list(range(1, rank + 1)))
    return accepted is ANYTHING or is_same(value, accepted)


def is_uncounted(name: str) -> bool:
    """Tell whether no shape and no count depends on an argument."""
    return name.endswith(UNCOUNTED)


def is_same(value: Any, other: Any) -> bool:
    """Tell whether two values are the same; 1 and True are not."""
    return bool(value == other) and isinstance(value, bool) == isinstance(other, bool)


def unit(value: Any) -> Any:
    """Return the one value that a list repeats, everything else as it is."""
    return value[0] if isinstance(value, list) and value and all(is_same(part, value[0]) for part in value) else value


def one_or_list(value: tuple[int, ...], _: int) -> Any:
    """Return one number alone, several as a list.

    >>> one_or_list((-1,), 2), one_or_list((1, 2), 2)
    (-1, [1, 2])
    """
    return value[0] if len(value) == 1 else list(value)


def as_given(value: Any, _: int) -> Any:
    """Return a value as it is, the one that a list repeats."""
    return unit(value)


def plainly(value: Any, _: int) -> Any:
    """Return a number as it is, several as a list."""
    return list(value) if isinstance(value, tuple) else value


def l2_regularizer(value: float, _: int) -> dict[str, Any] | None:
    """Return the configuration of an L2 regularizer, None for no regularization."""
    return {"class_name": "L2", "config": {"l2": value}} if value else None


def l2_strength(value: Any, _: int) -> Any:
    """Return the strength of an L2 regularizer, 0 for None; raise ValueError for any other one."""
    if value is None or is_same(value, "l2"):
        return DEFAULTS["l2"]["l2"] if value else 0.0
    strengths = value.get("config") if isinstance(value, Mapping) else None
    if not isinstance(strengths, Mapping) or strengths.keys() - {"l1", "l2"} or strengths.get("l1"):
        raise ValueError
    return strengths.get("l2", 0.0)


def constant(value: float, _: int) -> dict[str, Any]:
    """Return the configuration of an initializer with one number."""
    return {"class_name": "Constant", "config": {"value": value}}


def constant_number(value: Any, _: int) -> Any:
    """Return the number of an initializer with one number; raise ValueError for any other one."""
    if not isinstance(value, Mapping) or value.get("class_name") != "Constant":
        raise ValueError
    return value["config"]["value"]
