"""What `cnnspec show-activations` refuses before it loads anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from cnnspec.cli.app import app_for

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("name", "program"), [("act.png", "rsvg-convert -o act.png"), ("act.PDF", "-f pdf"), ("act.tex", "")]
)
def test_an_svg_is_never_called_otherwise(name: str, program: str, tmp_path: Path) -> None:
    """The step says what to write, and what makes the other file of it."""
    words = ["show-activations", "no-run", "no.png", "-o", str(tmp_path / name)]
    done = CliRunner().invoke(app_for(words), words)
    assert done.exit_code == 2
    assert "error[E706]: drawings are not written as" in done.stderr
    assert "write `act.svg`" in done.stderr
    assert program in done.stderr
    assert list(tmp_path.iterdir()) == []
