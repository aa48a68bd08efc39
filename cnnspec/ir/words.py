"""What a word names: a kind by our own name, by Keras' class or by PyTorch's."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from cnnspec.ir.layer import ALIASES, KERAS_NAMES, KINDS, TORCH_NAMES, Layer
from cnnspec.ir.torch_rule import TorchRule

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
TORCH: Final = "nn"
"""The module of PyTorch's layers, as it stands in front of their classes."""


class Found(NamedTuple):
    """The kind that a word names, the rank it demands, the word itself, and PyTorch's rule where it is PyTorch's."""

    cls: type[Layer]
    rank: int | None = None
    word: str = ""
    torch: TorchRule | None = None


def is_ambiguous(word: str) -> bool:
    """Tell whether arguments decide which kind a word names."""
    return word not in KINDS and word.rpartition(".")[2] in TORCH_NAMES


def find_kind(word: str, given: Mapping[str, Any] = NOTHING) -> Found | None:
    """Return what a word names; of several meanings of a class, the one whose arguments are given.

    A class that Keras and PyTorch both have is Keras', unless `nn.` stands before it or arguments are PyTorch's alone.
    """
    if cls := KINDS.get(word) or KINDS.get(ALIASES.get(word, "")):
        return Found(cls, None, word)
    module, _, name = word.rpartition(".")
    theirs = _in_torch(word, name, given) if name in TORCH_NAMES else None
    if name not in KERAS_NAMES or (theirs and (TORCH in module.split(".") or _is_torch(theirs, given))):
        return theirs
    kind, rank = KERAS_NAMES[name]
    return Found(KINDS[kind], rank, word)


def _in_torch(word: str, name: str, given: Mapping[str, Any]) -> Found:
    """Return the kind of a PyTorch class that takes these arguments, preferably the one that they are fixed for."""
    found = [Found(KINDS[kind], rank, word, rule) for kind, rank, rule in TORCH_NAMES[name]]
    return max(found, key=lambda each: _preference(each, given)) if len(found) > 1 else found[0]


def _preference(found: Found, given: Mapping[str, Any]) -> tuple[bool, bool]:
    takes = bool(found.torch and found.torch.takes(given))
    return takes, takes == bool(found.torch and found.torch.fixed)


def _is_torch(found: Found, given: Mapping[str, Any]) -> bool:
    """Tell whether arguments are PyTorch's: at least one that only its class has, and none that only Keras' has."""
    theirs = found.torch.arguments.keys() if found.torch else {}
    keras = found.cls.keras.argument_names().keys()
    alone = theirs - keras - found.cls.fields.keys()
    return bool(alone & given.keys()) and not (keras - theirs) & given.keys()


def field_of(cls: type[Layer], word: str) -> str | None:
    """Return the field that an argument name means: our own, another name, or Keras'."""
    if word in cls.fields:
        return word
    for name, field in cls.fields.items():
        if word in field.also:
            return name
    return cls.keras.argument_names().get(word)
