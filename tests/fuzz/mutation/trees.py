"""JSON changed as a tree: values, keys, parts; now and then as a text."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random
from typing import Any, Final

from tests.fuzz.mutation import texts
from tests.fuzz.target import Mutate

VALUES: Final = (
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        2,
        3,
        255,
        65536,
        2**31,
        2**63,
        10**12,
        10**30,
        10**400,
        -(10**12),
        0.5,
        -0.0,
        1e308,
    ),
    *(float("nan"), float("inf"), "", "x", "1", "\x1b[31m", "\ud800", "\u202e", "a/b", "../x", "a" * 300, "__class__"),
    *([], {}, [None], [[]], {"": None}, [0] * 5, [1, 2, 3], {"class_name": "Lambda"}, "None", "same", "linear"),
)


def mutator(words: Callable[[], Sequence[str]] = tuple) -> Mutate:
    """Return what changes JSON; what is none is changed as a text."""
    as_text = texts.mutator(words)

    def mutate(random: Random, content: bytes, other: bytes) -> bytes:
        tree, second = _parsed(content), _parsed(other)
        if tree is None or random.random() < 0.06:
            return as_text(random, content, other)
        found = change(random, tree, second, words())
        return _written(found, content, random.random() < 0.5)

    return mutate


def change(random: Random, tree: Any, other: Any, words: Sequence[str] = ()) -> Any:
    """Return a tree with a few changes."""
    tree = deepcopy(tree)
    for _ in range(random.choice((1, 1, 2, 3, 6))):
        places = list(_places(tree))
        if not places:
            return random.choice(VALUES)
        holder, key = random.choice(places)
        random.choice(CHANGES)(random, holder, key, other, words)
    return tree


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _written(tree: Any, fallback: bytes, plain: bool) -> bytes:  # noqa: FBT001 - one of two ways
    try:
        return json.dumps(tree, ensure_ascii=plain).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        return fallback


def _places(tree: Any) -> Any:
    """Yield what holds a value and under which key, for every value in a tree."""
    rest = [tree]
    while rest:
        holder = rest.pop()
        if isinstance(holder, dict):
            entries = list(holder.items())
        elif isinstance(holder, list):
            entries = list(enumerate(holder))
        else:
            continue
        for key, value in entries:
            yield holder, key
            if isinstance(value, dict | list):
                rest.append(value)


def _value(random: Random, holder: Any, key: Any, _: Any, words: Sequence[str]) -> None:
    old = holder[key]
    if isinstance(old, str) and words and random.random() < 0.5:
        holder[key] = random.choice(words)
    elif isinstance(old, int) and random.random() < 0.6:
        holder[key] = old + random.choice((-1, 1, -old, old, 2, 7))
    elif isinstance(old, str) and random.random() < 0.4:
        changed = texts.mutator()(random, old.encode("utf-8", "surrogatepass"), b"abc 3x3")
        holder[key] = changed.decode("utf-8", "replace")
    else:
        holder[key] = deepcopy(random.choice(VALUES))


def _gone(_: Random, holder: Any, key: Any, __: Any, ___: Sequence[str]) -> None:
    del holder[key]


def _again(random: Random, holder: Any, key: Any, _: Any, __: Sequence[str]) -> None:
    value = holder[key]
    if isinstance(holder, list):
        holder[key:key] = [deepcopy(value) for _ in range(random.choice((1, 1, 2, 30)))]
    else:
        holder[f"{key}{random.choice(('_', '1', ''))}"] = deepcopy(value)


def _moved(random: Random, holder: Any, key: Any, other: Any, _: Sequence[str]) -> None:
    """Put a part of the other tree, or of this one, in a place."""
    places = list(_places(random.choice((other, holder))))
    if places:
        source, name = random.choice(places)
        holder[key] = deepcopy(source[name])


def _deeper(random: Random, holder: Any, key: Any, _: Any, __: Sequence[str]) -> None:
    value = holder[key]
    for _depth in range(random.choice((1, 1, 2, 40, 900))):
        value = [value] if random.random() < 0.5 else {str(key): value}
    holder[key] = value


def _renamed(random: Random, holder: Any, key: Any, _: Any, words: Sequence[str]) -> None:
    if isinstance(holder, dict):
        holder[random.choice((*words[:400], "name", "", "x" * 300, "\ud800", "0"))] = holder.pop(key)


CHANGES: Final = (_value, _value, _value, _value, _gone, _again, _moved, _moved, _deeper, _renamed)
