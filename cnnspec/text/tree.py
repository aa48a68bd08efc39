"""The located tree of a YAML text: scalars are not yet typed, every node knows its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# Not frozen: the reader fills the collections while it walks the events, and a spec has many thousand nodes.


@dataclass(slots=True, eq=False, repr=False)
class Scalar:
    """A piece of text; `plain` tells that it stood without quotes."""

    text: str
    start: int
    end: int
    plain: bool = True


@dataclass(slots=True, eq=False, repr=False)
class Sequence:
    """A list of nodes; `flow` tells that it stood in brackets."""

    start: int
    end: int
    flow: bool
    items: list[Tree]


@dataclass(slots=True, eq=False, repr=False)
class Mapping:
    """Keys with their nodes, in the order of the text; `flow` tells that it stood in braces."""

    start: int
    end: int
    flow: bool
    entries: list[tuple[Scalar, Tree]]

    def get(self, key: str) -> Tree | None:
        """Return the node of a key, if the key is there."""
        return next((value for name, value in self.entries if name.text == key), None)


Tree = Scalar | Sequence | Mapping
_WORDS: Final = {Scalar: "a value", Sequence: "a list", Mapping: "a mapping"}


def describe(tree: Tree) -> str:
    """Return what a node is, for a message: `a value`, `a list` or `a mapping`."""
    return _WORDS[type(tree)]
