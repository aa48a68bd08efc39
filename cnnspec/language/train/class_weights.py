"""Weights of classes in the loss: the word for those that even out their numbers, or a weight for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cnnspec.ir.arguments import ArgType, Real
from cnnspec.ir.values import Raw, written

BALANCED: Final = "balanced"
"""Stands for weights with which every class counts as much as any other."""


class ClassWeights(ArgType):
    """A weight for each class, as texts CLASS=WEIGHT; classes that are not named weigh 1, as in Keras."""

    accepts = f"`{BALANCED}`, or a mapping of classes to weights ≥ 0, such as `{{0: 1, 1: 5}}`"

    def read(self, raw: Raw) -> tuple[str, ...]:
        """Read the word, a mapping, or texts CLASS=WEIGHT."""
        if raw in (BALANCED, [BALANCED]):
            return (BALANCED,)
        pairs = list(raw.items()) if isinstance(raw, dict) else [_pair(text) for text in _list(raw)]
        weights = {str(name).strip(): Real(0.0).read(weight) for name, weight in pairs}
        if not pairs or len(weights) < len(pairs) or "" in weights:
            raise ValueError
        return tuple(f"{name}={written(weight)}" for name, weight in weights.items())


class SpokenClassWeights(ClassWeights):
    """The same as the command line writes it: CLASS=WEIGHT with commas between them."""

    accepts = f"`{BALANCED}`, or classes with weights ≥ 0, such as `0=1,1=5`"

    def read(self, raw: Raw) -> tuple[str, ...]:
        """Read words."""
        return super().read([word.strip() for word in str(raw).split(",")])


def by_class(values: tuple[str, ...]) -> Mapping[str, float]:
    """Return the weights that are given, by the names of their classes.

    >>> by_class(("0=1", "a=b=2.5"))
    {'0': 1.0, 'a=b': 2.5}
    """
    return {name: float(weight) for name, weight in map(_pair, values)}


def _list(raw: Raw) -> list[Raw]:
    return raw if isinstance(raw, list) else [raw]


def _pair(text: Raw) -> tuple[str, str]:
    name, sign, weight = text.rpartition("=") if isinstance(text, str) else ("", "", "")
    if not sign:
        raise ValueError
    return name, weight
