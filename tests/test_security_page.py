"""The page on what is trusted: its limits are those of the program."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest

PAGE: Final = (Path(__file__).parents[1] / "docs" / "security.md").read_text(encoding="utf-8")
LIMITS: Final = {
    "bytes of a spec (`--limit bytes`)": "text.limits:STANDARD.bytes",
    "levels of a spec's YAML (`--limit depth`)": "text.limits:STANDARD.depth",
    "events of a spec's YAML (`--limit events`)": "text.limits:STANDARD.events",
    "layers of a network (`--limit nodes`)": "text.limits:STANDARD.nodes",
    "digits of a number in a spec": "text.limits:DIGITS",
    "characters of an expression": "language.expressions:LONGEST",
    "other networks that a spec opens": "networks:MOST_OTHERS",
    "bytes of a table": "homework.tables.faults:BYTES",
    "rows of a table": "homework.tables.grid:ROWS",
    "columns of a table": "homework.tables.grid:COLUMNS",
    "cells of a table": "homework.tables.grid:CELLS",
    "seconds for one hand-in (`--timeout`)": "homework.classes.budget:STANDARD.seconds",
    "bytes of memory for one hand-in": "homework.classes.budget:STANDARD.memory",
    "files in an archive of a class": "homework.classes.submissions:MOST_MEMBERS",
    "files in the archive of one student": "homework.classes.submissions:MOST_INSIDE",
    "folders within each other in an archive": "archives:DEEPEST",
    "bytes of a gradebook": "homework.classes.gradebook:MOST_BYTES",
    "students of a roster": "homework.classes.roster:MOST_STUDENTS",
    "bytes of a Keras configuration": "importing.formats.keras_json:MOST",
    "bytes of a PyTorch program": "importing.formats.torch_export:MOST",
    "operations of a graph (ONNX)": "importing.graphs.onnx_file:MOST_NODES",
    "operations of a graph (PyTorch)": "importing.graphs.exported_program:MOST_NODES",
    "digits of an integer in JSON": "foreign_json:MOST_DIGITS",
    "seconds for a look at an HDF5 file of less than a megabyte": "hdf5:SECONDS",
    "seconds for a look at any HDF5 file": "hdf5:MOST_SECONDS",
    "bytes of memory for a look at an HDF5 file": "hdf5:MEMORY",
    "bytes of an array of data": "training.data.files:MOST_BYTES",
    "bytes of a batch of CIFAR": "training.data.formats.cifar:MOST_BATCH",
    "steps of a batch of CIFAR": "training.data.formats.pickles:MOST_STEPS",
    "bytes of a file of a run": "training.runs.untrusted:MOST_BYTES",
    "bytes of a question to `cnnspec live`": "live.server:MOST_BYTES",
    "layers on the page of `cnnspec live`": "live.answers:MOST_LAYERS",
    "bytes of a message between workers": "training.workers.lines:MOST_BYTES",
}
"""The rows of the table, and where the program says them."""


def rows() -> dict[str, str]:
    """Return the table of limits."""
    table = PAGE[PAGE.index("| limit | value |") :].split("\n\n", 1)[0]
    return dict(re.findall(r"^\| (.+?) \| ([\d,]+) \|$", table, re.MULTILINE))


def test_no_limit_is_left_out() -> None:
    """The page has these rows, and no others."""
    assert list(rows()) == list(LIMITS)


@pytest.mark.parametrize("row", LIMITS)
def test_a_limit_is_that_of_the_program(row: str) -> None:
    """A number of the page is the constant that bounds the reader."""
    pytest.importorskip("numpy", reason="NumPy is missing, so limits of data were not compared")
    module, _, path = LIMITS[row].partition(":")
    value = import_module(f"cnnspec.{module}")
    for name in path.split("."):
        value = getattr(value, name)
    assert rows()[row] == f"{value:,.0f}"
