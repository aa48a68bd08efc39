"""Tables in JSON, read without recursion into the same located tree as YAML."""

from __future__ import annotations

import json
import re
from typing import Final

from cnnspec.homework.tables import faults
from cnnspec.homework.tables.grid import Grid
from cnnspec.homework.tables.reader import Reader
from cnnspec.homework.tables.structure import DEPTH, tabulate
from cnnspec.source import Source
from cnnspec.text.tree import Mapping, Scalar, Sequence, Tree

_BEGINNING: Final = re.compile(r"\s*+(?:\{|\[\s*+[\[{\"\]\d-])")

_TOKEN: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]|[^\s\[\]{}",:]+', re.DOTALL)

_MARKS: Final = 120_000


def read(source: Source) -> Grid:
    """Return the table of a JSON text."""
    faults.refuse_many(source, ("[", "{", ","), _MARKS)
    try:
        json.loads(source.text, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        message = f"is not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise faults.unreadable(source, message, start=error.pos) from None
    except RecursionError:
        raise faults.unreadable(source, "is nested too deeply", start=_deep(source.text)) from None
    return tabulate(source, READER, _tree(source))


def _deep(text: str) -> int:
    """Return where a text is nested more deeply than any homework, or its end."""
    depth = 0
    for token in _TOKEN.finditer(text):
        sign = token.group()
        depth += (sign in {"[", "{"}) - (sign in {"]", "}"})
        if depth > DEPTH:
            return token.start()
    return len(text)


def _tree(source: Source) -> Tree:
    """Return the tree of a text that is valid JSON."""
    outer: list[tuple[int, list[Tree]]] = []
    children: list[Tree] = []
    for token in _TOKEN.finditer(source.text):
        sign = token.group()
        if sign in {"[", "{"}:
            outer.append((token.start(), children))
            if len(outer) > DEPTH:
                raise faults.unreadable(source, "is nested too deeply", start=token.start())
            children = []
        elif sign in {"]", "}"}:
            start, siblings = outer.pop()
            siblings.append(_collection(sign, start, token.end(), children))
            children = siblings
        else:
            plain = sign[0] != '"'
            text = sign if plain else json.loads(sign) if "\\" in sign else sign[1:-1]
            children.append(Scalar(text, *token.span(), plain))
    return children[0]


def _collection(sign: str, start: int, end: int, children: list[Tree]) -> Tree:
    """Return a list, or a mapping whose keys and values alternate in `children`."""
    if sign == "]":
        return Sequence(start, end, flow=True, items=children)
    keys = [key for key in children[::2] if isinstance(key, Scalar)]
    return Mapping(start, end, flow=True, entries=list(zip(keys, children[1::2], strict=True)))


def looks_like(source: Source) -> bool:
    """Tell whether a text begins like an object or a list."""
    return _BEGINNING.match(source.text) is not None


READER: Final = Reader(
    name="json",
    called="JSON",
    suffixes=("json",),
    looked_for="a list of objects, one per row, at the top or under `layers` or `rows`, or an object of objects",
    order=30,
    looks_like=looks_like,
)
