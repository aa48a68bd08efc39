"""Conditions such as `>= 200`, whose sign YAML takes for the beginning of a folded text."""

from __future__ import annotations

import re
from typing import Final

from cnnspec.text.tree import Mapping, Scalar, Tree

_STAND_IN: Final = "\ue000"
"""A character of private use, which may begin a plain text of YAML."""
_SIGN: Final = re.compile(r"((?:(?:^|[:,-])[ \t]+|[\[,]))>(?=[ \t]*=?[ \t]*[\d.$])", re.MULTILINE)


def masked(text: str) -> str | None:
    """Return a text of the same length that YAML reads, None where no condition begins with `>`."""
    if _STAND_IN in text:
        return None
    found = _SIGN.sub(rf"\1{_STAND_IN}", text)
    return None if found == text else found


def unmask(tree: Tree | None) -> None:
    """Put the signs back into a tree, where they stood."""
    left = [tree] if tree is not None else []
    while left:
        node = left.pop()
        if isinstance(node, Scalar):
            node.text = node.text.replace(_STAND_IN, ">")
        elif isinstance(node, Mapping):
            left += [part for entry in node.entries for part in entry]
        else:
            left += node.items
