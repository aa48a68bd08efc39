"""Exercises: cells are left blank, filled in, marked, and their slips explained."""

from __future__ import annotations

from typing import Any, Final

import pytest

from cnnspec.bundled import bundled_source
from cnnspec.live.answers import answer

SOURCE: Final = bundled_source("lenet5-rgb")
assert SOURCE
LENET: Final = SOURCE.text
ALL: Final = {"columns": ["shape", "size", "params"], "blank": 1, "seed": 1}


def told(ask: str, exercise: object, **more: object) -> dict[str, Any]:
    """Return the answer about an exercise."""
    return answer({"ask": ask, "spec": LENET, "exercise": exercise, **more})


def test_a_sheet_holds_no_answers() -> None:
    """Where a cell is blank there is null; half of the cells is told, always the same half."""
    sheet = told("sheet", ALL)
    assert sheet["rows"][1] == {
        "label": "conv1", "configuration": "conv 8 5x5/1 valid", "note": "", "cells": [None, None, None],
    }  # fmt: skip
    half, again = (told("sheet", ALL | {"blank": 0.5}) for _ in range(2))
    assert half == again
    blank = sum(cell is None for row in half["rows"] for cell in row["cells"])
    assert blank == told("marks", ALL | {"blank": 0.5}, given=[])["asked"] == 12


def test_cells_are_marked_and_explained() -> None:
    """208 is the slip of the course; what follows from a wrong shape is follow-through."""
    given = [[None, "3072", None], ["(28, 28, 8)", "6272", "208"], ["14x14x9", "1764", "0"]]
    found = told("marks", ALL, given=given)
    status = {(cell["row"], cell["column"]): cell["status"] for cell in found["cells"]}
    assert status == {
        (0, 1): "correct", (1, 0): "correct", (1, 1): "correct", (1, 2): "wrong",
        (2, 0): "wrong", (2, 1): "follow_through", (2, 2): "correct",
    }  # fmt: skip
    (slip,) = [cell for cell in found["cells"] if (cell["row"], cell["column"]) == (1, 2)]
    assert slip["slips"] == [{"name": "no_channels", "mistake": "one input channel was counted"}]
    assert "608" not in slip["message"]
    full = told("marks", ALL, given=given, reveal="full")["cells"]
    assert "(5·5·3 + 1)·8 = 608" in next(cell["message"] for cell in full if cell["slips"])
    assert (found["right"], found["asked"]) == (4, 25)


def test_anything_may_be_filled_in() -> None:
    """Line ends, quotation marks, formulas and half characters stand in their own cell."""
    for text in ('"', "1\n2", '",,"', "=2*3", "\ud800", "(given)", "x" * 100_000, "\r", "NaN"):
        found = told("marks", ALL, given=[[None, None, None], [None, None, text], [None, None, "0"]])
        assert not found["faults"], text
        assert {(cell["row"], cell["column"]) for cell in found["cells"]} <= {(1, 2), (2, 2)}, text
        assert found["right"] == 1, text
    for nonsense in (None, 7, "text", [7, None], [[1, 2, 3]] * 50, {}):
        assert told("marks", ALL, given=nonsense)["right"] == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": []}, {"columns": ["shap"]}, {"columns": "shape"}, {"columns": [[]]},
        {"blank": 0}, {"blank": 2}, {"blank": "half"}, {"blank": float("nan")}, {"seed": -1}, {"seed": "x"},
        {"seed": 10**10},
    ],
)  # fmt: skip
def test_what_is_no_exercise_is_said(wrong: dict[str, object]) -> None:
    """A link may hold anything."""
    (error,) = told("sheet", wrong)["errors"]
    assert error["code"] == "E703"
