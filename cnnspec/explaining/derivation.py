"""The derivation of a node's numbers as a solution that a teacher would write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import Final

from cnnspec.analysis.explanation import Explanation, Step, derivation, memory_steps, shape_steps, title
from cnnspec.analysis.folding import configuration
from cnnspec.analysis.measure import Row, Summary
from cnnspec.analysis.quantities import SHAPE, Quantity
from cnnspec.formula import SLIDE, Term, leaves, rounded_from
from cnnspec.formula import render as write
from cnnspec.text.width import WIDTH

QUANTITY: Final = 17
"""Columns for the name of a quantity."""
_SIDES: Final = re.compile(r" (?=[=→] )")
"""Before what may stand on a line of its own: the sides of an equation."""


def render(explanation: Explanation) -> str:
    """Return the derivation as text: formula, numbers put in, rounding, result."""
    row = explanation.row
    said = (
        wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ") for text in (title(row), explanation.sentence)
    )
    head = [f"{row.name}: {configuration(row)}", *(part for lines in said for part in lines)]
    return _solution(head, explanation.steps)


def render_memory(summary: Summary) -> str:
    """Return the memory of a network as text."""
    name, *how = memory_title(summary)
    return _solution([name, f"  {', '.join(how)}"], tuple(memory_steps(summary)))


def memory_title(summary: Summary) -> list[str]:
    """Return whose memory it is, and how it is counted."""
    samples = "one sample" if summary.batch == 1 else f"a batch of {summary.batch:,}"
    optimizer = summary.footprint.memory.optimizer
    return [
        f"memory of {summary.name}, in bytes",
        f"{samples} as {summary.dtype}",
        *(["in place where that can be"] if summary.footprint.memory.in_place else []),
        *([f"trained with {optimizer}"] if optimizer else []),
    ]


def _solution(head: Sequence[str], steps: tuple[Step, ...]) -> str:
    lines = [*head, "", *(part for step in steps for part in _step(step))]
    known = ", ".join(entry.replace(" ", "\u00a0") for entry in legend(steps))
    # Non-breaking spaces keep a symbol, its value and its meaning on one line while it is wrapped.
    wrapped = wrap(f"with {known}", WIDTH, initial_indent="  ", subsequent_indent="       ") if known else []
    return "\n".join([*lines, *(["", *wrapped] if wrapped else [])]).replace("\u00a0", " ") + "\n"


def _step(step: Step) -> list[str]:
    """Return a step behind its quantity; one that is too long goes on at an equals sign, or between words."""
    indent = " " * (QUANTITY + 3)
    first, *others = _SIDES.split(line(step)) if step.term is not None else (line(step),)
    rows = [f"  {step.quantity:<{QUANTITY}} {first}".rstrip()]
    for side in others:
        if len(rows[-1]) + 1 + len(side) <= WIDTH:
            rows[-1] += f" {side}"
        else:
            rows.append(f"{indent}{side}")
    return [part for row in rows for part in wrap(row, WIDTH, subsequent_indent=f"{indent}  ", break_long_words=False)]


def formula(row: Row, quantity: Quantity) -> str:
    """Return how one quantity of a row comes about; a shape has a line per axis."""
    if quantity is SHAPE:
        return "\n".join(f"{step.quantity} {line(step)}" for step in shape_steps(row))
    return line(derivation(quantity, row))


def line(step: Step) -> str:
    """Return one step of a derivation as a line of text."""
    term = step.term
    if term is None:
        return step.text
    if term.reason:
        return f"{term.value:,}: {term.reason}"
    return equation(term)


def equation(term: Term) -> str:
    """Return `formula = numbers = value`, with the value before rounding where rounding changed it."""
    symbolic, substituted = write(term, SLIDE), write(term, SLIDE, numbers=True)
    value = f"{term.value:,}".replace("-", "−")
    before = rounded_from(term)
    parts = list(dict.fromkeys([symbolic, substituted, *([before] if before else [])]))
    result = " = ".join(parts)
    if before:
        return f"{result} → {value}"
    return result if parts[-1] == value else f"{result} = {value}"


def legend(steps: Iterable[Step]) -> list[str]:
    """Return what the symbols of steps stand for, in reading order: `F = 5 (kernel size)`."""
    return [f"{name} = {_values(values)} ({meaning})" for name, (meaning, values) in meanings(steps).items()]


def meanings(steps: Iterable[Step]) -> dict[str, tuple[str, list[int]]]:
    """Return what the symbols stand for that have a meaning, with their values, in reading order."""
    found: dict[str, tuple[str, list[int]]] = {}
    for step in steps:
        for leaf in leaves(step.term) if step.term is not None else ():
            if leaf.meaning:
                _, values = found.setdefault(leaf.name, (leaf.meaning, []))
                if leaf.value not in values:
                    values.append(leaf.value)
    return found


def _values(values: list[int]) -> str:
    return " and ".join(f"{value:,}" for value in values)
