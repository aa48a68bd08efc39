"""The worksheet in Moodle's GIFT format: the same questions as in XML, in a text that is edited easily.

The grammar is that of Moodle's importer (question/format/gift/format.php): in a numerical question, `=%0%N:0#hint` is a
wrong answer with its own feedback, and `~#hint` is the feedback of every other one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape as html
from typing import Final

from cnnspec.homework.practice import wording
from cnnspec.homework.practice.formats._format import WorksheetFormat
from cnnspec.homework.practice.questions import (
    NOT_RIGHT,
    Question,
    common,
    hints,
    network_html,
    questions,
    spellings,
)
from cnnspec.homework.practice.worksheet import Worksheet

FORMAT: Final = WorksheetFormat(".gift", quiz=True)


def render(worksheet: Worksheet, *, key: bool) -> str:
    """Return the questions; with `key`, the derivation is the feedback that all students get in the end.

    The right answers are in the file in either case, for Moodle marks with them.
    """
    blocks = ["\n".join(_question(worksheet, question, key=key)) for question in questions(worksheet)]
    return "\n\n".join([f"// {wording.heading(worksheet, key=key)}", *blocks]) + "\n"


def _question(worksheet: Worksheet, question: Question, *, key: bool) -> Iterator[str]:
    """Yield the lines of a question; an empty line would end it."""
    asked = f"<p><b>{html(question.prompt)}</b> {html(question.form)}</p>"
    name = escape(wording.clean(f"{worksheet.title}: {question.name}"))
    opening = "{" if question.is_shape else "{#"
    yield f"::{name}::[html]{escape(network_html(worksheet, question.exercise) + asked)}{opening}"
    yield from _shape_answers(question) if question.is_shape else _number_answers(question)
    if key:
        yield f"\t####{escape(html(question.solution))}"
    yield "}"


def _number_answers(question: Question) -> Iterator[str]:
    yield f"\t=%100%{spellings(question.answer)[0]}:0#"
    for wrong in question.wrong:
        yield f"\t=%0%{common(wrong.answer)[0]}:0#{escape(html(hints(wrong)))}"
    yield f"\t~#{escape(html(NOT_RIGHT))}"


def _shape_answers(question: Question) -> Iterator[str]:
    for spelling in spellings(question.answer):
        yield f"\t=%100%{escape(spelling)}#"
    for wrong in question.wrong:
        for spelling in common(wrong.answer):
            yield f"\t=%0%{escape(spelling)}#{escape(html(hints(wrong)))}"
    yield f"\t=%0%*#{escape(html(NOT_RIGHT))}"


def escape(text: str) -> str:
    r"""Return a text in which no sign means anything to GIFT.

    >>> print(escape("{a} = b: ~c #1"))
    \{a\} \= b\: \~c \#1
    """
    return re.sub(r"([\\~=#{}:])", r"\\\1", text)
