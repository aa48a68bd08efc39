"""What the page asks and what it is told: plain data in, plain data out, in a server as in a browser."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cnnspec import library
from cnnspec.analysis.quantities import QUANTITIES
from cnnspec.errors import CnnspecError, Diagnostic, UsageError, listing, shorten, suggest
from cnnspec.library import Table
from cnnspec.networks import loads
from cnnspec.pages.data import derivation, network

if TYPE_CHECKING:
    from cnnspec.homework.feedback import Reveal

Question = Mapping[str, Any]
Answer = dict[str, Any]
MOST_TEXT: Final = 2_000_000
"""How long a text may be that is asked about; what reads it has limits of its own."""


MOST_LAYERS: Final = 3_000
"""A page with more rows would no longer answer to what is typed."""


class QuestionError(ValueError):
    """A question is none that the page asks; the text says why."""


def answer(question: object, folder: Path | None = None) -> Answer:
    r"""Return what the page is told; specs may name networks that lie in a folder.

    What is wrong with a text is part of the answer; raises QuestionError for what no page asks.

    >>> answer({"ask": "table", "spec": "input: 8x8x1\nlayers: [conv: 4 3x3]"})["layers"][0]["shape"]
    [6, 6, 4]
    """
    if not isinstance(question, dict) or not isinstance(ask := question.get("ask"), str) or ask not in ASKED:
        raise QuestionError(f"a question asks for {listing(ASKED)}")
    try:
        return {"errors": [], **ASKED[ask](question, folder)}
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
    if len(table) > MOST_LAYERS:
        note = f"the network has {len(table):,}; `cnnspec summarize` has no such bound"
        raise UsageError.one("E705", f"the page shows at most {MOST_LAYERS:,} layers", notes=(note,))
    return {
        **network(table, derived=False),
        "notes": [fault.to_dict() for fault in _notes(table)],
    }


def _notes(table: Table) -> Iterable[Diagnostic]:
    from cnnspec.analysis.advice import advice
    from cnnspec.analysis.budgets import check

    return [*check(table), *advice(table)]


def _derivation(question: Question, folder: Path | None) -> Answer:
    """Return how the numbers of one layer come about."""
    return derivation(measured(question, folder), text_in(question, "layer"))


def _drawing(question: Question, folder: Path | None) -> Answer:
    """Return the drawing as SVG, in a style or in what suits."""
    from cnnspec.drawing.drawing import draw

    found = draw(measured(question, folder), style=text_in(question, "style", "") or None)
    return {"svg": found.svg, "style": found.style, "describes": found.scene.description}


def _check(question: Question, folder: Path | None) -> Answer:
    """Return the marks of a table that was pasted."""
    from cnnspec.homework.marking.checking import check_summary
    from cnnspec.homework.reports.json import as_data

    content = text_in(question, "table").encode("utf-8", "surrogatepass")
    found = check_summary(measured(question, folder), content, "table")
    data = as_data(found, reveal_in(question))
    cells = [cell | {"title": QUANTITIES[cell["column"]].title} for cell in data["cells"]]
    says = f"score {found.score} of {found.max_score}"
    return data | {"errors": [], "cells": cells, "faults": data["errors"], "says": says}


def reveal_in(question: Question) -> Reveal:
    """Return how much the answer gives away."""
    from cnnspec.homework.feedback import Reveal

    word = text_in(question, "reveal", Reveal.HINT.value)
    try:
        return Reveal(word)
    except ValueError:
        note = f"levels are {listing(Reveal)}"
        message = f"`{shorten(word)}` does not say how much is told"
        raise UsageError.one("E703", message, notes=(note,), help=suggest(word, Reveal)) from None


def _sheet(question: Question, folder: Path | None) -> Answer:
    from cnnspec.live.exercise import sheet

    return sheet(measured(question, folder), question.get("exercise"))


def _marks(question: Question, folder: Path | None) -> Answer:
    from cnnspec.live.exercise import marks

    return marks(measured(question, folder), question.get("exercise"), question.get("given"), reveal_in(question))


def _code(question: Question, _: Path | None) -> Answer:
    """Return what the catalogue says of an error."""
    from cnnspec.error_codes import entry

    return {"text": entry(shorten(text_in(question, "code")))}


ASKED: Final[dict[str, Callable[[Question, Path | None], Answer]]] = {
    "table": _table,
    "derivation": _derivation,
    "drawing": _drawing,
    "check": _check,
    "sheet": _sheet,
    "marks": _marks,
    "code": _code,
}
"""What a page may ask."""
