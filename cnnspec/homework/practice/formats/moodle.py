"""The worksheet as Moodle XML: a numerical question per number, a short answer per shape, and a hint per slip.

The elements are those that Moodle's own importer reads (question/format/xml/format.php).
"""

from __future__ import annotations

from html import escape
from typing import Final
from xml.etree import ElementTree as ET

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

FORMAT: Final = WorksheetFormat(".xml", quiz=True)
RIGHT, WRONG = "100", "0"


def render(worksheet: Worksheet, *, key: bool) -> str:
    """Return the questions; with `key`, the derivation is the feedback that all students get in the end.

    The right answers are in the file in either case, for Moodle marks with them.
    """
    quiz = ET.Element("quiz")
    category = ET.SubElement(quiz, "question", type="category")
    _text(category, "category", f"$course$/top/{_category(worksheet)}")
    for question in questions(worksheet):
        _question(quiz, worksheet, question, key=key)
    ET.indent(quiz)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(quiz, encoding="unicode") + "\n"


def _category(worksheet: Worksheet) -> str:
    """Return the category of the questions; a slash in a name is written twice."""
    parts = [worksheet.title, *(["" if worksheet.seed is None else f"variant {worksheet.seed}"]), worksheet.student]
    return wording.clean(" ".join(part for part in parts if part)).replace("/", "//")


def _question(quiz: ET.Element, worksheet: Worksheet, question: Question, *, key: bool) -> None:
    element = ET.SubElement(quiz, "question", type="shortanswer" if question.is_shape else "numerical")
    _text(element, "name", wording.clean(f"{worksheet.title}: {question.name}"))
    asked = f"<p><b>{escape(question.prompt)}</b> {escape(question.form)}</p>"
    _text(element, "questiontext", f"{network_html(worksheet, question.exercise)}\n{asked}", format="html")
    _text(element, "generalfeedback", f"<p>{escape(question.solution)}</p>" if key else "", format="html")
    for name, value in (("defaultgrade", str(question.points)), ("penalty", "0.3333333"), ("hidden", "0")):
        ET.SubElement(element, name).text = value
    if question.is_shape:
        ET.SubElement(element, "usecase").text = "0"
    _answers(element, question)
    if not question.is_shape:
        for name, value in (("unitgradingtype", "0"), ("unitpenalty", "0.1"), ("showunits", "3"), ("unitsleft", "0")):
            ET.SubElement(element, name).text = value


def _answers(element: ET.Element, question: Question) -> None:
    """Add the answers; the first one that fits counts, so that the one that fits everything stands last."""
    for spelling in spellings(question.answer):
        _answer(element, question, spelling, RIGHT, "")
    for wrong in question.wrong:
        for spelling in common(wrong.answer):
            _answer(element, question, spelling, WRONG, hints(wrong))
    _answer(element, question, "*", WRONG, NOT_RIGHT)


def _answer(element: ET.Element, question: Question, spelling: str, fraction: str, feedback: str) -> None:
    answer = ET.SubElement(element, "answer", fraction=fraction, format="moodle_auto_format")
    ET.SubElement(answer, "text").text = spelling
    _text(answer, "feedback", f"<p>{escape(feedback)}</p>" if feedback else "", format="html")
    if not question.is_shape:
        ET.SubElement(answer, "tolerance").text = "0"


def _text(parent: ET.Element, name: str, content: str, **attributes: str) -> None:
    """Add an element that holds a text; ElementTree escapes it."""
    ET.SubElement(ET.SubElement(parent, name, attributes), "text").text = content
