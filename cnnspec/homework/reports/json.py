"""The result of a check as JSON: a contract for scripts."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from cnnspec.homework.feedback import Reveal, cell_message, difference, shown_slips, slip_title
from cnnspec.homework.marking.checking import Check
from cnnspec.homework.marking.marks import Mark
from cnnspec.homework.reports._format import ResultFormat
from cnnspec.homework.tables.cells import Answer
from cnnspec.json_lines import VERSION, indented

FORMAT: Final = ResultFormat(suffix=".json")


def render(check: Check, reveal: Reveal) -> str:
    """Return the score, every cell with its status, and the diagnosis."""
    return indented(as_data(check, reveal))


def as_data(check: Check, reveal: Reveal) -> dict[str, Any]:
    """Return the result as plain data."""
    shown = reveal is not Reveal.NONE
    return {
        "cnnspec": VERSION,
        "name": check.name,
        "spec": check.summary.name,
        "gradable": check.gradable,
        "score": check.score,
        "max_score": check.max_score,
        "score_without_follow_through": check.score_without_follow_through,
        "cells": [_cell(check, mark, reveal) for mark in check.marks] if shown else [],
        "diagnosis": _diagnosis(check) if reveal in (Reveal.HINT, Reveal.FULL) else [],
        "right_for": difference(check, reveal) or None,
        "remarks": list(check.table.remarks) if check.table else [],
        "errors": [fault.to_dict() for fault in check.faults],
    }


def _cell(check: Check, mark: Mark, reveal: Reveal) -> dict[str, Any]:
    return {
        "row": mark.row,
        "layer": mark.layer,
        "column": mark.column,
        "given": mark.given,
        "expected": plain(mark.expected) if reveal is Reveal.FULL else None,
        "status": mark.status.value,
        "slips": shown_slips(check, mark, reveal),
        "message": cell_message(check, mark, reveal),
    }


def _diagnosis(check: Check) -> list[dict[str, Any]]:
    return [
        {
            "slip": finding.slip,
            "cells": [{"row": mark.row, "layer": mark.layer, "column": mark.column} for mark in finding.marks],
            "hint": slip_title(finding.slip)[1],
        }
        for finding in check.diagnosis.findings
    ]


def plain(answer: Answer) -> int | float | list[int | float]:
    """Return an answer as JSON has it."""
    if isinstance(answer, tuple):
        return [_number(size) for size in answer]
    return _number(answer)


def _number(value: int | Fraction) -> int | float:
    return value if isinstance(value, int) else float(value)
