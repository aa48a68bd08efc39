"""Patterns of formulas: terms in which some leaves stand for other terms, and the places where they are found.

>>> from cnnspec.formula import symbol
>>> x, k = anything("x"), anything("k")
>>> params = (symbol("F", 5) * symbol("F", 5) + 1) * symbol("K", 8)
>>> find((x + 1) * k, params)
Match(path=(), parts={'x': (0, 0), 'k': (1,)})
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from cnnspec.formula import Term

Path = tuple[int, ...]
"""A place in a formula: from the top, the number of the operand at every step."""


class Wildcard(Term):
    """A leaf of a pattern, which stands for any term that it accepts."""

    __slots__ = ("accepts",)

    def __init__(self, name: str, accepts: Callable[[Term], bool]) -> None:
        """Take the name under which the term is found, and what it must be."""
        super().__init__(1, "symbol", name)
        self.accepts = accepts


def anything(name: str) -> Term:
    """Return a leaf that stands for any term."""
    return Wildcard(name, lambda _: True)


def leaf(name: str) -> Term:
    """Return a leaf that stands for a symbol of this name."""
    return Wildcard(name, lambda term: term.op == "symbol" and term.name == name)


def made_of(name: str, symbols: Collection[str], *operations: str) -> Term:
    """Return a leaf that stands for any term with these symbols alone, put together by these operations alone."""

    def accepts(term: Term) -> bool:
        if term.operands:
            return term.op in operations and all(map(accepts, term.operands))
        return term.op == "symbol" and term.name in symbols

    return Wildcard(name, accepts)


class Match(NamedTuple):
    """Where a pattern was found, and where in the formula the terms are that its wildcards stand for."""

    path: Path
    parts: Mapping[str, Path]


def find(pattern: Term, term: Term) -> Match | None:
    """Return the first place of a pattern, from the top down and in reading order, None where there is none."""
    found = match(pattern, term)
    if found is not None:
        return Match((), found)
    for index, operand in enumerate(term.operands):
        inner = find(pattern, operand)
        if inner is not None:
            return Match((index, *inner.path), {name: (index, *path) for name, path in inner.parts.items()})
    return None


def match(pattern: Term, term: Term, path: Path = ()) -> dict[str, Path] | None:
    """Return the places of what the wildcards stand for, None where a term is not of the pattern."""
    if isinstance(pattern, Wildcard):
        return {pattern.name: path} if pattern.accepts(term) else None
    if (pattern.op, pattern.name) != (term.op, term.name):
        return None
    if not pattern.operands:
        return {} if pattern.value == term.value else None
    found: dict[str, Path] = {}
    for index, (inner, operand) in enumerate(zip(pattern.operands, term.operands, strict=True)):
        places = match(inner, operand, (*path, index))
        if places is None:
            return None
        found |= places
    return found


def at(term: Term, path: Path) -> Term:
    """Return the term at a place."""
    for index in path:
        term = term.operands[index]
    return term
