"""What the label of a row says: that it is an input, or which kinds of layers it may mean."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final, NamedTuple

from cnnspec.homework.languages import languages
from cnnspec.ir.layer import ALIASES, KINDS
from cnnspec.ir.role import Role
from cnnspec.layers.activations import FUNCTIONS, Outputs

INPUT: Final = r"^\W*(the )?(input|image)"
AFTERTHOUGHTS: Final = (Role.POOL, Role.NORM, Role.NOISE, Role.MOVE)
"""Layers that are often called after the one in front of them, as in `conv1_bn`: their words come before its own."""
PARTS: Final = (Role.CONVOLUTION, Role.DENSE, Role.ACTIVATION, Role.JOIN)

Words = list[tuple[str, frozenset[str]]]
"""Patterns with the kinds that they mean, none for an input, in the order in which they are tried."""


class Label(NamedTuple):
    """A row's label: its plain text, and the kinds that it may mean.

    It is sure where a word of a kind is in it. Without one it may begin with a kind's name, and still mean others.
    """

    plain: str
    kinds: frozenset[str] = frozenset()
    is_input: bool = False
    is_sure: bool = False

    @property
    def ends_a_classifier(self) -> bool:
        """Whether it names a function that makes one distribution of a dense layer's outputs."""
        return any(kind in FUNCTIONS and FUNCTIONS[kind].outputs is Outputs.DISTRIBUTION for kind in self.kinds)

    @property
    def is_function(self) -> bool:
        """Whether it names activation functions alone."""
        return bool(self.kinds) and all(KINDS[kind].role is Role.ACTIVATION for kind in self.kinds)


def parts_of(label: str) -> list[str]:
    """Return the labels that stand together in one, each with a word of a layer of its own.

    >>> parts_of("CONV1 + POOL1"), parts_of("Conv + ReLU"), parts_of("conv_pool_1")
    (['CONV1', 'POOL1'], ['Conv + ReLU'], ['conv_pool_1'])
    """
    pieces = [piece.strip() for piece in re.split(r"\s*(?:\+|&|/|→|->|➜|\band\b|,)\s*", label[:80]) if piece.strip()]
    read = read_labels(pieces)
    layers = [
        piece
        for piece, found in zip(pieces, read, strict=True)
        if found.is_sure and found.kinds and not found.is_function
    ]
    return layers if len(layers) > 1 and all(found.is_sure for found in read) else [label]


def read_labels(texts: Iterable[str]) -> list[Label]:
    """Return what labels say."""
    return list(map(_read, texts))


@lru_cache(maxsize=4096)
def _read(text: str) -> Label:
    shown, plain = _without_remarks(text), plain_name(text)
    for pattern, kinds in _words():
        if re.search(pattern, shown):
            return Label(plain, kinds, is_input=not kinds, is_sure=True)
    return Label(plain, _named(plain))


def plain_name(label: str) -> str:
    """Return a label without what stands in parentheses, and without case, spaces and signs, in any alphabet."""
    return re.sub(r"[\W_]", "", _without_remarks(label))


def _without_remarks(label: str) -> str:
    return re.sub(r"\([^)]*\)", "", label[:80].lower())


@cache
def _words() -> Words:
    """Return first the words that mean one kind alone, then the general ones."""
    own = [(cls.called, frozenset({kind})) for kind, cls in KINDS.items() if cls.called]
    others = tuple(role for role in Role if role not in (*AFTERTHOUGHTS, *PARTS))
    english = [*own, *_general(AFTERTHOUGHTS), (INPUT, frozenset()), *_general(PARTS), *_general(others)]
    return [*english, *_foreign()]


def _foreign() -> Words:
    """Return the words of other languages; what is no other layer is an input or the last one."""
    layers = [(word, _kinds_of(role)) for words in languages() for role, word in words.labels.items()]
    inputs: Words = [(words.inputs, frozenset()) for words in languages()]
    outputs = [(words.outputs, _kinds_of(Role.DENSE)) for words in languages()]
    return [*layers, *inputs, *outputs]


def _kinds_of(role: Role) -> frozenset[str]:
    """Return the kinds of a role, which one word of another language means."""
    return frozenset(kind for kind, cls in KINDS.items() if cls.role is role)


def _general(roles: tuple[Role, ...]) -> Words:
    """Return the general words of roles; of one role, those that mean the fewest kinds come first."""
    found: list[tuple[str, frozenset[str]]] = []
    for role in roles:
        kinds: dict[str, set[str]] = {}
        for kind, cls in KINDS.items():
            if cls.role is role and cls.also_called:
                kinds.setdefault(cls.also_called, set()).add(kind)
        found += sorted(((word, frozenset(meant)) for word, meant in kinds.items()), key=lambda entry: len(entry[1]))
    return found


def _named(plain: str) -> frozenset[str]:
    """Return the kinds with whose name, or another name of theirs, a plain label begins."""
    names = {**{kind: kind for kind in KINDS}, **ALIASES}
    return frozenset(kind for name, kind in names.items() if plain.startswith(name.replace("_", "")))
