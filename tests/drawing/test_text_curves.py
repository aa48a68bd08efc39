"""Curves in a terminal: within their room, every dot where its value lies, told apart without colours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnspec.drawing.text_curves import Line, render


def history(epochs: int, *, validation: bool = True) -> list[dict[str, float]]:
    """Return a history whose numbers are round."""
    rows = [{"epoch": epoch, "loss": 2 / epoch, "accuracy": 1 - 0.9 / epoch} for epoch in range(1, epochs + 1)]
    if validation:
        rows = [row | {"val_loss": row["loss"] + 0.1, "val_accuracy": row["accuracy"] - 0.05} for row in rows]
    return rows


def text(lines: list[Line]) -> list[str]:
    """Return lines without what tells whose their parts are."""
    return ["".join(span.text for span in line) for line in lines]


@pytest.mark.parametrize(("name", "width", "height"), [("beside", 110, 14), ("below", 60, 20)])
def test_curves_are_as_they_were(name: str, width: int, height: int, assert_golden: Callable[[str, str], None]) -> None:
    """Two panels side by side where there is room, else below each other."""
    assert_golden(
        f"curves/{name}.txt", "\n".join(line.rstrip() for line in text(render(history(20), width, height))) + "\n"
    )


def test_a_line_by_hand() -> None:
    """From 4 down to 0 on 16 by 16 dots it is the diagonal: in each character the dots 1 and 5, or 3 and 8."""
    rows = [{"epoch": epoch, "loss": float(5 - epoch)} for epoch in range(1, 6)]
    assert text(render(rows, 19, 7)) == [
        "     Loss  ━━ 0",
        "        4 ┤⠑⢄",
        "        3 ┤  ⠑⢄",
        "        1 ┤    ⠑⢄",
        "        0 ┤      ⠑⢄",
        "          └────────",
        "           1 2 3  5",
    ]


@given(
    st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=1, max_size=60),
    st.integers(20, 200),
    st.integers(14, 60),
)
def test_curves_stay_in_their_room(losses: list[float], width: int, height: int) -> None:
    """Whatever was measured: no line is longer, no panel higher, and what is no number is left out."""
    rows = [{"epoch": epoch, "loss": loss, "val_loss": -loss} for epoch, loss in enumerate(losses, 1)]
    lines = text(render(rows, width, height))
    assert len(lines) <= height
    assert all(len(line) <= width for line in lines[1:])


def test_what_was_not_measured_has_no_panel() -> None:
    """A history without accuracy is one panel, one without anything none."""
    assert len([line for line in text(render([{"loss": 1.0}], 80, 40)) if "training" in line]) == 1
    assert render([{"seconds": 1.0}], 80, 40) == []
    assert render([], 80, 40) == []


def test_curves_are_told_apart_without_colours() -> None:
    """A constant is a line without a gap in training, and one with gaps in validation; each part knows its curve."""
    rows: list[dict[str, Any]] = [{"epoch": epoch, "loss": 1.0} for epoch in range(1, 30)]
    whole = next(
        line for line in text(render(rows, 60, 20)) if "⠤⠤" in line or "⠒⠒" in line or "⣀⣀" in line or "⠉⠉" in line
    )
    assert " " not in whole.partition("┤")[2] + whole.partition("│")[2]
    mixed = render([{"epoch": row["epoch"], "val_loss": 1.0, "loss": 2.0} for row in rows], 60, 20)
    dashed = [span.text for line in mixed for span in line if span.curve == "validation"][1:]
    assert any(" " in part for part in dashed)
    assert {span.curve for line in mixed for span in line} == {"", "training", "validation"}
