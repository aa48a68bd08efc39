"""The worksheet as a LaTeX document with booktabs; the table may go over several pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from cnnspec.analysis.explanation import Step
from cnnspec.analysis.quantities import SHAPE
from cnnspec.formula import LATEX, Term
from cnnspec.formula import render as write
from cnnspec.homework.practice import wording
from cnnspec.homework.practice.formats._format import WorksheetFormat
from cnnspec.homework.practice.worksheet import Worksheet
from cnnspec.latex_text import escape

FORMAT: Final = WorksheetFormat(".tex")
HEAD = r"""\documentclass[a4paper]{article}
\usepackage[margin=2cm]{geometry}
\usepackage[T1]{fontenc}
\usepackage{textcomp}
\usepackage{booktabs}
\usepackage{longtable}
\setlength{\parindent}{0pt}
\begin{document}"""


def render(worksheet: Worksheet, *, key: bool) -> str:
    """Return the worksheet, or its key with the formulas below the table."""
    lines = [HEAD, rf"\section*{{{escape(wording.heading(worksheet, key=key))}}}"]
    byline = escape(wording.byline(worksheet, key=key).replace("·", " "))
    lines += [byline, ""] if byline else []
    lines += [] if key else [escape(" ".join(wording.instructions(worksheet)).replace("`", "")), ""]
    lines += ["" if key else r"\renewcommand{\arraystretch}{1.6}", *_table(worksheet, key=key)]
    return "\n".join([*lines, *(_solutions(worksheet) if key else ()), r"\end{document}"]) + "\n"


def _table(worksheet: Worksheet, *, key: bool) -> Iterator[str]:
    """Yield the table; an empty cell of a worksheet is wide enough to write in."""
    widths = [r"r" if name != SHAPE.name else "l" for name in worksheet.columns]
    columns = widths if key else [r"p{2.6cm}"] * len(widths)
    note = "p{4cm}" if worksheet.has_notes else ""
    yield rf"\begin{{longtable}}{{ll{''.join(columns)}{note}}}"
    yield from (r"\toprule", _row(wording.titles(worksheet)), r"\midrule")
    rows = [_row(wording.cells(worksheet, exercise, key=key)) for exercise in worksheet.exercises]
    yield ("\n" if key else "\n\\midrule\n").join(rows)
    yield from (r"\bottomrule", r"\end{longtable}")


def _row(cells: Sequence[str]) -> str:
    return " & ".join(map(escape, cells)) + r" \\"


def _solutions(worksheet: Worksheet) -> Iterator[str]:
    yield r"\subsection*{How the numbers come about}"
    for exercise, columns in wording.solutions(worksheet):
        yield rf"\textbf{{{escape(exercise.label)}}} ({escape(exercise.configuration)})"
        yield r"\begin{itemize}"
        for title, steps in columns:
            yield rf"\item {escape(title)}: {'; '.join(map(_formula, steps))}"
        yield r"\end{itemize}"
    if worksheet.collisions:
        yield r"\subsection*{Slips that these numbers do not tell apart}"
        yield r"\begin{itemize}"
        yield from (rf"\item {escape(str(collision))}" for collision in worksheet.collisions)
        yield r"\end{itemize}"


def _formula(step: Step) -> str:
    if step.term is None or step.term.reason:
        return escape(wording.formula(step))
    return (f"{escape(step.quantity)}: " if step.quantity else "") + f"${_equation(step.term)}$"


def _equation(term: Term) -> str:
    """Return `formula = numbers = value`; rounding is written in the formula."""
    parts = [write(term, LATEX), write(term, LATEX, numbers=True), str(term.value)]
    return " = ".join(dict.fromkeys(parts))
