"""What `check` gives away where nobody says how much, and how it counts one number."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

from cnnspec.cli.app import make_app

WRONG: Final = "Layer;# parameters\nCONV1;208\nPOOL1;0\nCONV2;3216\nPOOL2;0\nFC3;48120\nFC4;10164\nSoftmax;850\n"

app = make_app(["check"])


def checked(folder: Path, *options: str) -> str:
    """Return what `check` writes of a table with one wrong number, for which 608 is right."""
    (folder / "hw.csv").write_text(WRONG, encoding="utf-8")
    return CliRunner().invoke(app, ["check", "lenet5-rgb", str(folder / "hw.csv"), *options]).stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--format", "gradescope"), False),
        (("--format", "gradescope", "--reveal", "full"), True),
        (("--format", "markdown"), True),
        (("--format", "text"), True),
    ],
)
def test_gradescope_hints(tmp_path: Path, options: tuple[str, ...], *, told: bool) -> None:
    """Students hand in again there: the right number is not told unless the teacher says so; the hint is."""
    text = checked(tmp_path, *options)
    assert ("608" in text) is told
    assert "as deep as" in text


def test_one_number_is_wrong(tmp_path: Path) -> None:
    """One is not many."""
    assert "As an answer key: 1 number is wrong; do not grade with it." in checked(tmp_path, "--as-key")
