"""JUnit XML: one test case per cell, the slip as the type of a failure, the score as properties."""

from __future__ import annotations

import re
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from cnnspec.homework.feedback import Reveal, cell_message, cell_name, shown_slips
from cnnspec.homework.marking.checking import Check
from cnnspec.homework.marking.marks import Mark, Status
from cnnspec.homework.reports._format import ResultFormat

FORMAT: Final = ResultFormat(suffix=".xml")

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(check: Check, reveal: Reveal) -> str:
    """Return a JUnit report of one suite."""
    marks = check.marks if reveal is not Reveal.NONE else ()
    failed = sum(mark.status in (Status.WRONG, Status.MISSING) for mark in marks)
    errors = len(check.faults) + sum(mark.status is Status.UNREADABLE for mark in marks)
    totals = f'tests="{len(marks) + len(check.faults)}" failures="{failed}" errors="{errors}"'
    cases = [_case(check, mark, reveal) for mark in marks]
    cases += [
        f'<testcase name="gradable"><error type={_quote(fault.code)} message={_quote(fault.message)}/></testcase>'
        for fault in check.faults
    ]
    properties = f'<property name="score" value="{check.score}"/><property name="max_score" value="{check.max_score}"/>'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="cnnspec" {totals}>\n'
        f'<testsuite name={_quote(check.name)} {totals} skipped="0">\n<properties>{properties}</properties>\n'
        + "\n".join(cases)
        + "\n</testsuite>\n</testsuites>\n"
    )


def _case(check: Check, mark: Mark, reveal: Reveal) -> str:
    name = _quote(cell_name(mark))
    head = f"<testcase classname={_quote(check.summary.name)} name={name}"
    if mark.status is Status.CORRECT:
        return f"{head}/>"
    text = cell_message(check, mark, reveal)
    if mark.status is Status.FOLLOW_THROUGH:
        return f"{head}><system-out>{_referred(escape(_clean(text)))}</system-out></testcase>"
    tag = "error" if mark.status is Status.UNREADABLE else "failure"
    slips = " ".join(shown_slips(check, mark, reveal)) or mark.status.value
    return f"{head}><{tag} type={_quote(slips)} message={_quote(text or mark.status.value)}/></testcase>"


def _quote(text: str) -> str:
    return _referred(quoteattr(_clean(text)))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("�", text)


def _referred(xml: str) -> str:
    """Return XML with references to the characters that a terminal would act on."""
    return "".join(char if char.isprintable() or char in "\t\n\r" else f"&#x{ord(char):x};" for char in xml)
