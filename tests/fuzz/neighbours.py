"""What other tests have already: their makers of files, and a small network for every kind."""

from __future__ import annotations

import sys
from functools import cache
from runpy import run_path
from typing import Any, Final

from tests.fuzz.target import ROOT

FOLDERS: Final = ("counting", "drawing", "hostile", "importing", "training")
"""The folders whose modules tests import by name alone, as pyproject.toml says."""


@cache
def names_in(path: str) -> dict[str, Any]:
    """Return what a test file defines."""
    for folder in FOLDERS:
        if (place := str(ROOT / "tests" / folder)) not in sys.path:
            sys.path.append(place)
    return run_path(str(ROOT / "tests" / path))


def rows() -> tuple[tuple[str, str], ...]:
    """Return an input shape and an item for every kind on input of every number of axes."""
    return names_in("keras/test_oracle.py")["ROWS"]  # type: ignore[no-any-return]
