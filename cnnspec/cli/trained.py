"""Options that the commands about trained networks share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cnnspec.cli.suffixes import TEXT, demand


class CheckpointOption(StrEnum):
    """The checkpoints of a run."""

    BEST = "best"
    LAST = "last"


class EvaluationFormat(StrEnum):
    """The formats of a result."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


SUFFIXES = {".json": EvaluationFormat.JSON, ".csv": EvaluationFormat.CSV}

Run = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="A run folder, `NAME/N` below `runs`, or NAME for its newest run with a checkpoint."
    ),
]
Checkpoint = Annotated[CheckpointOption, typer.Option("--checkpoint", help="The weights of the best or last epoch.")]
Invert = Annotated[
    bool, typer.Option("--invert", help="Swap bright and dark, for ink on paper where the network learned the reverse.")
]
FormatOption = Annotated[
    EvaluationFormat | None,
    typer.Option("--format", "-f", help="The format; that of the output's suffix, or a table, unless given."),
]


def chosen(format: EvaluationFormat | None, output: Path | None) -> EvaluationFormat:
    """Return the format that an option or the suffix of the output names."""
    if format is None:
        demand(output, *SUFFIXES, *TEXT, what="a result is a table, JSON or CSV")
    return format or SUFFIXES.get(output.suffix.lower() if output else "", EvaluationFormat.TABLE)
