"""Exercises in the page: a practice sheet whose blank cells are filled in, and marked as a homework table is."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any, Final

from cnnspec.analysis.measure import Summary
from cnnspec.analysis.quantities import marked
from cnnspec.errors import UsageError, listing, shorten, suggest
from cnnspec.homework.feedback import Reveal, cell_message, shown_slips, slip_title
from cnnspec.homework.marking.checking import Check, check_summary
from cnnspec.homework.marking.marks import Mark, Status
from cnnspec.homework.practice import wording
from cnnspec.homework.practice.worksheet import STANDARD, Plan, Worksheet, practice

LARGEST_SEED: Final = 10**9
LONGEST: Final = 400
"""The characters of a cell that are read: more is no number and no shape."""


def sheet(summary: Summary, wanted: object) -> dict[str, Any]:
    """Return the sheet of an exercise: its rows with what is told, and null where a cell is to be filled in."""
    found = practice(summary, plan_of(wanted))
    return {
        "title": wording.clean(found.title),
        "instructions": wording.instructions(found),
        "columns": [found.quantity(name).title for name in found.columns],
        "rows": [
            {
                "label": exercise.label,
                "configuration": exercise.configuration,
                "note": wording.clean(exercise.note),
                "cells": [None if cell.blank else wording.text(cell, key=False) for cell in exercise.cells],
            }
            for exercise in found.exercises
        ],
    }


def marks(summary: Summary, wanted: object, given: object, reveal: Reveal) -> dict[str, Any]:
    """Return what is right and wrong of the cells that were filled in, and why; `given` are rows of texts or nulls."""
    found = practice(summary, plan_of(wanted))
    check = check_summary(summary, _filled(found, given).encode("utf-8", "surrogatepass"), "exercise.csv")
    places = {name: at for at, name in enumerate(found.columns)}
    blank = {
        (row, at)
        for row, exercise in enumerate(found.exercises)
        for at, cell in enumerate(exercise.cells)
        if cell.blank
    }
    asked = [
        (mark.line - 2, places[mark.column], mark)
        for mark in check.marks
        if (mark.line - 2, places.get(mark.column)) in blank
    ]
    filled = [(row, at, mark) for row, at, mark in asked if mark.given]
    right = sum(mark.status is Status.CORRECT for _, _, mark in filled)
    return {
        "cells": [_cell(check, row, at, mark, reveal) for row, at, mark in filled],
        "faults": [fault.to_dict() for fault in check.faults],
        "right": right,
        "asked": len(blank),
        "says": f"{right} of {len(blank)} cells right",
    }


def plan_of(wanted: object) -> Plan:
    """Return what an exercise asks for; raise UsageError with all that is wrong with it."""
    given = wanted if isinstance(wanted, dict) else {}
    columns, blank, seed = given.get("columns", list(STANDARD)), given.get("blank", 1), given.get("seed", 1)
    known = marked()
    if not isinstance(columns, list) or not columns or len(columns) > len(known):
        raise UsageError.one("E703", "an exercise has columns", notes=(f"columns are {listing(known)}",))
    for name in columns:
        if not isinstance(name, str) or name not in known:
            message, note = f"an exercise has no column `{shorten(name)}`", f"columns are {listing(known)}"
            raise UsageError.one("E703", message, notes=(note,), help=suggest(str(name), known))
    if not isinstance(blank, int | float) or not 0 < blank <= 1:
        note = "it is more than 0 and at most 1"
        raise UsageError.one("E703", f"`{shorten(blank)}` is no share of cells that are blank", notes=(note,))
    if not isinstance(seed, int) or not 0 <= seed <= LARGEST_SEED:
        raise UsageError.one("E703", f"`{shorten(seed)}` is no seed", notes=(f"it is 0 to {LARGEST_SEED:,}",))
    return Plan(columns=tuple(dict.fromkeys(columns)), blank=float(blank), seed=seed)


def _filled(found: Worksheet, given: object) -> str:
    """Return the sheet as comma-separated values with the texts that were filled in."""
    texts = given if isinstance(given, list) else []
    output = StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(["Layer", "Configuration", *(found.quantity(name).title for name in found.columns)])
    for row, exercise in enumerate(found.exercises):
        own = texts[row] if row < len(texts) and isinstance(texts[row], list) else []
        cells = wording.cells(found, exercise, key=False)[: 2 + len(found.columns)]
        for at, cell in enumerate(exercise.cells):
            if cell.blank and at < len(own) and isinstance(own[at], str):
                cells[2 + at] = " ".join(own[at][:LONGEST].split())
        writer.writerow(cells)
    return output.getvalue()


def _cell(check: Check, row: int, at: int, mark: Mark, reveal: Reveal) -> dict[str, Any]:
    slips = shown_slips(check, mark, reveal)
    return {
        "row": row,
        "column": at,
        "status": mark.status.value,
        "message": cell_message(check, mark, reveal),
        "slips": [{"name": slip, "mistake": slip_title(slip)[0]} for slip in slips],
    }
