"""The worksheet as comma-separated values, for a spreadsheet."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Final

from cnnspec.homework.marking.marks import show_answer
from cnnspec.homework.practice import wording
from cnnspec.homework.practice.formats._format import WorksheetFormat
from cnnspec.homework.practice.worksheet import Cell, Worksheet
from cnnspec.reports.csv import harmless

FORMAT: Final = WorksheetFormat(".csv")


def render(worksheet: Worksheet, *, key: bool) -> str:
    """Return the worksheet, or its key with raw integers."""
    output = StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(wording.titles(worksheet))
    for exercise in worksheet.exercises:
        note = [wording.clean(exercise.note)] if worksheet.has_notes else []
        cells = [exercise.label, exercise.configuration, *(_raw(cell, key=key) for cell in exercise.cells), *note]
        writer.writerow(map(harmless, cells))
    return output.getvalue()


def _raw(cell: Cell, *, key: bool) -> str:
    if cell.blank and not key:
        return ""
    shown = str(cell.answer) if isinstance(cell.answer, int) else show_answer(cell.answer)
    return shown + wording.told(cell)
