"""Specs of earlier revisions: a file as git has it, with the files beside it that it names as networks."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

from cnnspec.errors import SpecError, printable, shorten
from cnnspec.ir.graph import Graph
from cnnspec.networks import Inputs, Others, built
from cnnspec.text.limits import STANDARD, Limits
from cnnspec.text.reader import decode

PATIENCE: Final = 20
"""Seconds that git may take to find a file."""


def load_revision(
    path: Path,
    revision: str,
    *,
    inputs: Inputs | None = None,
    params: Mapping[str, object] | None = None,
    limits: Limits = STANDARD,
) -> Graph:
    """Return the graph of a spec as it was in a revision of git: a commit, a branch, a tag, `HEAD~1`.

    Raises SpecError where git has no such file there, and with every fault of the spec.
    """
    read = partial(_read, revision=revision)
    source = decode(read(path, limits), f"{path}@{revision}", limits)
    return built(source, inputs, params, limits, Others(path.parent, limits, read))


def _read(path: Path, limits: Limits, revision: str) -> bytes:
    """Return a file of a revision; git is asked for the bytes alone, so that nothing of a repository is run."""
    if revision.startswith("-") or not revision:
        raise _missing(path, revision, "a revision is a commit, a branch, a tag, or `HEAD~1`")
    command = ["git", "-C", str(path.parent), "cat-file", "blob", f"{revision}:./{path.name}"]
    try:
        found = subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE)  # noqa: S603 - git, of which no hook and no filter runs
    except subprocess.TimeoutExpired:
        raise _missing(path, revision, f"git found nothing in {PATIENCE} seconds") from None
    except (OSError, ValueError) as error:
        raise _missing(path, revision, f"git cannot be run: {shorten(error)}") from None
    if found.returncode:
        words = found.stderr.decode("utf-8", "replace").strip().splitlines() or ["git does not say why"]
        raise _missing(path, revision, printable(shorten(words[0], 160)))
    return found.stdout[: limits.bytes + 1]


def _missing(path: Path, revision: str, note: str) -> SpecError:
    return SpecError.one(
        "E601",
        f"git has no `{shorten(path, 80)}` at `{shorten(revision)}`",
        notes=(note,),
        help="`git log --oneline -- FILE` lists the revisions of a file",
    )
