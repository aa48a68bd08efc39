"""`cnnspec assignment`: a first assignment file, with comments."""

from __future__ import annotations

import os
from pathlib import Path

from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, diagnostics, emit, is_file
from cnnspec.cli.suffixes import SPECS, demand
from cnnspec.errors import UsageError, shorten

EXAMPLES = """Examples:

cnnspec assignment lenet5-rgb -o hw3.yaml

cnnspec assignment nets/mine.yaml -o hw4.yaml
"""


def assignment(
    spec: opt.Spec,
    output: opt.Output = None,
    force: opt.Force = False,
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Write a first assignment: what is asked, points, words and conventions, with comments to change them by.

    `check`, `grade` and `practice` take the file where they take a spec; `validate` checks it.
    """
    with diagnostics(error_format, output, force=force):
        demand(output, *SPECS, what="an assignment is YAML")
        from cnnspec.analysis.measure import measure
        from cnnspec.homework.assignment.first import first_assignment

        file = output if is_file(output) else None
        name = _beside(spec, file.parent if file else Path())
        shown = (file.stem, file.name) if file else ("homework", "homework.yaml")
        emit(first_assignment(measure(opt.load(spec, [], [], [])), name, *shown), output, force=force)


def _beside(spec: str, folder: Path) -> str:
    """Return how a file in a folder speaks of a spec: by the name of a bundled one, or by the path from there."""
    if spec == "-":
        raise UsageError.one("E702", "an assignment names its spec, and standard input has no name")
    if not Path(spec).is_file():
        return spec
    path = Path(os.path.relpath(spec, folder))
    if ".." in path.parts or path.is_absolute():
        message = f"`{shorten(spec, 80)}` does not lie beside the assignment"
        note = "the spec of an assignment lies beside it or in a folder below"
        raise UsageError.one("E702", message, notes=(note,), help="write it there with `-o`")
    return path.as_posix()
