"""JSON as it leaves the program: exact, stable, readable line by line, and harmless in a terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from cnnspec.errors import escaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

VERSION: Final = 1
"""The version of every JSON document, as its key `cnnspec`."""


def compact(value: object) -> str:
    r"""Return a value in one line, with `\u` for what a terminal would act on.

    >>> print(compact({"name": "Größe\u202e"}))
    {"name": "Größe\u202e"}
    """
    return escaped(json.dumps(value, ensure_ascii=False))


def indented(value: object, indent: int = 1) -> str:
    """Return a value over several lines, which end in a newline."""
    return escaped(json.dumps(value, indent=indent, ensure_ascii=False)) + "\n"


def by_key(document: Mapping[str, object]) -> str:
    """Return a document with one line per key: long lists stay in one line, and two files are compared with ease."""
    return _object(_members(document))


def by_item(
    head: Mapping[str, object], key: str, items: Iterable[object], tail: Mapping[str, object] | None = None
) -> str:
    """Return a document with the `head` in one line, then one line for each item of the list `key`, then the `tail`.

    >>> print(by_item({"name": "net"}, "layers", [{"kind": "conv"}, {"kind": "dense"}]), end="")
    {"name": "net",
     "layers": [
      {"kind": "conv"},
      {"kind": "dense"}]}
    """
    lines = ",\n".join(f"  {compact(item)}" for item in items)
    parts = [compact(head)[1:-1], f"{compact(key)}: [\n{lines}]", *_members(tail or {})]
    return _object(parts)


def _members(document: Mapping[str, object]) -> list[str]:
    return [f"{compact(key)}: {compact(value)}" for key, value in document.items()]


def _object(members: Iterable[str]) -> str:
    return "{" + ",\n ".join(members) + "}\n"
