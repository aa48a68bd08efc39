"""Rewriting formulas: what stands at some places of a right formula when a student has slipped.

A rewrite finds its places by a pattern and says with a template what stands there instead. Rewrites of different places
go together, in either order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

from cnnspec.formula import OPERATIONS, Term, number
from cnnspec.homework.diagnosis.case import Case, Formula
from cnnspec.homework.diagnosis.patterns import Match, Path, Wildcard, anything, at, find


class Edit(NamedTuple):
    """What stands at a place instead: made of what has become of the terms at the places that are kept."""

    build: Callable[..., Any]
    kept: Sequence[Path] = ()


Edits = Mapping[Path, Edit]
"""What stands at places of a formula instead; a path begins with the axis, and () is the formula with all its axes."""
Rewrite = Callable[[Formula, Case], Edits]
"""Tells what changes in a formula: nothing where it has no such place."""
WHOLE = anything("whole")
"""The whole formula, in the template of `around`."""


class Fact(Term):
    """A leaf of a template that stands for a term which the case gives."""

    __slots__ = ("of",)

    def __init__(self, of: Callable[[Case], Term]) -> None:
        """Take what gives the term."""
        super().__init__(1, "symbol", "fact")
        self.of = of


def rule(pattern: Term, template: Term) -> Rewrite:
    """Return the rewrite of what a pattern finds, in every axis where it finds something.

    `rule((x + 1) * k, x * k)` makes `F·F·C·K` of `(F·F·C + 1)·K`. A leaf alone is replaced with `replace`.
    """
    if not pattern.operands:
        raise ValueError(f"{pattern.name} alone is no rule")
    names = tuple(_wildcards(template))
    build = _compiled(template, names)

    def edits(formula: Formula, case: Case) -> Edits:
        matches = [match for axis, term in enumerate(formula) if (match := _found(pattern, term, axis))]
        filled = partial(build, case)
        return {match.path: Edit(filled, [match.parts[name] for name in names]) for match in matches}

    return edits


def replace(patterns: Sequence[Term], **templates: Term | int) -> Rewrite:
    """Return the rewrite of parts of what the first fitting pattern finds; a template may name other parts.

    `replace([d * k], d=k)` makes `K·K` of `C·K`.
    """
    uses = {name: tuple(_wildcards(number(template))) for name, template in templates.items()}
    builds = {name: _compiled(number(template), uses[name]) for name, template in templates.items()}

    def edits(formula: Formula, case: Case) -> Edits:
        match = first_match(patterns, formula)
        if match is None:
            return {}
        parts = match.parts
        terms = {name: [_at(formula, parts[used]) for used in uses[name]] for name in builds}
        return {parts[name]: Edit(partial(build, case, *terms[name])) for name, build in builds.items()}

    return edits


def around(template: Term) -> Rewrite:
    """Return the rewrite of the formula of a number as a whole, such as `WHOLE * 2`."""
    build = _compiled(template, (WHOLE.name,))
    return lambda _, case: {(): Edit(lambda term: (build(case, term),), [(0,)])}


def also(rewrite: Rewrite, other: Rewrite) -> Rewrite:
    """Return a rewrite together with another one, where that changes something too."""

    def edits(formula: Formula, case: Case) -> Edits:
        found = rewrite(formula, case)
        return {**found, **other(formula, case)} if found else {}

    return edits


def not_rounded(formula: Formula, _: Case) -> Edits:
    """Rewrite every rounded quotient of a formula as one that is not."""
    places = [(axis,) for axis, _ in enumerate(formula)]
    return {(): Edit(lambda *terms: tuple(map(_unrounded, terms)), places)}


def _unrounded(term: Term) -> Term:
    if not term.operands:
        return term
    left, right = map(_unrounded, term.operands)
    return OPERATIONS["quotient" if term.op in ("floor_div", "ceil_div") else term.op](left, right)


def first_match(patterns: Iterable[Term], formula: Formula) -> Match | None:
    """Return what the first of several patterns finds that finds something."""
    for pattern in patterns:
        for axis, term in enumerate(formula):
            if match := _found(pattern, term, axis):
                return match
    return None


@lru_cache(maxsize=4096)
def _found(pattern: Term, term: Term, axis: int) -> Match | None:
    match = find(pattern, term)
    if match is None:
        return None
    return Match((axis, *match.path), {name: (axis, *path) for name, path in match.parts.items()})


def _wildcards(template: Term) -> dict[str, None]:
    """Return the names of the wildcards of a template, each once."""
    if isinstance(template, Wildcard):
        return {template.name: None}
    return {name: None for operand in template.operands for name in _wildcards(operand)}


def _compiled(template: Term, names: Sequence[str]) -> Callable[..., Term]:
    """Return the function of a case, and of the terms of some names, that makes a term after a template."""
    if isinstance(template, Fact):
        of = template.of
        return lambda case, *_: of(case)
    if isinstance(template, Wildcard):
        index = names.index(template.name)
        return lambda _, *terms: terms[index]
    if not template.operands:
        return lambda *_: template
    left, right = (_compiled(operand, names) for operand in template.operands)
    operation = OPERATIONS[template.op]
    return lambda case, *terms: operation(left(case, *terms), right(case, *terms))


def together(formula: Formula, changes: Iterable[Edits]) -> Edits | None:
    """Return the edits of several rewrites as one, None where two of them change the same place."""
    merged: dict[Path, Edit] = {}
    taken: set[Path] = set()
    for edits in changes:
        touched = {path for place, edit in edits.items() for path in _touched(formula, place, edit.kept)}
        if touched & taken:
            return None
        taken |= touched
        merged |= edits
    return merged


def _touched(formula: Formula, place: Path, kept: Sequence[Path]) -> Iterator[Path]:
    """Yield a place that an edit changes and those below it, but for what it keeps."""
    yield place
    below = _at(formula, place).operands if place else formula
    for index in range(len(below)):
        if (*place, index) not in kept:
            yield from _touched(formula, (*place, index), kept)


def rewritten(formula: Formula, edits: Edits) -> Formula:
    """Return a formula with its edits made."""
    if () in edits:
        build, kept = edits[()]
        return tuple(build(*[_become(_at(formula, place), place, formula, edits) for place in kept]))
    return tuple([_become(term, (axis,), formula, edits) for axis, term in enumerate(formula)])


def _become(term: Term, place: Path, formula: Formula, edits: Edits) -> Term:
    """Return what becomes of the term at a place."""
    if place in edits:
        build, kept = edits[place]
        became: Term = build(*[_become(_at(formula, inner), inner, formula, edits) for inner in kept])
        return became
    for path in edits:
        if path[: len(place)] == place:
            left, right = term.operands
            operation = OPERATIONS[term.op]
            return operation(_become(left, (*place, 0), formula, edits), _become(right, (*place, 1), formula, edits))
    return term


def _at(formula: Formula, path: Path) -> Term:
    return at(formula[path[0]], path[1:])
