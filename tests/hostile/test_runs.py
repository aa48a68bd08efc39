"""Hostile run folders: checkpoints that lie about their size, and texts and numbers that no run has."""

from __future__ import annotations

import bz2
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from generators import deflated, lie
from limited import GIBIBYTE, python

READ_STATE: Final = """
import sys
from pathlib import Path
from cnnspec.training.runs.checkpoint import read_state
read_state(Path(sys.argv[1]))
"""
INSPECT: Final = """
import sys
from pathlib import Path
import cnnspec
from cnnspec.training.runs.checkpoint import inspect
inspect(cnnspec.load("lenet5"), Path(sys.argv[1]))
"""


def lists(path: Path, name: str) -> None:
    """Write a member of so many empty lists that they take gigabytes in memory: 80 MB of JSON."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b"[" + b"[]," * 27_000_000 + b"0]")


CHECKPOINTS: Final[dict[str, tuple[Callable[[Path, str], None], str]]] = {
    "bzip2": (
        lambda path, name: lie(path, name, bz2.compress(bytes(1 << 26)), zipfile.ZIP_BZIP2, 1000),
        "is packed in an unusual way, neither stored nor deflated",
    ),
    "deflate": (lambda path, name: lie(path, name, deflated(2_200_000_000), 8, 1000), "cannot be read"),
    "lists": (lists, "is too large, more than "),
}


@pytest.mark.parametrize("name", CHECKPOINTS)
@pytest.mark.parametrize(("member", "script"), [("cnnspec.json", READ_STATE), ("config.json", INSPECT)])
def test_a_checkpoint_that_lies_is_refused(name: str, member: str, script: str, tmp_path: Path) -> None:
    """Its directory is not believed, and a text of it is no larger than that of an honest one."""
    write, fact = CHECKPOINTS[name]
    write(tmp_path / "best.keras", member)
    done = python("-c", script, "best.keras", memory=GIBIBYTE, folder=tmp_path)
    assert done.code == 1
    assert "error[E526]: `best.keras` is no checkpoint that can be read" in done.stderr
    assert f"= note: its `{member}` {fact}" in done.stderr
