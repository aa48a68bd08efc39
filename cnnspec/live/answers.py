"""What the page asks and what it is told: plain data in, plain data out, in a server as in a browser."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from cnnspec import library
from cnnspec.analysis.columns import choose, show_cell
from cnnspec.analysis.folding import fold
from cnnspec.drawing.drawing import draw
from cnnspec.error_codes import entry
from cnnspec.errors import CnnspecError, Diagnostic, UsageError, listing, shorten, suggest
from cnnspec.homework import feedback
from cnnspec.homework.marking.checking import check_summary
from cnnspec.homework.reports.json import as_data
from cnnspec.library import Table
from cnnspec.live.exercise import marks, sheet
from cnnspec.networks import loads

Question = Mapping[str, Any]
Answer = dict[str, Any]
MOST_TEXT: Final = 2_000_000
"""How long a text may be that is asked about; what reads it has limits of its own."""


class QuestionError(ValueError):
    """A question is none that the page asks; the text says why."""


def answer(question: object, folder: Path | None = None) -> Answer:
    r"""Return what the page is told; specs may name networks that lie in a folder.

    What is wrong with a text is part of the answer; raises QuestionError for what no page asks.

    >>> answer({"ask": "table", "spec": "input: 8x8x1\nlayers: [conv: 4 3x3]"})["rows"][1]["cells"][2]
    '(6, 6, 4)'
    """
    if not isinstance(question, dict) or not isinstance(ask := question.get("ask"), str) or ask not in QUESTIONS:
        raise QuestionError(f"a question asks for {listing(QUESTIONS)}")
    try:
        return {"errors": [], **QUESTIONS[ask](question, folder)}
    except CnnspecError as error:
        return {"errors": [fault.to_dict() for fault in error.diagnostics]}


def answer_json(question: str) -> str:
    """Return the answer to a question, both as JSON: for Python that runs in the browser."""
    return json.dumps(answer(json.loads(question)))


def text_in(question: Question, key: str, default: str | None = None) -> str:
    """Return a text of a question; raise QuestionError where there is none."""
    text = question.get(key, default)
    if not isinstance(text, str) or len(text) > MOST_TEXT:
        raise QuestionError(f"`{key}` is a text of at most {MOST_TEXT:,} characters")
    return text


def name_in(question: Question) -> str:
    """Return what the spec is called, in its messages and its title."""
    return shorten(text_in(question, "name", "spec.yaml"), 80) or "spec.yaml"


def measured(question: Question, folder: Path | None) -> Table:
    """Return the numbers of the spec in a question."""
    table = _measured(text_in(question, "spec"), name_in(question), folder)
    if table.graph.others:  # these files may change meanwhile
        _measured.cache_clear()
    return table


@lru_cache(maxsize=2)
def _measured(text: str, name: str, folder: Path | None) -> Table:
    return library.summarize(loads(text, name, folder=folder))


def _table(question: Question, folder: Path | None) -> Answer:
    """Return the table, its totals, and what is to be noted about the network."""
    table = measured(question, folder)
    rows = fold(table)
    columns = choose(None, rows)
    totals = table.totals
    return {
        "name": table.name,
        "columns": [{"title": column.title, "number": column.number} for column in columns],
        "rows": [
            {
                "layer": row.name if row.members else "",
                "line": row.line,
                "cells": [show_cell(column.value(row)) for column in columns],
            }
            for row in rows
        ],
        "totals": [show_cell(column.total(table)) for column in columns],
        "says": f"{totals.layers:,} layers, {totals.params:,} parameters, {totals.macs:,} MACs",
        "notes": [fault.to_dict() for fault in _notes(table)],
    }


def _notes(table: Table) -> Iterable[Diagnostic]:
    from cnnspec.analysis.advice import advice  # noqa: PLC0415 - the first table comes sooner
    from cnnspec.analysis.budgets import check  # noqa: PLC0415 - as above

    return [*check(table), *advice(table)]


def _derivation(question: Question, folder: Path | None) -> Answer:
    """Return how the numbers of one layer come about."""
    return {"text": measured(question, folder)[text_in(question, "layer")].explain()}


def _drawing(question: Question, folder: Path | None) -> Answer:
    """Return the drawing as SVG, in a style or in what suits."""
    found = draw(measured(question, folder), style=text_in(question, "style", "") or None)
    return {"svg": found.svg, "style": found.style, "describes": found.scene.description}


def _check(question: Question, folder: Path | None) -> Answer:
    """Return the marks of a table that was pasted."""
    content = text_in(question, "table").encode("utf-8", "surrogatepass")
    found = check_summary(measured(question, folder), content, "table")
    data = as_data(found, reveal_in(question))
    return data | {"errors": [], "faults": data["errors"], "says": _score(found.score, found.max_score)}


def _score(score: int, most: int) -> str:
    return f"{score} of {most} cells right"


def reveal_in(question: Question) -> feedback.Reveal:
    """Return how much the answer gives away."""
    word = text_in(question, "reveal", feedback.Reveal.HINT.value)
    try:
        return feedback.Reveal(word)
    except ValueError:
        message = f"`{shorten(word)}` is no level of openness"
        raise UsageError.one("E703", message, help=suggest(word, feedback.Reveal)) from None


def _sheet(question: Question, folder: Path | None) -> Answer:
    return sheet(measured(question, folder), question.get("exercise"))


def _marks(question: Question, folder: Path | None) -> Answer:
    return marks(measured(question, folder), question.get("exercise"), question.get("given"), reveal_in(question))


def _code(question: Question, _: Path | None) -> Answer:
    """Return what the catalogue says of an error."""
    return {"text": entry(shorten(text_in(question, "code")))}


QUESTIONS: Final[dict[str, Callable[[Question, Path | None], Answer]]] = {
    "table": _table,
    "derivation": _derivation,
    "drawing": _drawing,
    "check": _check,
    "sheet": _sheet,
    "marks": _marks,
    "code": _code,
}
"""What a page may ask."""
