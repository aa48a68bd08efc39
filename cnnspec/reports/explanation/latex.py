"""Derivations as LaTeX: aligned equations, made from the terms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cnnspec.analysis.explanation import Explanation, Solution, Step, title
from cnnspec.analysis.folding import configuration
from cnnspec.errors import printable
from cnnspec.explaining.derivation import legend, line, memory_title
from cnnspec.formula import LATEX
from cnnspec.formula import render as write
from cnnspec.latex_text import escape
from cnnspec.reports._format import TableFormat

FORMAT: Final = TableFormat(suffix=".tex")
NEEDS: Final = "% needs \\usepackage{amsmath}\n"


def render(solution: Solution) -> str:
    """Return a paragraph and aligned equations per layer, and below them what the symbols stand for."""
    parts = [NEEDS]
    for each in solution.explanations:
        row = each.row
        words = f"{configuration(row)}, {title(row)}. {each.sentence}"
        parts += [_head(row.name, words), derivation(each), _legend(each.steps)]
    if solution.memory:
        words = ", ".join(memory_title(solution.summary))
        parts += [_head("memory", f"{words}."), _aligned(solution.memory), _legend(solution.memory)]
    return "\n".join(part for part in parts if part)


def _head(name: str, words: str) -> str:
    return f"\\paragraph{{{escape(printable(name))}}} {escape(printable(words))}"


def derivation(explanation: Explanation) -> str:
    """Return the derivation of a layer's numbers as aligned equations."""
    return _aligned(explanation.steps)


def _aligned(steps: Iterable[Step]) -> str:
    lines = [rf"\text{{{escape(step.quantity)}}} &: {_shown(step)}" for step in steps]
    return "\\begin{align*}\n" + " \\\\\n".join(lines) + "\n\\end{align*}\n"


def _shown(step: Step) -> str:
    return equation(step) or rf"\text{{{escape(printable(line(step)))}}}"


def _legend(steps: Iterable[Step]) -> str:
    found = legend(steps)
    return f"\\noindent With {escape(', '.join(found))}.\n" if found else ""


def equation(step: Step) -> str:
    r"""Return a step as an equation of LaTeX, an empty text where it is said in words.

    >>> from cnnspec.formula import symbol
    >>> print(equation(Step("size", symbol("n", 32) // symbol("s", 3))))
    \left\lfloor\frac{n}{s}\right\rfloor = \left\lfloor\frac{32}{3}\right\rfloor = 10
    """
    term = step.term
    if term is None or term.reason:
        return ""
    value = f"{term.value:,}".replace(",", "{,}")
    parts = [write(term, LATEX), write(term, LATEX, numbers=True), value]
    if parts[1] == str(term.value):
        del parts[1]
    return " = ".join(dict.fromkeys(parts))
