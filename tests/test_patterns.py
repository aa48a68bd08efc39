"""Patterns that are searched in texts of users: none begins on every line with what runs over all that follow."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

import pytest

import cnnspec

PACKAGE: Final = Path(cnnspec.__file__).parent
RUNS_ON: Final = re.compile(r"\^(?:\((?:\?:)?)*\\[sW][*+{]")
"""A beginning of a line, and behind that any number of characters among which is the end of a line."""


def patterns(path: Path) -> list[str]:
    """Return the patterns of a module that are for texts of many lines."""
    source = path.read_text(encoding="utf-8")
    return [
        text.value
        for call in ast.walk(ast.parse(source if "MULTILINE" in source else ""))
        if isinstance(call, ast.Call) and "MULTILINE" in ast.unparse(call)
        for text in ast.walk(call)
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
    ]


@pytest.mark.parametrize(("pattern", "runs"), [(r"^\s*x", True), (r"^((?:\W+))", True), (r"^[^\S\n]*+x", False)])
def test_the_law_tells_such_patterns(pattern: str, runs: bool) -> None:  # noqa: FBT001 - of pytest
    r"""20,000 empty lines took `^\s*x` five seconds, as a fuzzer found."""
    assert bool(RUNS_ON.search(pattern)) is runs


def test_no_pattern_begins_on_every_line_with_what_runs_over_lines() -> None:
    """Its cost would grow with the square of a text of empty lines."""
    found = {path.name: every for path in PACKAGE.rglob("*.py") if (every := patterns(path))}
    assert len(found) > 5
    assert not {name: every for name, every in found.items() if any(map(RUNS_ON.search, every))}
