"""Runs as comma-separated values: a line for each run, whatever group it is of."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Final

from cnnspec.reports._format import TableFormat
from cnnspec.reports.csv import harmless
from cnnspec.training.overview.formats._rows import show_value
from cnnspec.training.overview.groups import Overview

FORMAT: Final = TableFormat(suffix=".csv", whole=True)
KEYS: Final = ("status", "epoch", "best_epoch", "accuracy", "loss", "params", "macs")


def render(overview: Overview) -> str:
    """Return raw numbers below a header; what is not known is empty."""
    names = [name for name in overview.differing if name not in ("network", "seed")]
    output = StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(["folder", "network", *map(harmless, names), "seed", *KEYS, "seconds"])
    for group in overview.groups:
        for run in group.runs:
            values = (run.settings.get(name) for name in (*names, "seed"))
            settings = ["" if value is None else harmless(show_value(value)) for value in values]
            numbers = [getattr(run, key) for key in KEYS]
            writer.writerow([harmless(run.folder), harmless(run.network), *settings, *numbers, round(run.seconds, 3)])
    return output.getvalue()
