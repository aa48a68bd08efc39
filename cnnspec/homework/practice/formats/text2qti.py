"""The worksheet in the Markdown of text2qti, which makes a quiz for Canvas of it.

Numerical answers are exact integers there and cannot be 0, which is a short answer; wrong ones have no feedback.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cnnspec.homework.practice import wording
from cnnspec.homework.practice.formats._format import WorksheetFormat
from cnnspec.homework.practice.questions import NOT_RIGHT, Question, questions, spellings
from cnnspec.homework.practice.worksheet import Worksheet

FORMAT: Final = WorksheetFormat(".txt", quiz=True)
INDENT = " " * 4


def render(worksheet: Worksheet, *, key: bool) -> str:
    """Return the quiz; with `key`, the derivation is the feedback of every question.

    The right answers are in the file in either case, for Canvas marks with them.
    """
    lines = [f"Quiz title: {_title(worksheet)}", "", f"Text: {_table(worksheet)}", ""]
    for question in questions(worksheet):
        lines += [*_question(question, key=key), ""]
    return "\n".join(lines)


def _title(worksheet: Worksheet) -> str:
    parts = [wording.heading(worksheet, key=False), wording.byline(worksheet, key=True)]
    return " · ".join(part for part in parts if part)


def _table(worksheet: Worksheet) -> str:
    """Return the network as a table, indented below the word that it belongs to."""
    titles = wording.titles(worksheet)
    rows = [titles, ["---"] * len(titles)]
    rows += [list(map(escape, wording.cells(worksheet, exercise, key=False))) for exercise in worksheet.exercises]
    lines = [" | ".join(cell or " " for cell in row) for row in rows]
    return "\n".join([escape(wording.instructions(worksheet)[0]), "", *(f"{INDENT}| {line} |" for line in lines)])


def _question(question: Question, *, key: bool) -> Iterator[str]:
    yield f"Title: {question.name}"
    if question.points != 1:
        yield f"Points: {question.points}"
    yield f"1.  {escape(question.prompt)} {escape(question.form)}"
    if key:
        yield f"... {escape(question.solution)}"
    yield f"-   {escape(NOT_RIGHT)}"
    if question.is_shape or question.answer == 0:
        yield from (f"*   {spelling}" for spelling in spellings(question.answer))
    else:
        yield f"=   {spellings(question.answer)[0]}"


def escape(text: str) -> str:
    """Return a text that Markdown shows as it is: every sign that means something there as an HTML entity.

    >>> escape("2*C_in")
    '2&#42;C&#95;in'
    """
    return re.sub(r"[&<>\\`*_{}\[\]()#+!|$~^\"'-]", lambda sign: f"&#{ord(sign[0])};", text)
