"""Python as text: names, literals, and the variables of a listing.

A spec is not trusted: what it says stands in a listing as literals and comments only, and its names as variables only
after everything but letters, digits and `_` is gone.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from math import isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph


def identifier(name: str, taken: set[str]) -> str:
    """Return a name as a variable that means nothing else, and take it.

    >>> identifier("block/conv-1", {"x"}), identifier("x", {"x"}), identifier("1st", set())
    ('block_conv_1', 'x_2', '_1st')
    """
    word = re.sub(r"[^A-Za-z0-9_]", "_", name)
    word = word if word[:1].isalpha() else f"_{word.lstrip('_')}"
    number, free = 1, word
    while free in taken:
        number += 1
        free = f"{word}_{number}"
    taken.add(free)
    return free


def literal(value: Any) -> str:
    """Return a plain value as Python writes it.

    >>> literal((3, -1)), literal((2,)), literal(float("-inf")), literal("a"), literal(slice(0, 2))
    ('(3, -1)', '(2,)', 'float("-inf")', '"a"', 'slice(0, 2)')
    """
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, list | tuple):
        inner = ", ".join(map(literal, value))
        return f"[{inner}]" if isinstance(value, list) else f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, slice):
        return f"slice({literal(value.start)}, {literal(value.stop)})"
    if value in (None, ...) or isinstance(value, bool | int | float):
        return f'float("{value}")' if isinstance(value, float) and not isfinite(value) else repr(value)
    raise TypeError(f"{value!r} has no literal")


def quote(text: str) -> str:
    """Return a string literal, in double quotes where nothing in it needs care."""
    return f'"{text}"' if re.fullmatch(r"[A-Za-z0-9_., >-]*", text) else repr(text)


def variables(graph: Graph, reserved: Collection[str], first: str, last: str) -> dict[str, str]:
    """Return the variable of every tensor: `x` where only the next layer reads it, its own name elsewhere.

    `first` is the variable of an only input, `last` that of an only output that no layer reads.
    """
    order = [*(entry.name for entry in graph.inputs), *(node.name for node in graph)]
    readers: dict[str, set[int]] = {name: set() for name in order}
    count = len(graph.inputs)
    for place, node in enumerate(graph, count):
        for name in node.inputs:
            readers[name].add(place)
    for name in graph.outputs:
        readers[name].add(-1)
    found: dict[str, str] = {}
    taken = {*reserved}
    for place, name in enumerate(order):
        if count == 1 and place == 0:
            found[name] = first
        elif (name,) == graph.outputs and readers[name] == {-1}:
            found[name] = last
        elif place >= count and readers[name] == {place + 1}:
            found[name] = "x"
        else:
            found[name] = identifier(name, taken)
    return found
