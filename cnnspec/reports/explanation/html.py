"""Derivations as a page of HTML."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape as escape_html
from typing import Final

from cnnspec.analysis.explanation import Solution, Step, title
from cnnspec.analysis.folding import configuration
from cnnspec.errors import printable
from cnnspec.explaining.derivation import legend, line, memory_title
from cnnspec.reports._format import TableFormat
from cnnspec.reports._page import page

FORMAT: Final = TableFormat(suffix=".html")


def render(solution: Solution) -> str:
    """Return a section per layer: what it is, a table of formulas, and what the symbols stand for."""
    name = solution.summary.name
    parts = [f"<h1>{escape(name)}</h1>\n"]
    for each in solution.explanations:
        row = each.row
        words = (f"{configuration(row)}, {title(row)}.", each.sentence)
        parts.append(_section(row.name, words, each.steps))
    if solution.memory:
        parts.append(_section("memory", (f"{', '.join(memory_title(solution.summary))}.",), solution.memory))
    return page(name, "".join(parts))


def _section(name: str, words: Iterable[str], steps: tuple[Step, ...]) -> str:
    rows = "\n".join(
        f'<tr><th scope="row" style="text-align: left">{escape(step.quantity)}</th><td>{escape(line(step))}</td></tr>'
        for step in steps
    )
    found = legend(steps)
    below = f"<p><small>With {escape(', '.join(found))}.</small></p>\n" if found else ""
    head = f"<h2>{escape(name)}</h2>\n<p>{escape(' '.join(words))}</p>"
    return f"<section>\n{head}\n<table>\n<tbody>\n{rows}\n</tbody>\n</table>\n{below}</section>\n"


def escape(text: str) -> str:
    """Return anybody's text as HTML shows it."""
    return escape_html(printable(text))
